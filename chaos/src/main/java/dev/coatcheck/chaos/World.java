package dev.coatcheck.chaos;

import java.util.List;
import java.util.concurrent.ExecutorService;

/**
 * What all lives of a run share.
 *
 * @param mayLose whether a session may be lost with a server's memory
 * @param oldIdsLinger whether the other application nodes may still show a session under its old id until a repair
 * @param helpers threads for requests of one session at the same time
 */
record World(
        long seed,
        List<AppNode> nodes,
        boolean mayLose,
        boolean oldIdsLinger,
        ShiftableClock clock,
        Moments moments,
        Tally tally,
        Violations violations,
        Losses losses,
        OldTickets oldTickets,
        ExecutorService helpers) {

    static World of(
            long seed,
            List<AppNode> nodes,
            boolean mayLose,
            boolean oldIdsLinger,
            ShiftableClock clock,
            Tally tally,
            ExecutorService helpers) {
        Moments moments = new Moments();
        Violations violations = new Violations();
        return new World(
                seed,
                nodes,
                mayLose,
                oldIdsLinger,
                clock,
                moments,
                tally,
                violations,
                new Losses(),
                new OldTickets(clock, moments, tally, violations),
                helpers);
    }
}
