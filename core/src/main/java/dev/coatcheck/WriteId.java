package dev.coatcheck;

import java.security.SecureRandom;

/**
 * Names one write: 16 random bits of the try, then 48 of the commit. All tries of one commit share the 48 bits, so a record
 * tells whether a commit whose answer was lost has happened.
 */
final class WriteId {
    static final long COMMIT_BITS = (1L << 48) - 1;

    private WriteId() {}

    /** The first try of a new commit. */
    static long newCommit(SecureRandom random) {
        long id;
        do {
            id = random.nextLong();
        } while ((id & COMMIT_BITS) == 0);
        return id;
    }

    /** Another try of the same commit. */
    static long newTry(long writeId, SecureRandom random) {
        return random.nextLong() & ~COMMIT_BITS | writeId & COMMIT_BITS;
    }
}
