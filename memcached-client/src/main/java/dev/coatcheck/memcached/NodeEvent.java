package dev.coatcheck.memcached;

/**
 * What happened to a node.
 *
 * @param kind what
 * @param node the node's name
 * @param reason why, in words, for logs
 */
public record NodeEvent(Kind kind, String node, String reason) {

    /** What can happen. */
    public enum Kind {
        /** It answers, for the first time or again. */
        UP,
        /** It does not answer, and its commands fail at once until it does. */
        DOWN,
        /** It answers as another process than before: what the old one held is gone, as a rule. */
        RESTARTED
    }
}
