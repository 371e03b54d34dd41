package dev.coatcheck.test;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A small store that is right but for the faults it was given. One lock, so that races show planted faults only. */
final class PlantedFaults implements SessionStore {

    enum Fault {
        ABSENT_KEY_IS_PRESENT,
        CREATE_OVERWRITES,
        REPLACE_OVERWRITES,
        REPLACE_CREATES,
        REPLACE_IS_LOST,
        REPLACE_IS_NOT_ATOMIC,
        CREATE_IS_NOT_ATOMIC,
        LOAD_CHANGES_THE_VERSION,
        VERSIONS_START_AT_ZERO,
        VERSIONS_ARE_NUMBERS_ALONE,
        END_IS_LOST,
        END_OF_NOTHING_FAILS,
        END_TAKES_ALL,
        END_OF_ANY_VERSION,
        ENDED_KEYS_ARE_REVIVED,
        KEYS_IGNORE_CASE,
        LAST_BYTE_IS_LOST,
        SHARES_WRITTEN_ARRAYS,
        SHARES_LOADED_ARRAYS,
        LEASES_NEVER_END,
        EXPIRED_IS_REPLACED,
        LOAD_RENEWS_NOTHING,
        FRESH_LOAD_RENEWS_NOTHING,
        PEEK_RENEWS,
        REPLACE_KEEPS_THE_LEASE,
        IDLE_IS_ALWAYS_ZERO,
        IDLE_COUNTS_FROM_THE_WRITE,
        MONTHS_ARE_DATES,
        SHORT_LEASES_ARE_FOR_EVER,
        TERMINAL_KINDS_ARE_RENEWED,
        CLOSED_STORE_ANSWERS,
        LEAVES_WHEN_CLOSED,
        TEXT_SHOWS_KEYS,
        NODES_ARE_APART
    }

    /** For another caller to come. */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private record Entry(byte[] value, PlantedVersion version, Instant usedAt, Instant endsAt, Duration lease) {}

    private record PlantedVersion(long number, long stamp) implements Version {
        @Override
        public String toString() {
            return "Version[hidden]";
        }
    }

    private static final Duration MONTH = Duration.ofDays(30);

    private final Set<Fault> faults;
    private final FakeClock clock;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Thread opener = Thread.currentThread();
    private long stamps;
    private int looks;
    private boolean closed;

    PlantedFaults(FakeClock clock, Fault... faults) {
        this.clock = clock;
        this.faults = Set.of(faults);
    }

    private boolean has(Fault fault) {
        return faults.contains(fault);
    }

    private String name(Key key) {
        return has(Fault.KEYS_IGNORE_CASE) ? key.text().toLowerCase(Locale.ROOT) : key.text();
    }

    private Entry live(Key key) {
        if (closed && !has(Fault.CLOSED_STORE_ANSWERS)) {
            throw new SessionUnavailableException("closed", null);
        }
        Entry entry = entries.get(name(key));
        boolean over = entry != null && !clock.instant().isBefore(entry.endsAt);
        return over && !has(Fault.LEASES_NEVER_END) ? null : entry;
    }

    private Entry entry(byte[] value, PlantedVersion version, Duration lease) {
        byte[] kept = has(Fault.SHARES_WRITTEN_ARRAYS) ? value : value.clone();
        if (has(Fault.LAST_BYTE_IS_LOST)) {
            kept[kept.length - 1] = 0;
        }
        return new Entry(kept, version, clock.instant(), endOf(lease), lease);
    }

    private Instant endOf(Duration lease) {
        if (has(Fault.MONTHS_ARE_DATES) && lease.compareTo(MONTH) > 0) {
            return Instant.ofEpochSecond(lease.toSeconds());
        }
        if (has(Fault.SHORT_LEASES_ARE_FOR_EVER) && lease.toSeconds() == 0) {
            return Instant.MAX;
        }
        return clock.instant().plus(lease);
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        return load(key, lease, !has(Fault.LOAD_RENEWS_NOTHING));
    }

    @Override
    public Optional<Stored> loadFresh(Key key, Duration lease) {
        return load(key, lease, !has(Fault.FRESH_LOAD_RENEWS_NOTHING));
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return load(key, lease, has(Fault.PEEK_RENEWS));
    }

    private synchronized Optional<Stored> load(Key key, Duration lease, boolean renews) {
        Entry entry = live(key);
        if (entry == null) {
            return has(Fault.ABSENT_KEY_IS_PRESENT)
                    ? Optional.of(new Stored(new byte[80], new PlantedVersion(1, 0), Duration.ZERO))
                    : Optional.empty();
        }
        Instant now = clock.instant();
        boolean keeps = Envelope.of(entry.value).kind().isTerminal() && !has(Fault.TERMINAL_KINDS_ARE_RENEWED);
        PlantedVersion version = has(Fault.LOAD_CHANGES_THE_VERSION)
                ? new PlantedVersion(entry.version.number, ++stamps)
                : entry.version;
        boolean touched = renews && !has(Fault.IDLE_COUNTS_FROM_THE_WRITE);
        entries.put(
                name(key),
                new Entry(
                        entry.value,
                        version,
                        touched ? now : entry.usedAt,
                        keeps || !renews ? entry.endsAt : endOf(lease),
                        lease));
        Duration idle = has(Fault.IDLE_IS_ALWAYS_ZERO) ? Duration.ZERO : Duration.between(entry.usedAt, now);
        return Optional.of(
                new Stored(has(Fault.SHARES_LOADED_ARRAYS) ? entry.value : entry.value.clone(), version, idle));
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        if (has(Fault.CREATE_IS_NOT_ATOMIC)) {
            synchronized (this) {
                if (live(key) != null) {
                    return Written.not(Outcome.EXISTS);
                }
            }
            letOthersBetween();
        }
        synchronized (this) {
            if (live(key) != null && !has(Fault.CREATE_OVERWRITES) && !has(Fault.CREATE_IS_NOT_ATOMIC)) {
                return Written.not(Outcome.EXISTS);
            }
            Entry entry = entry(value, new PlantedVersion(has(Fault.VERSIONS_START_AT_ZERO) ? 0 : 1, ++stamps), lease);
            entries.put(name(key), entry);
            return Written.stored(entry.version);
        }
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        if (has(Fault.REPLACE_IS_NOT_ATOMIC)) {
            Optional<Written> refused;
            synchronized (this) {
                refused = refused(key, seen);
            }
            letOthersBetween();
            if (refused.isPresent()) {
                return refused.get();
            }
        }
        synchronized (this) {
            Optional<Written> refused = refused(key, seen);
            if (refused.isPresent() && !has(Fault.REPLACE_IS_NOT_ATOMIC)) {
                return refused.get();
            }
            Entry old = entries.get(name(key));
            PlantedVersion next = new PlantedVersion(seen.number() + 1, old == null ? ++stamps : old.version.stamp);
            Entry entry = entry(value, next, lease);
            if (has(Fault.REPLACE_KEEPS_THE_LEASE) && old != null) {
                entry = new Entry(entry.value, next, entry.usedAt, old.endsAt, old.lease);
            }
            if (!has(Fault.REPLACE_IS_LOST)) {
                entries.put(name(key), entry);
            }
            return Written.stored(next);
        }
    }

    private Optional<Written> refused(Key key, Version seen) {
        Entry old = has(Fault.EXPIRED_IS_REPLACED) ? entries.get(name(key)) : live(key);
        if (old == null) {
            boolean creates = has(Fault.REPLACE_CREATES) || has(Fault.ENDED_KEYS_ARE_REVIVED) && seen.number() > 1;
            return creates ? Optional.empty() : Optional.of(Written.not(Outcome.GONE));
        }
        boolean fits =
                has(Fault.VERSIONS_ARE_NUMBERS_ALONE) ? old.version.number == seen.number() : old.version.equals(seen);
        return fits || has(Fault.REPLACE_OVERWRITES) ? Optional.empty() : Optional.of(Written.not(Outcome.CONFLICT));
    }

    @Override
    public synchronized boolean end(Key key, Instant until) {
        boolean was = live(key) != null;
        if (has(Fault.END_TAKES_ALL)) {
            entries.clear();
        } else if (!has(Fault.END_IS_LOST)) {
            entries.remove(name(key));
        }
        return was || !has(Fault.END_OF_NOTHING_FAILS);
    }

    @Override
    public synchronized Outcome end(Key key, Version seen, Instant until) {
        Entry old = live(key);
        if (old != null && !old.version.equals(seen) && !has(Fault.END_OF_ANY_VERSION)) {
            return Outcome.CONFLICT;
        }
        return end(key, until) ? Outcome.GONE : Outcome.UNKNOWN;
    }

    @Override
    public boolean leavesProcess() {
        return closed && has(Fault.LEAVES_WHEN_CLOSED);
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public String toString() {
        return has(Fault.TEXT_SHOWS_KEYS) ? entries.keySet().toString() : "PlantedFaults" + faults;
    }

    /** Keeps the window between check and act open until somebody else has looked through it; not for a thread that is alone. */
    private synchronized void letOthersBetween() {
        if (Thread.currentThread() == opener) {
            return;
        }
        int mine = ++looks;
        notifyAll();
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (long left = PATIENCE.toNanos(); looks == mine && left > 0; left = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
