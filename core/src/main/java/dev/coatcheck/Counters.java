package dev.coatcheck;

import java.util.concurrent.atomic.LongAdder;

/** What {@link SessionManager#stats()} tells. */
final class Counters {
    final LongAdder created = new LongAdder();
    final LongAdder rotated = new LongAdder();
    final LongAdder loggedOut = new LongAdder();
    final LongAdder signedOut = new LongAdder();
    final LongAdder expired = new LongAdder();
    final LongAdder loads = new LongAdder();
    final LongAdder writes = new LongAdder();
    final LongAdder absent = new LongAdder();
    final LongAdder remembered = new LongAdder();
    final LongAdder conflicts = new LongAdder();
    final LongAdder overwritten = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder corrupt = new LongAdder();
    final LongAdder undecodable = new LongAdder();
    final LongAdder unavailable = new LongAdder();
    final LongAdder unconfirmed = new LongAdder();

    SessionStats snapshot() {
        return new SessionStats(
                created.sum(),
                rotated.sum(),
                loggedOut.sum(),
                signedOut.sum(),
                expired.sum(),
                loads.sum(),
                writes.sum(),
                absent.sum(),
                remembered.sum(),
                conflicts.sum(),
                overwritten.sum(),
                dropped.sum(),
                rejected.sum(),
                duplicates.sum(),
                corrupt.sum(),
                undecodable.sum(),
                unavailable.sum(),
                unconfirmed.sum());
    }
}
