package dev.coatcheck.store.appengine;

import com.google.appengine.api.datastore.Transaction;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.store.appengine.ApiFailure.Fate;
import org.jspecify.annotations.Nullable;

/** Changes of rows in Datastore, each in a transaction: it reads the row, and writes what is decided then. Safe for use by many threads. */
final class Transactions {
    private static final int TRIES = 5;

    private final Datastore datastore;
    private final ServiceState service;

    Transactions(Datastore datastore, ServiceState service) {
        this.datastore = datastore;
        this.service = service;
    }

    /** What the transactions of the same call before this one may have done. */
    enum Before {
        /** Nothing. */
        NOTHING,
        /** Nothing, says the service, since another one was faster; which is not always true. */
        CONTENDED,
        /** Nobody knows. */
        UNSURE;

        boolean isNothing() {
            return this == NOTHING;
        }
    }

    /** What is done about a row once it was read in a transaction. */
    interface Decision {
        /**
         * What is to follow.
         *
         * @param row null when there is none
         */
        Next on(@Nullable Row row, Before before);
    }

    /**
     * What follows.
     *
     * @param writes whether anything does
     * @param row to be stored; null to delete
     * @param outcome once that is done
     */
    record Next(boolean writes, @Nullable Row row, Outcome outcome) {
        static Next done(Outcome outcome) {
            return new Next(false, null, outcome);
        }

        static Next put(Row row) {
            return new Next(true, row, Outcome.STORED);
        }

        static Next delete() {
            return new Next(true, null, Outcome.GONE);
        }
    }

    /**
     * Reads and changes a row in a transaction. A commit that failed may have been one: the next try looks.
     *
     * @return {@link Outcome#UNKNOWN} when it may have been changed, or may still be
     * @throws ApiFailure when it was not, for certain
     */
    Outcome change(Key key, Deadline deadline, Decision decision) {
        Before before = Before.NOTHING;
        ApiFailure last = ApiFailure.late();
        for (int tries = 0; tries < TRIES; tries++) {
            Transaction transaction = null;
            try {
                transaction = datastore.begin(deadline);
                Next next = decision.on(datastore.get(transaction, key, deadline), before);
                if (!next.writes()) {
                    datastore.rollback(transaction);
                    return next.outcome();
                }
                write(transaction, key, next.row(), deadline);
                Before committed = commit(transaction, deadline);
                if (committed.isNothing()) {
                    service.wrote();
                    return next.outcome();
                }
                before = before == Before.UNSURE ? before : committed;
            } catch (ApiFailure e) {
                rollback(transaction);
                last = e;
                if (e.fate() != Fate.CONTENDED) {
                    break;
                }
            } catch (RuntimeException | Error e) {
                rollback(transaction);
                throw e;
            }
        }
        if (before.isNothing()) {
            throw last;
        }
        return Outcome.UNKNOWN;
    }

    /** What the application does on this thread is not to be part of it. */
    private void rollback(@Nullable Transaction transaction) {
        if (transaction != null) {
            datastore.rollback(transaction);
        }
    }

    private void write(Transaction transaction, Key key, @Nullable Row row, Deadline deadline) {
        if (row == null) {
            datastore.delete(transaction, key, deadline);
        } else {
            datastore.put(transaction, key, row, deadline);
        }
    }

    /** @return what is in doubt */
    private Before commit(Transaction transaction, Deadline deadline) {
        try {
            datastore.commit(transaction, deadline);
            return Before.NOTHING;
        } catch (ApiFailure e) {
            if (e.isCertain()) {
                throw e;
            }
            return e.fate() == Fate.CONTENDED ? Before.CONTENDED : Before.UNSURE;
        }
    }
}
