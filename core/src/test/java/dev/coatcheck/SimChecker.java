package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Holds what requests were told against what really happened. */
final class SimChecker {
    private final SimHistory history;
    private final MovableClock clock;
    private final boolean calm;
    /** What is decided under a key now; null for nothing. */
    private final Function<Key, byte @Nullable []> truth;

    private final Map<Integer, SimOp> ops = new HashMap<>();
    private final Map<String, Long> refusedSince = new HashMap<>();

    SimChecker(SimHistory history, MovableClock clock, boolean calm, Function<Key, byte @Nullable []> truth) {
        this.history = history;
        this.clock = clock;
        this.calm = calm;
        this.truth = truth;
    }

    static void mustBe(boolean holds, String promise) {
        if (!holds) {
            throw new SimViolation(promise);
        }
    }

    SimOp op(SimOp.Kind kind) {
        SimOp op = new SimOp(ops.size() + 1, kind, history.next(), clock.instant());
        ops.put(op.id, op);
        return op;
    }

    // What was found

    /** What a request's tickets led to. */
    void found(SimNode node, List<SessionToken> tickets, SimOp op, Instant startedAt, Loaded loaded) {
        if (loaded instanceof Loaded.Live live) {
            live(node, tickets, op, startedAt, live);
        } else if (loaded instanceof Loaded.Away) {
            mustBe(!calm, "The store was away in a calm");
        } else if (loaded instanceof Loaded.Visitor
                || loaded instanceof Loaded.Barred barred && barred.rivals().isEmpty()) {
            tickets.forEach(ticket -> absent(node, ticket));
        }
    }

    private void live(SimNode node, List<SessionToken> tickets, SimOp op, Instant startedAt, Loaded.Live found) {
        Key key = found.live().address().key();
        SimKey known = history.of(key);
        if (known.isLoose() && !known.endKept) {
            return;
        }
        mustBe(known.endedAt > op.startedAt, "A session was found after its end was confirmed");
        if (known.isLoose()) {
            return;
        }
        mustBe(known.markedAt > op.startedAt, "An id was found that a marker had ended");
        long refused = refusedSince.getOrDefault(refusal(node, key), SimKey.NEVER);
        mustBe(refused > op.startedAt, "A process gave out a session that it had ended");
        boolean byTicket = tickets.stream()
                .map(ticket -> history.of(node.protocol.address(ticket).key()))
                .anyMatch(ticket -> ticket.isLoose()
                        || ticket.ticketEndedAt > op.startedAt && (ticket == known || leads(ticket, startedAt)));
        mustBe(byTicket, "A ticket led to a session that it should not lead to any more");
        observe(known, found.live().session(), op.startedAt, op.current && found.token() != null);
    }

    private static boolean leads(SimKey ticket, Instant startedAt) {
        return ticket.pointedAt != null && !startedAt.isAfter(ticket.pointedAt.plus(OldId.GRACE));
    }

    private void absent(SimNode node, SessionToken ticket) {
        Address address = node.protocol.address(ticket);
        for (int hops = 0; hops <= OldId.MAX_HOPS; hops++) {
            byte[] value = truth.apply(address.key());
            SimKey known = history.of(address.key());
            boolean open = node.ends.refuses(address.key()) || known.buried || known.isLoose();
            if (value == null || open) {
                return;
            }
            Sighting sighting = read(node, address, value);
            if (sighting instanceof Sighting.Live live) {
                boolean over = !clock.instant().isBefore(SimNode.LIFETIMES.deadline(live.session()));
                mustBe(
                        over || known.forgotten,
                        "A session that is there was said to be absent: " + SimHistory.name(address.key()));
                return;
            }
            Sighting.Old old = (Sighting.Old) sighting;
            if (!(old.left() instanceof OldId.Pointer pointer)
                    || !clock.instant().isBefore(pointer.graceEnd().minusSeconds(1))) {
                return;
            }
            address = pointer.target();
        }
    }

    private static Sighting read(SimNode node, Address address, byte[] value) {
        int version = Envelope.of(value).version();
        try {
            SessionStore.Stored stored =
                    new SessionStore.Stored(value, new SimMemcached.Seen(version, 0, 0), Duration.ZERO);
            return node.protocol.values().read(address, stored);
        } catch (StoredValues.CorruptValueException e) {
            throw new SimViolation("What is stored cannot be read");
        }
    }

    /** A session's content, as somebody saw it who began to ask at a moment. */
    private void observe(SimKey key, SessionRecord session, long askedAt, boolean surely) {
        if (key.isLoose()) {
            return;
        }
        Set<Integer> seen = new HashSet<>();
        for (int id : SimOp.log(session)) {
            mustBe(seen.add(id), "One commit is there twice: #" + id);
        }
        session.attributes().keySet().stream()
                .filter(name -> name.startsWith("p"))
                .forEach(name -> seen.add(Integer.parseInt(name.substring(1))));
        for (int id : seen) {
            mustBe(
                    ops.get(id).outcome != SimOp.Outcome.REFUSED || ops.get(id).toldAt > askedAt,
                    "What was refused is there: #" + id);
        }
        for (SimKey each : key.line()) {
            for (SimOp op : each.acknowledged) {
                if (op.toldAt < askedAt && (surely || !op.shaky && !key.shaky)) {
                    mustBe(seen.contains(op.id), "What was acknowledged is not there: #" + op.id);
                    mustBe(
                            op.taken == null || !op.taken.equals(session.attribute(SimOp.GIFT)),
                            "What was taken is there again: by #" + op.id);
                }
            }
        }
    }

    // What was told

    void told(SimNode node, SimOp op, Sighting.@Nullable Live base, Committed result) {
        op.toldAt = history.next();
        if (result instanceof Committed.Gone gone) {
            SimKey known = history.of(
                    Objects.requireNonNull(base, "what is gone").address().key());
            boolean over =
                    known.overAt < op.toldAt || truth.apply(base.address().key()) == null;
            mustBe(
                    over || known.buried || known.forgotten || known.isLoose(),
                    "A session that is there was said to be gone");
            // Of values that were set and dropped with their session the application hears nothing.
            SimOp.Outcome dropped = op.repeatable ? SimOp.Outcome.UNKNOWN : SimOp.Outcome.REFUSED;
            op.outcome = gone.dropped() ? dropped : SimOp.Outcome.ACKNOWLEDGED;
            if (!gone.dropped()) {
                known.acknowledged.add(op); // stored before the session went where this request must not follow
            }
            return;
        }
        op.outcome = SimOp.Outcome.ACKNOWLEDGED;
        Sighting.Live now = Objects.requireNonNull(result.now());
        SimKey known = history.of(now.address().key());
        SimKey parent = known.parent;
        boolean late = !clock.instant().isBefore(op.startTime.plus(OldId.GRACE));
        if (result instanceof Committed.Moved && parent != null && (parent.buried || late)) {
            known.parent = null; // it was ended, or its mark not found in time: a sign-in goes on with nothing of it
        }
        mustBe(
                known.isLoose()
                        || known.commits.contains(
                                SimHistory.commit(now.envelope().newestWrite())),
                "What was acknowledged never happened: #" + op.id);
        mustBe(op.timesIn(now.session()) == 1, "What was acknowledged is not in the session: #" + op.id);
        observe(known, now.session(), op.startedAt, true);
        if (op.taken != null && !known.isLoose()) {
            for (SimKey each : known.line()) {
                for (SimOp other : each.acknowledged) {
                    mustBe(!op.taken.equals(other.taken), "One value was taken twice: #" + other.id + ", #" + op.id);
                }
            }
        }
        known.acknowledged.add(op);
        op.shaky = now.envelope().version() > 1 && !(result instanceof Committed.Kept kept && !kept.shaky());
        known.shaky |= op.shaky;
        if (result instanceof Committed.Moved) {
            known.given = true;
            if (base != null) {
                SimKey old = history.of(base.address().key());
                boolean there =
                        old.overAt > op.toldAt && truth.apply(base.address().key()) != null;
                mustBe(
                        !there || old.buried || old.forgotten || old.isLoose(),
                        "A new id was given while the old one was as good as before");
                boolean doubted = node.store.doubts(base.address().key());
                if (op.kind != SimOp.Kind.ROTATE && !doubted) {
                    old.markedAt = Math.min(old.markedAt, op.toldAt);
                }
            }
        }
    }

    void told(SimOp op, SessionException failure) {
        op.toldAt = history.next();
        op.failed = true;
        boolean unknown = failure instanceof SessionUnavailableException unavailable && unavailable.mayBeStored();
        op.outcome = unknown ? SimOp.Outcome.UNKNOWN : SimOp.Outcome.REFUSED;
        boolean raced = unknown && history.anyBuried;
        mustBe(
                !calm || raced || failure instanceof SessionConflictException,
                "The store was away in a calm: " + failure);
    }

    // Ends

    private static String refusal(SimNode node, Key key) {
        return node.name + " " + key.text();
    }

    void logsOut(Key key) {
        history.of(key).logOuts++;
    }

    /** A log-out was answered. */
    void loggedOut(SimNode node, List<SessionToken> tickets, Key ended, boolean confirmed) {
        long now = history.next();
        if (!confirmed) {
            notConfirmed(node, ended);
            return;
        }
        confirmed(ended);
        SimKey known = history.of(ended);
        // Who was given a new id by a pointer that could still be followed is signed out too, if no other log-out's
        // mark hid it.
        Instant soonest = clock.instant().minus(OldId.GRACE).plusSeconds(1);
        Set<SimKey> heirs = known.pointedTo(soonest);
        int logOuts = Stream.concat(known.line().stream(), heirs.stream())
                .mapToInt(key -> key.logOuts)
                .sum();
        if (logOuts == 1) {
            heirs.forEach(heir -> heir.endedAt = Math.min(heir.endedAt, now));
        }
        for (SessionToken ticket : tickets) {
            SimKey brought = history.of(node.protocol.address(ticket).key());
            brought.ticketEndedAt = Math.min(brought.ticketEndedAt, now);
        }
    }

    /** From now on this process refuses the id. */
    void notConfirmed(SimNode node, Key ended) {
        mustBe(!calm, "A log-out was not confirmed in a calm");
        refusedSince.putIfAbsent(refusal(node, ended), history.next());
    }

    void confirmed(Key ended) {
        SimKey known = history.of(ended);
        known.endedAt = Math.min(known.endedAt, history.next());
    }
}
