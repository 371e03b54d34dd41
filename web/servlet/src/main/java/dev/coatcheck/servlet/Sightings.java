package dev.coatcheck.servlet;

/**
 * When this process saw the tickets of live sessions, also by requests that did not touch their session, which the store
 * hears nothing of. Safe for use by many threads.
 */
final class Sightings {
    private static final int MOST = 10_000;

    private final Bounded<Seen> last = new Bounded<>(MOST);
    /** Stays false where the application uses its sessions by the typed API alone: then nobody asks, and nothing is noted. */
    private volatile boolean any;

    /**
     * One request, in milliseconds.
     *
     * @param began when it came
     * @param until when it last spoke to the store
     */
    record Seen(long began, long until) {
        /** Not by this process. */
        static final Seen NEVER = new Seen(0, 0);

        /** A store may count in whole seconds. */
        private static final long STORE_TICK = 1_000;

        /** When the request before the current one came, if the store was last touched then. */
        long lastAccess(long touched) {
            return touched > until + STORE_TICK ? touched : began;
        }
    }

    /** Whether there may be something to tell; if not, no request needs to read its ticket for it. */
    boolean any() {
        return any;
    }

    /** Notes a request, if its session was seen alive before; gives the request before it. */
    Seen next(String id, long now) {
        Seen[] before = {Seen.NEVER};
        last.change(id, known -> {
            before[0] = known == null ? Seen.NEVER : known;
            return known == null ? null : new Seen(now, now);
        });
        return before[0];
    }

    /** A request that came then had a live session at its end. */
    void alive(String id, long began, long until) {
        any = true;
        last.change(id, known -> known == null || known.began <= began ? new Seen(began, until) : known);
    }
}
