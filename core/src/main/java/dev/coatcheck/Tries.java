package dev.coatcheck;

import java.time.Duration;
import java.util.function.Function;

/**
 * How often a commit was tried, and since when. All tries share the commit's 48 bits of the write id.
 *
 * @param count tries that lost, so far
 * @param startedAt by {@link System#nanoTime()}
 */
record Tries(long writeId, int count, long startedAt) {
    /** How long a commit is tried against others that write the same session. */
    private static final long PATIENCE = Duration.ofSeconds(2).toNanos();

    static Tries first(Protocol protocol) {
        return new Tries(WriteId.newCommit(protocol.random()), 0, System.nanoTime());
    }

    boolean outOfTime() {
        return System.nanoTime() - startedAt > PATIENCE;
    }

    /**
     * Waits and tries again.
     *
     * @throws SessionConflictException when the time is over
     */
    <R> Step<R> again(Protocol protocol, Function<Tries, Step<R>> then) {
        if (outOfTime()) {
            throw new SessionConflictException(
                    "The session was changed by others all the time: not stored after " + (count + 1) + " tries");
        }
        Tries next = new Tries(WriteId.newTry(writeId, protocol.random()), count + 1, startedAt);
        return new Step.Pause<>(protocol.pause(count), () -> then.apply(next));
    }
}
