package dev.coatcheck.chaos;

import java.util.List;
import java.util.concurrent.ExecutorService;

/** What all lives of a run share. */
final class World {
    private final long seed;
    private final List<AppNode> nodes;
    private final boolean mayLose;
    private final boolean oldIdsLinger;
    private final ShiftableClock clock;
    private final Tally tally;
    private final ExecutorService helpers;
    private final Moments moments = new Moments();
    private final Violations violations = new Violations();
    private final Losses losses = new Losses();
    private final OldTickets oldTickets = new OldTickets(this);

    /**
     * @param mayLose whether a session may be lost with a server's memory
     * @param oldIdsLinger whether the other application nodes may still show a session under its old id until a repair
     * @param helpers threads for requests of one session at the same time
     */
    World(
            long seed,
            List<AppNode> nodes,
            boolean mayLose,
            boolean oldIdsLinger,
            ShiftableClock clock,
            Tally tally,
            ExecutorService helpers) {
        this.seed = seed;
        this.nodes = List.copyOf(nodes);
        this.mayLose = mayLose;
        this.oldIdsLinger = oldIdsLinger;
        this.clock = clock;
        this.tally = tally;
        this.helpers = helpers;
    }

    long seed() {
        return seed;
    }

    List<AppNode> nodes() {
        return nodes;
    }

    boolean mayLose() {
        return mayLose;
    }

    boolean oldIdsLinger() {
        return oldIdsLinger;
    }

    ShiftableClock clock() {
        return clock;
    }

    Tally tally() {
        return tally;
    }

    ExecutorService helpers() {
        return helpers;
    }

    Moments moments() {
        return moments;
    }

    Violations violations() {
        return violations;
    }

    Losses losses() {
        return losses;
    }

    OldTickets oldTickets() {
        return oldTickets;
    }
}
