package dev.coatcheck;

import java.util.List;
import java.util.stream.Stream;

/** What is done wrong on purpose, to see that the simulation finds it. */
enum SimFault {
    NONE(true, true),
    /** A write over whatever is there. */
    UNGUARDED_REPLACE(true, true),
    /** After a lost answer the old value is read and taken for the proof that nothing was written. */
    READ_AGAIN_AS_PROOF(true, false),
    /** A log-out whose answer was lost is called confirmed. */
    LOST_END_CONFIRMED(true, false),
    /** A server that cannot be asked has nothing. */
    AWAY_IS_ABSENT(true, false),
    /** A write that finds nothing makes the key anew. */
    CREATE_WHAT_IS_GONE(true, true),
    /** A write that finds another version goes over it. */
    LAST_WRITE_WINS(true, true),
    /** A write that finds nothing is called stored. */
    GONE_IS_STORED(true, false),
    /** That a server was away is remembered as an absence. */
    AWAY_REMEMBERED_AS_ABSENT(true, false),

    /** A refill that finds its claim gone makes the key anew. */
    REFILL_BY_ADD(false, true),
    /** A refill in place of what is there after the query, not of the claim that was there before. */
    FILL_BY_LATER_CAS(false, true),
    /** A log-out deletes in the cache, then the row, and leaves no lasting mark. */
    DELETE_IN_CACHE_FIRST(false, true),
    /** After a conflict the cache is read again, and not the row. */
    CACHE_AFTER_CONFLICT(false, true),
    /** The cache has forgotten a session: it is over. */
    GONE_OF_CACHE(false, true);

    private final boolean inOneCopy;
    private final boolean inTiers;

    SimFault(boolean inOneCopy, boolean inTiers) {
        this.inOneCopy = inOneCopy;
        this.inTiers = inTiers;
    }

    static List<SimFault> planted(boolean tiers) {
        return Stream.of(values())
                .filter(fault -> fault != NONE && (tiers ? fault.inTiers : fault.inOneCopy))
                .toList();
    }
}
