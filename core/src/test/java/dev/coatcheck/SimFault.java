package dev.coatcheck;

/** What is done wrong on purpose, to see that the simulation finds it. */
enum SimFault {
    NONE,
    /** A write over whatever is there. */
    UNGUARDED_REPLACE,
    /** After a lost answer the old value is read and taken for the proof that nothing was written. */
    READ_AGAIN_AS_PROOF,
    /** A log-out whose answer was lost is called confirmed. */
    LOST_END_CONFIRMED,
    /** A server that cannot be asked has nothing. */
    AWAY_IS_ABSENT,
    /** A write that finds nothing makes the key anew. */
    CREATE_WHAT_IS_GONE,
    /** A write that finds another version goes over it. */
    LAST_WRITE_WINS,
    /** A write that finds nothing is called stored. */
    GONE_IS_STORED,
    /** That a server was away is remembered as an absence. */
    AWAY_REMEMBERED_AS_ABSENT
}
