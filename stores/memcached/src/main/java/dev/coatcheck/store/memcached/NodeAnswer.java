package dev.coatcheck.store.memcached;

import org.jspecify.annotations.Nullable;

/** What a node answers to a {@link NodeRequest}, or why it does not. */
sealed interface NodeAnswer {

    /**
     * To a get: something is there.
     *
     * @param value empty where it was not asked for
     * @param secondsLeft of its lease, before it was renewed; less than 0: for ever
     */
    record Found(NodeState state, long flags, byte[] value, long secondsLeft) implements NodeAnswer {
        /** Hides the value. */
        @Override
        public String toString() {
            return "Found[" + value.length + " bytes]";
        }
    }

    /** To anything: nothing is there. */
    record Absent() implements NodeAnswer {}

    /**
     * It is done.
     *
     * @param state the new one; null where there is none, as of a delete
     */
    record Done(@Nullable NodeState state) implements NodeAnswer {}

    /** Something is there already, or another state than the one that was named. */
    record Other() implements NodeAnswer {}

    /** The server has no room. What was under the key may be gone. */
    record Refused() implements NodeAnswer {}

    /**
     * No answer.
     *
     * @param sent whether it may have happened, or may still
     * @param reason in words, for an exception
     */
    record Away(boolean sent, String reason) implements NodeAnswer {}
}
