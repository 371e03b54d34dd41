package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Keeps each session at two nodes, so that one of them may go and come back: with three nodes or more nothing is lost and
 * nothing old is shown while one is away at a time. {@link CopyReads}, {@link CopyWrites} and {@link CopyEnds} are the rules.
 *
 * <p>Safe for use by many threads, virtual ones too; holds no lock.
 */
final class TwoCopies implements Copies {
    private final Parts parts;
    private final CopyLives lives;
    private final CopyHints hints = new CopyHints();
    private final CopyDelivery delivery;

    TwoCopies(Parts parts) {
        this.parts = parts;
        lives = new CopyLives(parts.clock());
        delivery = new CopyDelivery(parts, lives, hints);
    }

    /** One call: the key's nodes as they are now. */
    private final class Call {
        final Key key;
        final CopyNodes nodes;
        final CopyHints.OfKey missed;

        Call(Key key) {
            this.key = key;
            nodes = CopyNodes.of(parts, key, hints);
            missed = hints.of(key, nodes);
        }

        <R> R run(CopyStep<R> step) {
            return new CopyDriver(parts.name(key), nodes.nodes(), parts.client().timeout(), parts.clock()).run(step);
        }
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        return read(key, lease, true);
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        return read(key, lease, false);
    }

    private Optional<Stored> read(Key key, Duration lease, boolean renew) {
        Call call = new Call(key);
        return call.run(new CopyReads(call.nodes, lives, call.missed, lease, renew).load());
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        Call call = new Call(key);
        return told(call, call.run(writes(call, value, lease).create()));
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        Call call = new Call(key);
        return told(call, call.run(writes(call, value, lease).replace(seen)));
    }

    private CopyWrites writes(Call call, byte[] value, Duration lease) {
        parts.mustFit(value);
        return new CopyWrites(call.nodes, lives, call.missed, value.clone(), lease);
    }

    private Written told(Call call, Written written) {
        if (call.missed.anyMissed()) {
            parts.tell(SessionEvent.Kind.DEGRADED, call.key);
        }
        return written;
    }

    @Override
    public boolean end(Key key, Instant until) {
        mustBeOpen();
        Call call = new Call(key);
        return call.run(new CopyEnds(call.nodes, lives, call.missed, until).end());
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        mustBeOpen();
        Call call = new Call(key);
        return call.run(new CopyEnds(call.nodes, lives, call.missed, until).end(seen));
    }

    private void mustBeOpen() {
        if (parts.isClosed()) {
            throw CopyStep.unavailable("it is closed");
        }
    }

    @Override
    public CopyStats stats() {
        return hints.stats();
    }

    @Override
    public void close() {
        delivery.close();
        parts.close();
    }
}
