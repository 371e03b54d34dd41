package dev.coatcheck.servlet;

/**
 * When this process saw the tickets of live sessions, also by requests that did not touch their session, which the store
 * hears nothing of. Safe for use by many threads.
 */
final class Sightings {
    private static final int MOST = 10_000;

    private final Bounded<Long> last = new Bounded<>(MOST);

    /** Notes a request, if its session was seen alive before. When the one before it came; 0 when that is not known. */
    long next(String id, long now) {
        long[] before = {0};
        last.change(id, known -> {
            before[0] = known == null ? 0 : known;
            return known == null ? null : Long.valueOf(now);
        });
        return before[0];
    }

    /** A request turned out to have a live session, or made one. */
    void alive(String id, long now) {
        last.change(id, known -> known == null ? Long.valueOf(now) : known);
    }
}
