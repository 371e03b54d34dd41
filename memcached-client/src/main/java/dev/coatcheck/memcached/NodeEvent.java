package dev.coatcheck.memcached;

/**
 * What happened to a node, or to the list of them.
 *
 * @param kind what
 * @param node the node's name; empty when it is about the list
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
        RESTARTED,
        /** The list of nodes is another one now; the reason names who is new and who is gone. */
        LIST_CHANGED,
        /** The list of nodes stays as it was: what should tell it does not, or tells one that is refused. Once a reason. */
        LIST_REFUSED
    }
}
