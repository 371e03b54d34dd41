package dev.coatcheck.memcached;

import org.jspecify.annotations.Nullable;

/**
 * A server's answer to one {@link Command}.
 *
 * @param status what happened
 * @param value the value, where it was asked for and found; else null. The caller's own
 * @param cas the number of the state, where it was asked for; else 0. 64 bits, unsigned
 * @param flags the client flags, where they were asked for; else 0
 * @param secondsLeft how long the value had still to live, where it was asked for; -1: for ever
 * @param won whether this very get has left a claim, as {@link Command#claim} asks for
 * @param server who gave the answer, and so whom a CAS number is good for
 */
public record Reply(
        Status status,
        byte @Nullable [] value,
        long cas,
        long flags,
        long secondsLeft,
        boolean won,
        ServerIdentity server) {

    /** What a server can say. */
    public enum Status {
        /** A get found something, a set stored, a delete deleted. */
        DONE,
        /** There is nothing under the key: of a get, a delete, or a set with {@link Command#ifCas}. */
        ABSENT,
        /** Something is under the key already: of a set with {@link Command#create()}. */
        NOT_STORED,
        /** Another state is under the key: of a command with {@link Command#ifCas}. */
        EXISTS
    }

    /** Without the value. */
    @Override
    public String toString() {
        return "Reply[" + status + (value == null ? "]" : ", " + value.length + " bytes]");
    }
}
