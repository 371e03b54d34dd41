package dev.coatcheck.chaos;

import java.util.Arrays;
import java.util.List;

/** What happens to a server, or to the way to it. One at a time. */
enum Fault {
    /** A memcached is killed and comes back empty, later. */
    KILLED,
    /** A memcached is killed and comes back empty, at once. */
    RESTARTED,
    /** A memcached stands still; what it was sent meanwhile it does afterwards. */
    FROZEN,
    /** One application node cannot connect to a memcached. */
    CUT_OFF,
    /** One application node hears nothing of a memcached, which gets what it was sent afterwards. */
    SILENT,
    /** One application node hears nothing of a memcached, which does what it is sent. */
    ANSWERS_LOST,
    /** One application node cannot connect to the database. */
    DATABASE_CUT_OFF,
    /** One application node hears nothing of the database, which gets what it was sent afterwards. */
    DATABASE_SILENT;

    /** All that can happen at a place. */
    static List<Fault> at(Place place) {
        return Arrays.stream(values())
                .filter(fault -> place.database || !fault.isOfDatabase())
                .toList();
    }

    private boolean isOfDatabase() {
        return this == DATABASE_CUT_OFF || this == DATABASE_SILENT;
    }

    /** Whether it leaves a memcached without what it had. */
    boolean empties() {
        return this == KILLED || this == RESTARTED;
    }
}
