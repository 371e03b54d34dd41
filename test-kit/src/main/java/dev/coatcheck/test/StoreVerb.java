package dev.coatcheck.test;

/** The calls of a {@link dev.coatcheck.SessionStore} that can be counted, and that can fail. */
public enum StoreVerb {
    /** Reads and renews. */
    LOAD,
    /** Reads and renews, past the store's caches. */
    LOAD_FRESH,
    /** Reads without renewing. */
    PEEK,
    /** Stores under a new key. */
    CREATE,
    /** Stores in place of a version. */
    REPLACE,
    /** Ends a key. */
    END,
    /** Renews what was read without. */
    RENEW
}
