package dev.coatcheck.cli;

import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedException;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.ServerInfo;

/** A node of memcached. */
record Node(MemcachedNode node) implements Part {

    @Override
    public String name() {
        return "memcached " + node.name();
    }

    @Override
    public String version() {
        ServerInfo server = node.server();
        return server == null ? "-" : server.version();
    }

    @Override
    public String ask() {
        try {
            var ignored = node.execute(Command.get("coatcheck-ping:" + Part.strangeKey()));
            return "";
        } catch (MemcachedException e) {
            return Complaint.reason(e);
        }
    }

    @Override
    public String note() {
        ServerInfo server = node.server();
        return server == null
                ? ""
                : "items of up to " + server.maxItemBytes() + " bytes; "
                        + (server.evicts() ? "evicts when it is full" : "refuses when it is full");
    }
}
