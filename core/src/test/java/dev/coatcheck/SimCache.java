package dev.coatcheck;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A memcached as the cache of two tiers. Each verb begins its command and leaves; the answer comes later. */
final class SimCache implements SessionCache {
    private final SimMemcached memcached;
    private @Nullable Consumer<Step.Answer<Object>> then;

    SimCache(SimMemcached memcached) {
        this.memcached = memcached;
    }

    /** Asks by one verb. */
    @SuppressWarnings("unchecked")
    <T> void ask(Function<SessionCache, T> call, Consumer<Step.Answer<T>> answered) {
        then = answer -> answered.accept((Step.Answer<T>) answer);
        try {
            T answer = call.apply(this);
            throw new IllegalStateException("An answer without a command: " + answer);
        } catch (SimBegun begun) {
            // its answer comes
        }
    }

    @SuppressWarnings("unchecked")
    private <A> SimBegun begin(Consumer<Consumer<Step.Answer<A>>> verb) {
        Consumer<Step.Answer<Object>> whenAnswered = Objects.requireNonNull(then);
        then = null;
        verb.accept(answer -> whenAnswered.accept((Step.Answer<Object>) answer));
        return new SimBegun();
    }

    @Override
    public Cached claim(Key key, Duration lease) {
        throw this.<Cached>begin(answered -> memcached.claim(key, lease, answered));
    }

    @Override
    public Optional<Cached> see(Key key, Duration lease) {
        throw this.<Optional<Cached>>begin(answered -> memcached.see(key, lease, answered));
    }

    @Override
    public boolean bury(Key key, Instant until) {
        throw this.<Boolean>begin(
                answered -> memcached.bury(key, until, done -> answered.accept(SimStore.answer(done))));
    }

    @Override
    public Duration steadyFor(Key key) {
        return memcached.steadyFor();
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        throw new UnsupportedOperationException("Two tiers claim");
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        throw new UnsupportedOperationException("Two tiers see");
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        throw this.<Written>begin(answered -> memcached.create(key, value, lease, answered));
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        throw this.<Written>begin(answered -> memcached.replace(key, value, seen, lease, answered));
    }

    @Override
    public boolean end(Key key, Instant until) {
        throw this.<Boolean>begin(
                answered -> memcached.end(key, until, done -> answered.accept(SimStore.answer(done))));
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        throw this.<Outcome>begin(
                answered -> memcached.end(key, seen, until, outcome -> answered.accept(SimStore.answer(outcome))));
    }

    @Override
    public boolean leavesProcess() {
        return true;
    }

    @Override
    public void close() {}
}
