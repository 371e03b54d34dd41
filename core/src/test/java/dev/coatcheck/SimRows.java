package dev.coatcheck;

import dev.coatcheck.DurableSessionStore.Expired;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a database does with the statements on its table of sessions, each a transaction of its own. */
final class SimRows {
    private static final int KEPT_CHANGES = 4;

    final SimHost host = new SimHost("database");
    private final MovableClock clock;
    private final Watcher watcher;
    private final Map<Key, Row> rows = new TreeMap<>();
    private final Deque<Undo> undo = new ArrayDeque<>();

    /** Sees each change at the moment it happens. */
    interface Watcher {
        void changed(Key key, @Nullable Row before, @Nullable Row after, String why);
    }

    /** One session's row. */
    record Row(byte[] value, State state, Instant usedAt, Instant endsAt) {
        @Override
        public String toString() {
            return state.toString();
        }
    }

    /** What {@code WHERE} compares. */
    record State(long number, long writeId) implements Version {
        static State of(Envelope envelope) {
            return new State(envelope.version(), envelope.newestWrite());
        }

        @Override
        public String toString() {
            return "version " + number + " by " + Long.toHexString(writeId);
        }
    }

    private record Undo(Key key, @Nullable Row before) {}

    SimRows(MovableClock clock, Watcher watcher) {
        this.clock = clock;
        this.watcher = watcher;
    }

    /** What is there and has not expired; null for nothing. */
    @Nullable
    Row at(Key key) {
        Row row = rows.get(key);
        return row != null && clock.instant().isBefore(row.endsAt) ? row : null;
    }

    Optional<Stored> select(Key key) {
        return Optional.ofNullable(at(key))
                .map(row -> new Stored(row.value, row.state, Duration.between(row.usedAt, clock.instant())));
    }

    boolean insert(Key key, byte[] value, Duration lease) {
        if (rows.containsKey(key)) {
            return false;
        }
        put(key, row(value, lease), "insert");
        return true;
    }

    boolean update(Key key, byte[] value, Version seen, Duration lease) {
        Row row = at(key);
        boolean same = row != null && row.state.equals(seen);
        if (same) {
            put(key, row(value, lease), "update");
        }
        return same;
    }

    boolean renew(Key key, Version seen, Duration lease) {
        Row row = rows.get(key);
        boolean same = row != null && row.state.equals(seen);
        if (same) {
            Row renewed = row(row.value, lease);
            rows.put(key, renewed);
        }
        return same;
    }

    private Row row(byte[] value, Duration lease) {
        Instant now = clock.instant();
        return new Row(value, State.of(Envelope.of(value)), now, now.plus(lease).plusSeconds(1));
    }

    boolean delete(Key key) {
        return put(key, null, "delete");
    }

    Outcome delete(Key key, Version seen) {
        Row row = rows.get(key);
        if (row != null && row.state.equals(seen)) {
            put(key, null, "delete");
            return Outcome.GONE;
        }
        return at(key) == null ? Outcome.GONE : Outcome.CONFLICT;
    }

    List<Expired> expired() {
        return rows.entrySet().stream()
                .filter(row -> !clock.instant().isBefore(row.getValue().endsAt))
                .map(row -> new Expired(row.getKey(), row.getValue().state))
                .toList();
    }

    boolean sweep(Expired expired) {
        Row row = rows.get(expired.key());
        boolean same = row != null && row.state.equals(expired.version()) && at(expired.key()) == null;
        return same && put(expired.key(), null, "sweep");
    }

    private boolean put(Key key, @Nullable Row after, String why) {
        Row before = after == null ? rows.remove(key) : rows.put(key, after);
        if (before == null && after == null) {
            return false;
        }
        undo.addLast(new Undo(key, before));
        if (undo.size() > KEPT_CHANGES) {
            undo.removeFirst();
        }
        watcher.changed(key, before, after, why);
        return true;
    }

    /** A replica takes over that has not got the last changes. */
    void failOver(SimChance chance) {
        host.restart(clock.instant());
        for (int lost = chance.below(KEPT_CHANGES); lost > 0 && !undo.isEmpty(); lost--) {
            Undo last = undo.removeLast();
            Row before = last.before == null ? rows.remove(last.key) : rows.put(last.key, last.before);
            watcher.changed(last.key, before, last.before, "failover");
        }
    }
}
