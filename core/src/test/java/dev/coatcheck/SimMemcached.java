package dev.coatcheck;

import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.SimMemory.Got;
import dev.coatcheck.SimMemory.Item;
import dev.coatcheck.SimMemory.Status;
import dev.coatcheck.SimNetwork.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One copy in a memcached, as an application's process uses it: each verb is one command, as in the real store. */
final class SimMemcached implements SimStore {
    private static final Duration CLAIM = Duration.ofSeconds(5);

    private final SimMemory memory;
    private final SimNetwork network;
    private final SimLife caller;
    private final MovableClock clock;
    private final SimFault fault;
    private final Set<Key> thoughtAbsent = new HashSet<>();
    private Instant disturbedAt;

    SimMemcached(SimMemory memory, SimNetwork network, SimLife caller, MovableClock clock, SimFault fault) {
        this.memory = memory;
        this.network = network;
        this.caller = caller;
        this.clock = clock;
        this.fault = fault;
        disturbedAt = clock.instant(); // before it was opened nobody looked
    }

    /** How long it has answered without a break and as the same process. */
    Duration steadyFor() {
        Instant since = memory.host.startedAt();
        since = since.isAfter(disturbedAt) ? since : disturbedAt;
        return Duration.between(since, clock.instant());
    }

    /** Good for one process of the server. */
    record Seen(long number, long cas, int process) implements Version {}

    /** The client flags, of which the number is all that counts here. */
    static long flags(byte[] value) {
        return Envelope.of(value).version();
    }

    private <A> void send(String verb, Key key, Supplier<A> command, Consumer<Reply<A>> then) {
        network.send(memory.host, verb + " " + SimHistory.name(key), caller, command, reply -> {
            if (reply.answer() == null) {
                disturbedAt = clock.instant();
            }
            then.accept(reply);
        });
    }

    /** What may be repeated is repeated once. */
    private <A> void sendTwice(String verb, Key key, Supplier<A> command, Consumer<Reply<A>> then) {
        send(verb, key, command, reply -> {
            if (reply.answer() == null && reply.sent()) {
                send(verb + " again", key, command, then);
            } else {
                then.accept(reply);
            }
        });
    }

    @Override
    public void load(Key key, Duration lease, boolean fresh, Consumer<Step.Answer<Optional<Stored>>> then) {
        if (thoughtAbsent.contains(key)) {
            then.accept(SimStore.answer(Optional.empty()));
            return;
        }
        this.<Got>sendTwice("load", key, () -> memory.touch(key, lease), reply -> {
            Got got = reply.answer();
            if (got == null) {
                then.accept(away(key));
            } else {
                cut(key, got, lease, cached -> then.accept(value(cached)));
            }
        });
    }

    private static Step.Answer<Optional<Stored>> value(Step.Answer<Optional<Cached>> answer) {
        return answer.value() == null
                ? new Step.Answer<>(null, answer.unavailable())
                : SimStore.answer(answer.value()
                        .flatMap(cached ->
                                cached instanceof Cached.Found found ? Optional.of(found.stored()) : Optional.empty()));
    }

    void claim(Key key, Duration lease, Consumer<Step.Answer<Cached>> then) {
        this.<Got>sendTwice("claim", key, () -> memory.claim(key, lease, CLAIM), reply -> {
            Got got = reply.answer();
            if (got == null) {
                then.accept(SimStore.away());
            } else {
                cut(
                        key,
                        got,
                        lease,
                        cached -> then.accept(
                                cached.value() == null
                                        ? SimStore.away()
                                        : SimStore.answer(cached.value().orElseThrow())));
            }
        });
    }

    void see(Key key, Duration lease, Consumer<Step.Answer<Optional<Cached>>> then) {
        this.<Got>sendTwice(
                "see",
                key,
                () -> memory.get(key),
                reply -> then.accept(
                        reply.answer() == null ? SimStore.away() : SimStore.answer(cached(reply.answer(), lease))));
    }

    void bury(Key key, Instant until, Consumer<Boolean> then) {
        Envelope tomb = Envelope.tomb(until);
        Duration rest = Duration.between(clock.instant(), until).plusSeconds(1);
        this.<SimMemory.Did>sendTwice(
                "bury",
                key,
                () -> memory.set(key, tomb.bytes(), tomb.version(), rest),
                reply -> then.accept(reply.answer() != null));
    }

    private Step.Answer<Optional<Stored>> away(Key key) {
        if (fault == SimFault.AWAY_REMEMBERED_AS_ABSENT) {
            thoughtAbsent.add(key);
        }
        return fault == SimFault.AWAY_IS_ABSENT ? SimStore.answer(Optional.empty()) : SimStore.away();
    }

    /** What ends its key was renewed by the look: it gets its own end back. */
    private void cut(Key key, Got got, Duration lease, Consumer<Step.Answer<Optional<Cached>>> then) {
        Item item = got.item();
        Step.Answer<Optional<Cached>> answer = SimStore.answer(cached(got, lease));
        if (item == null || item.isClaim() || !Envelope.of(item.value()).kind().isTerminal()) {
            then.accept(answer);
            return;
        }
        Envelope envelope = Envelope.of(item.value());
        long rest = envelope.end() - clock.instant().getEpochSecond();
        if (envelope.kind() != Envelope.Kind.TOMB && envelope.kind() != Envelope.Kind.MOVED) {
            rest = Math.min(rest, got.left().toSeconds());
        }
        if (rest < 1) {
            Step.Answer<Optional<Cached>> over = SimStore.answer(Optional.of(new Cached.Buried()));
            sendTwice(
                    "delete what is over",
                    key,
                    () -> memory.delete(key, item.cas()),
                    reply -> then.accept(reply.answer() == null ? SimStore.away() : over));
        } else {
            Duration left = Duration.ofSeconds(rest);
            sendTwice(
                    "cut",
                    key,
                    () -> memory.touch(key, left),
                    reply -> then.accept(reply.answer() == null ? SimStore.away() : answer));
        }
    }

    private Optional<Cached> cached(Got got, Duration lease) {
        Item item = got.item();
        if (item == null) {
            return Optional.empty();
        }
        Seen seen = new Seen(item.flags(), item.cas(), got.process());
        if (item.isClaim()) {
            return Optional.of(new Cached.Claimed(seen, got.won()));
        }
        if (Envelope.of(item.value()).kind() == Envelope.Kind.TOMB) {
            return Optional.of(new Cached.Buried());
        }
        Duration idle =
                Duration.ofSeconds(Math.max(0, lease.toSeconds() - got.left().toSeconds()));
        return Optional.of(new Cached.Found(new Stored(item.value(), seen, idle)));
    }

    @Override
    public void create(Key key, byte[] value, Duration lease, Consumer<Step.Answer<Written>> then) {
        int process = memory.host.process();
        this.<SimMemory.Did>send(
                "create",
                key,
                () -> memory.add(key, value, flags(value), lease),
                reply -> then.accept(written(value, process, reply)));
    }

    @Override
    public void replace(Key key, byte[] value, Version version, Duration lease, Consumer<Step.Answer<Written>> then) {
        Seen seen = (Seen) version;
        int process = memory.host.process();
        if (seen.process() != process) {
            then.accept(SimStore.answer(Written.not(Outcome.CONFLICT)));
            return;
        }
        boolean refill = seen.number() == 0;
        if (refill && fault == SimFault.FILL_BY_LATER_CAS) {
            this.<Got>send("read the version of", key, () -> memory.get(key), now -> {
                Item item = now.answer() == null ? null : now.answer().item();
                long cas = item == null ? 0 : item.cas();
                this.<SimMemory.Did>send(
                        "fill",
                        key,
                        () -> memory.swap(key, value, flags(value), cas, lease),
                        reply -> then.accept(written(value, process, reply)));
            });
            return;
        }
        Supplier<SimMemory.Did> swap = () -> fault == SimFault.UNGUARDED_REPLACE
                ? memory.set(key, value, flags(value), lease)
                : memory.swap(key, value, flags(value), seen.cas(), lease);
        this.<SimMemory.Did>send("replace by version " + flags(value), key, swap, reply -> {
            SimMemory.Did did = reply.answer();
            if (fault == SimFault.READ_AGAIN_AS_PROOF && did == null && reply.sent()) {
                readAgain(key, seen, then);
            } else if (fault == SimFault.REFILL_BY_ADD && refill && did != null && did.status() == Status.ABSENT) {
                create(key, value, lease, then);
            } else if (fault == SimFault.CREATE_WHAT_IS_GONE && did != null && did.status() == Status.ABSENT) {
                create(key, value, lease, then);
            } else if (fault == SimFault.GONE_IS_STORED && did != null && did.status() == Status.ABSENT) {
                then.accept(SimStore.answer(Written.stored(new Seen(flags(value), 0, process))));
            } else if (fault == SimFault.LAST_WRITE_WINS && did != null && did.status() == Status.EXISTS) {
                this.<Got>send("read the version of", key, () -> memory.get(key), now -> {
                    Item item = now.answer() == null ? null : now.answer().item();
                    if (item == null) {
                        then.accept(SimStore.answer(Written.not(Outcome.GONE)));
                    } else {
                        replace(key, value, new Seen(item.flags(), item.cas(), process), lease, then);
                    }
                });
            } else {
                then.accept(written(value, process, reply));
            }
        });
    }

    private void readAgain(Key key, Seen seen, Consumer<Step.Answer<Written>> then) {
        this.<Got>send("read again", key, () -> memory.get(key), now -> {
            Item item = now.answer() == null ? null : now.answer().item();
            boolean old = item != null && item.cas() == seen.cas();
            then.accept(old ? SimStore.away() : SimStore.answer(Written.not(Outcome.UNKNOWN)));
        });
    }

    private static Step.Answer<Written> written(byte[] value, int process, Reply<SimMemory.Did> reply) {
        SimMemory.Did did = reply.answer();
        if (did == null) {
            return reply.sent() ? SimStore.answer(Written.not(Outcome.UNKNOWN)) : SimStore.away();
        }
        return SimStore.answer(
                switch (did.status()) {
                    case DONE -> Written.stored(new Seen(flags(value), did.cas(), process));
                    case NOT_STORED -> Written.not(Outcome.EXISTS);
                    case EXISTS -> Written.not(Outcome.CONFLICT);
                    case ABSENT -> Written.not(Outcome.GONE);
                    case REFUSED -> throw new IllegalStateException("It evicts");
                });
    }

    @Override
    public void end(Key key, Instant until, Consumer<Boolean> then) {
        sendTwice(
                "end",
                key,
                () -> memory.delete(key),
                reply -> then.accept(reply.answer() != null || fault == SimFault.LOST_END_CONFIRMED));
    }

    @Override
    public void end(Key key, Version version, Instant until, Consumer<Outcome> then) {
        Seen seen = (Seen) version;
        if (seen.process() != memory.host.process()) {
            then.accept(Outcome.CONFLICT);
            return;
        }
        this.<SimMemory.Did>sendTwice(
                "end version " + seen.number() + " of", key, () -> memory.delete(key, seen.cas()), reply -> {
                    SimMemory.Did did = reply.answer();
                    Outcome lost = fault == SimFault.LOST_END_CONFIRMED ? Outcome.GONE : Outcome.UNKNOWN;
                    then.accept(did == null ? lost : did.status() == Status.EXISTS ? Outcome.CONFLICT : Outcome.GONE);
                });
    }
}
