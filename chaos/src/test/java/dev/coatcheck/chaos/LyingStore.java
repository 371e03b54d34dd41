package dev.coatcheck.chaos;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A store that tells one kind of lie, a few times in a hundred, and the truth otherwise. */
final class LyingStore implements SessionStore {
    private static final int ONE_OF = 20;

    private final SessionStore behind;
    private final Lie lie;
    private final AtomicLong calls = new AtomicLong();
    /** The last two states of each key. */
    private final Map<Key, Stored> last = new ConcurrentHashMap<>();

    private final Map<Key, Stored> beforeLast = new ConcurrentHashMap<>();

    /** @param lie one of others tells nothing here */
    LyingStore(SessionStore behind, Lie lie) {
        this.behind = behind;
        this.lie = lie;
    }

    private record Invented(long number) implements Version {}

    private boolean lies(Lie which) {
        return lie == which && calls.incrementAndGet() % ONE_OF == 0;
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        Optional<Stored> found = behind.load(key, lease);
        Stored before = beforeLast.get(key);
        Stored ended = last.get(key);
        if (found.isPresent() && lie == Lie.STALE && before != null && lies(Lie.STALE)) {
            return Optional.of(before);
        }
        if (found.isEmpty() && lie == Lie.REVIVED && ended != null && lies(Lie.REVIVED)) {
            return Optional.of(ended);
        }
        return found.isPresent() && lies(Lie.ABSENT) ? Optional.empty() : found;
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return behind.peek(key, lease);
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        return noted(key, value, behind.create(key, value, lease));
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        boolean mark = Envelope.of(value).kind().isTerminal();
        if (!(seen instanceof Invented) && (mark ? lies(Lie.UNMARKED) : lies(Lie.DROPPED))) {
            return Written.stored(new Invented(seen.number() + 1));
        }
        return noted(key, value, behind.replace(key, value, seen, lease));
    }

    private Written noted(Key key, byte[] value, Written written) {
        Version version = written.version();
        if (version != null) {
            Stored before = last.put(key, new Stored(value.clone(), version, Duration.ZERO));
            if (before != null) {
                beforeLast.put(key, before);
            }
        }
        return written;
    }

    @Override
    public boolean end(Key key, Instant until) {
        return behind.end(key, until);
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        return behind.end(key, seen, until);
    }

    @Override
    public boolean leavesProcess() {
        return behind.leavesProcess();
    }

    @Override
    public void close() {
        behind.close();
    }
}
