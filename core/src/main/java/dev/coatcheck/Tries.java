package dev.coatcheck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * How often a commit was tried, and since when. All tries share the commit's 48 bits of the write id.
 *
 * @param writeIds the newest first; those behind it lost
 * @param startedAt by {@link System#nanoTime()}
 */
record Tries(List<Long> writeIds, long startedAt) {
    /** How long a commit is tried against others that write the same session. */
    private static final long PATIENCE = Duration.ofSeconds(2).toNanos();

    static Tries first(Protocol protocol) {
        return new Tries(List.of(WriteId.newCommit(protocol.random())), System.nanoTime());
    }

    long writeId() {
        return writeIds.get(0);
    }

    /** Tries that lost, so far. */
    int count() {
        return writeIds.size() - 1;
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
                    "The session was changed by others all the time: not stored after " + (count() + 1) + " tries");
        }
        List<Long> ids = new ArrayList<>(List.of(WriteId.newTry(writeIds, protocol.random())));
        ids.addAll(writeIds);
        Tries next = new Tries(ids, startedAt);
        return new Step.Pause<>(protocol.pause(count()), () -> then.apply(next));
    }
}
