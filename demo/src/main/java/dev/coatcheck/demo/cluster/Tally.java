package dev.coatcheck.demo.cluster;

import java.util.concurrent.atomic.LongAdder;

/** The answers that the users of the traffic got. Safe for use by many threads. */
final class Tally {
    private final int users;
    final LongAdder ok = new LongAdder();
    /** The site could not tell, and said so. */
    final LongAdder unavailable = new LongAdder();
    /** A page showed the session as it was before something that had been acknowledged. */
    final LongAdder stale = new LongAdder();
    /** The session was no longer there. */
    final LongAdder lost = new LongAdder();

    Tally(int users) {
        this.users = users;
    }

    int users() {
        return users;
    }

    @Override
    public String toString() {
        return "traffic of " + users + (users == 1 ? " user: " : " users: ") + ok + " ok, " + unavailable
                + " unavailable, " + stale + " stale, " + lost + " lost";
    }
}
