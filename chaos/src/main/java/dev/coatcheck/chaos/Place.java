package dev.coatcheck.chaos;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where sessions are kept in a run, and what is promised there. */
enum Place {
    /** A session is on one of three nodes: lost with its memory, never older than it was, and out of reach while it is away. */
    ONE_COPY(3, false, "", true, false),
    /** Two nodes in front of a database: nothing is lost. What docs/tiered.md says of old ids while memcached is away holds. */
    TWO_TIERS(2, true, "", false, true),
    /** A session is on two of three nodes, of which one at a time is away: nothing is lost. */
    TWO_COPIES(3, false, "&copies=2", false, false);

    final int memcacheds;
    final boolean database;
    /** More options of the memcacheds' URL. */
    final String options;

    final boolean mayLose;
    final boolean oldIdsLinger;

    Place(int memcacheds, boolean database, String options, boolean mayLose, boolean oldIdsLinger) {
        this.memcacheds = memcacheds;
        this.database = database;
        this.options = options;
        this.mayLose = mayLose;
        this.oldIdsLinger = oldIdsLinger;
    }

    /** As on the command line: {@code two-tiers}. */
    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Place> of(String text) {
        return Stream.of(values()).filter(place -> place.text().equals(text)).findFirst();
    }

    static String texts() {
        return Stream.of(values()).map(Place::text).collect(Collectors.joining(", "));
    }
}
