package dev.coatcheck.memcached;

/** Is told when a node comes, goes or is another process, and when the list of nodes changes. What it throws is logged and stops nothing. Called from the client's own threads: it must not block. */
@FunctionalInterface
public interface NodeListener {
    /** Something happened to a node, or to the list of them. */
    void on(NodeEvent event);
}
