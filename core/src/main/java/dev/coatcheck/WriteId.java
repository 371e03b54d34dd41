package dev.coatcheck;

import java.security.SecureRandom;
import java.util.List;

/**
 * Names one write: 16 random bits of the try, then 48 of the commit. All tries of one commit share the 48 bits, so a record
 * tells whether a commit whose answer was lost has happened.
 */
final class WriteId {
    static final long COMMIT_BITS = (1L << 48) - 1;

    /** Of a good source two are alike once in 65,536 times. */
    private static final int MAX_DRAWS = 16;

    private WriteId() {}

    /** The first try of a new commit. */
    static long newCommit(SecureRandom random) {
        long id;
        do {
            id = random.nextLong();
        } while ((id & COMMIT_BITS) == 0);
        return id;
    }

    /**
     * Another try of the same commit. A late one of the others may still happen, so that it must not be taken for this one.
     *
     * @param before all tries so far
     */
    static long newTry(List<Long> before, SecureRandom random) {
        long id;
        int draws = 0;
        do {
            id = random.nextLong() & ~COMMIT_BITS | before.get(0) & COMMIT_BITS;
        } while (before.contains(id) && ++draws < MAX_DRAWS);
        return id;
    }
}
