package dev.coatcheck;

import dev.coatcheck.SimNetwork.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A database as an application's process uses it. Each verb begins its statement and leaves; the answer comes later. */
final class SimDatabase implements DurableSessionStore {
    private final SimRows rows;
    private final SimNetwork network;
    private final SimLife caller;
    private @Nullable Consumer<Step.Answer<Object>> then;

    SimDatabase(SimRows rows, SimNetwork network, SimLife caller) {
        this.rows = rows;
        this.network = network;
        this.caller = caller;
    }

    /** Asks by one verb. */
    @SuppressWarnings("unchecked")
    <T> void ask(Function<DurableSessionStore, T> call, Consumer<Step.Answer<T>> answered) {
        then = answer -> answered.accept((Step.Answer<T>) answer);
        try {
            T answer = call.apply(this);
            throw new IllegalStateException("An answer without a statement: " + answer);
        } catch (SimBegun begun) {
            // its answer comes
        }
    }

    private <A> SimBegun begin(String verb, Key key, Supplier<A> statement, Function<Reply<A>, Step.Answer<?>> answer) {
        Consumer<Step.Answer<Object>> whenAnswered = taken();
        send(verb, key, statement, reply -> whenAnswered.accept(untyped(answer.apply(reply))));
        return new SimBegun();
    }

    private Consumer<Step.Answer<Object>> taken() {
        Consumer<Step.Answer<Object>> whenAnswered = Objects.requireNonNull(then);
        then = null;
        return whenAnswered;
    }

    @SuppressWarnings("unchecked")
    private static Step.Answer<Object> untyped(Step.Answer<?> answer) {
        return (Step.Answer<Object>) answer;
    }

    private <A> void send(String verb, Key key, Supplier<A> statement, Consumer<Reply<A>> answered) {
        network.send(rows.host, verb + " " + SimHistory.name(key), caller, statement, answered);
    }

    private static <A> Step.Answer<A> orAway(Reply<A> reply) {
        return reply.answer() == null ? SimStore.away() : SimStore.answer(reply.answer());
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        throw new UnsupportedOperationException("Two tiers renew by themselves");
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        throw begin("SELECT", key, () -> rows.select(key), SimDatabase::orAway);
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        throw begin(
                "INSERT", key, () -> rows.insert(key, value, lease), reply -> written(value, reply, Outcome.EXISTS));
    }

    private static Step.Answer<Written> written(byte[] value, Reply<Boolean> reply, Outcome otherwise) {
        if (reply.answer() == null) {
            return reply.sent() ? SimStore.answer(Written.not(Outcome.UNKNOWN)) : SimStore.away();
        }
        return SimStore.answer(
                reply.answer() ? Written.stored(SimRows.State.of(Envelope.of(value))) : Written.not(otherwise));
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        Consumer<Step.Answer<Object>> whenAnswered = taken();
        String verb = "UPDATE to version " + Envelope.of(value).version() + " of";
        this.<Boolean>send(verb, key, () -> rows.update(key, value, seen, lease), reply -> {
            if (Boolean.FALSE.equals(reply.answer())) {
                this.<Boolean>send("SELECT whether there is", key, () -> rows.at(key) != null, there -> {
                    Step.Answer<Written> answer = there.answer() == null
                            ? SimStore.away()
                            : SimStore.answer(Written.not(there.answer() ? Outcome.CONFLICT : Outcome.GONE));
                    whenAnswered.accept(untyped(answer));
                });
            } else {
                whenAnswered.accept(untyped(written(value, reply, Outcome.CONFLICT)));
            }
        });
        throw new SimBegun();
    }

    @Override
    public boolean end(Key key, Instant until) {
        throw begin("DELETE", key, () -> rows.delete(key), reply -> SimStore.answer(reply.answer() != null));
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        throw begin(
                "DELETE version " + seen.number() + " of",
                key,
                () -> rows.delete(key, seen),
                reply -> SimStore.answer(reply.answer() == null ? Outcome.UNKNOWN : reply.answer()));
    }

    @Override
    public Version version(Envelope envelope) {
        return SimRows.State.of(envelope);
    }

    @Override
    public boolean renew(Key key, Version seen, Duration lease) {
        throw begin("renew", key, () -> rows.renew(key, seen, lease), SimDatabase::orAway);
    }

    @Override
    public List<Expired> expired(int limit) {
        throw new UnsupportedOperationException("The schedule says what is swept");
    }

    @Override
    public boolean sweep(Expired expired) {
        throw begin("sweep", expired.key(), () -> rows.sweep(expired), SimDatabase::orAway);
    }

    @Override
    public boolean leavesProcess() {
        return true;
    }

    @Override
    public void close() {}
}
