package dev.coatcheck.store.jdbc;

import java.sql.Connection;

/** Where connections come from. May be used by many threads. */
interface ConnectionSource extends AutoCloseable {

    /** A connection that commits each statement by itself, for one thread. */
    Lent take() throws DatabaseException;

    /** Closes what is its own. What is lent is closed when it is given back. */
    @Override
    void close();

    /** A connection in use. */
    interface Lent {
        Connection connection();

        /** Ends its use. */
        void giveBack(Condition condition);
    }

    /** What a connection is good for after its use. */
    enum Condition {
        /** It may be used again. */
        GOOD,
        /** It may be talked to, but a new one may lead to a better server. */
        STALE,
        /** It must not be talked to. */
        BROKEN
    }
}
