package dev.coatcheck.chaos;

/** A value of a session that a request puts in place of another. */
enum Register {
    FIRST,
    SECOND,
    /** Two attributes that are always set together. */
    PAIR,
    GIFT,
    USER
}
