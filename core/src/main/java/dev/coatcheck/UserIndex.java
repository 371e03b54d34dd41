package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds a user's index and writes it, guarded by its version as sessions are. */
final class UserIndex {
    /** An index's key has one name for ever: a lasting mark of its end would keep the user's next index out. */
    private static final Instant FOR_NOW = Instant.EPOCH;

    private final Protocol protocol;
    private final IndexPolicy policy;

    UserIndex(Protocol protocol, IndexPolicy policy) {
        this.protocol = protocol;
        this.policy = policy;
    }

    IndexPolicy policy() {
        return policy;
    }

    /**
     * An index as it was found, or an empty one where nothing was.
     *
     * @param at where it belongs
     * @param stored what is there; null for nothing
     * @param movesFrom where it was found, under an older key of the ring; null where it belongs there
     */
    record Seen(
            Address at,
            DeviceIndex index,
            @Nullable AsStored stored,
            @Nullable Seen movesFrom) {
        boolean isNew() {
            return stored == null && movesFrom == null;
        }
    }

    /** What guards the next write. */
    record AsStored(Envelope envelope, Version version) {}

    /** What follows a write. */
    interface Writing<R> {
        /** It is there. */
        Step<R> written(Seen now);

        /**
         * Somebody else was faster, or the answer was lost. What is written is a state and no step, so it may be made anew from
         * what is there by then.
         *
         * @param kept entries that must go into it, since they are nowhere else any more
         */
        Step<R> again(List<IndexEntry> kept);

        /** It is not there, for certain. */
        default Step<R> unavailable(SessionUnavailableException cause) {
            throw cause;
        }
    }

    /** Where a user's index may lie: one place for each key of the ring, that of the active one first. */
    List<Address> addresses(String user) {
        return protocol.derivation().indexKeys().stream()
                .map(key -> protocol.derivation().index(key, user, policy.leaseClass()))
                .toList();
    }

    /**
     * Finds the index under the active key, and where nothing is under an older one. One round trip as a rule.
     *
     * @param fresh goes past the store's own caches, after a conflict
     */
    <R> Step<R> find(String user, boolean fresh, Function<Seen, Step<R>> then) {
        return find(user, fresh, false, then);
    }

    /**
     * As {@link #find(String, boolean, Function)}.
     *
     * @param mayBegin whether one of which the store cannot say is taken for none
     */
    <R> Step<R> find(String user, boolean fresh, boolean mayBegin, Function<Seen, Step<R>> then) {
        List<Address> addresses = addresses(user);
        return look(
                addresses.get(0),
                fresh,
                seen -> seen.isNew() ? findOlder(addresses, 1, fresh, seen, then) : then.apply(seen),
                away -> mayBegin
                        ? then.apply(new Seen(addresses.get(0), DeviceIndex.empty(protocol.now()), null, null))
                        : thrown(away));
    }

    private <R> Step<R> findOlder(
            List<Address> addresses, int next, boolean fresh, Seen nothing, Function<Seen, Step<R>> then) {
        if (next == addresses.size()) {
            return then.apply(nothing);
        }
        return look(
                addresses.get(next),
                fresh,
                older -> older.isNew()
                        ? findOlder(addresses, next + 1, fresh, nothing, then)
                        : then.apply(new Seen(addresses.get(0), older.index(), null, older)),
                UserIndex::thrown);
    }

    /**
     * Looks in one place. What is not what was sealed there is ended: it says nothing, and in its place an index can be begun
     * that does not look complete.
     *
     * @param fresh goes past the store's own caches
     * @param away what to do when the store cannot say
     */
    <R> Step<R> look(
            Address at,
            boolean fresh,
            Function<Seen, Step<R>> then,
            Function<SessionUnavailableException, Step<R>> away) {
        return new Step.Load<>(at.key(), at.leaseClass().lease(), fresh, answer -> {
            SessionUnavailableException unavailable = answer.unavailable();
            if (unavailable != null && !unavailable.lost()) {
                return away.apply(unavailable);
            }
            Seen nothing = new Seen(at, DeviceIndex.empty(protocol.now()), null, null);
            if (unavailable != null) {
                protocol.events().tell(Kind.LOST, null);
                return new Step.End<>(at.key(), FOR_NOW, confirmed -> then.apply(nothing));
            }
            Stored stored = Objects.requireNonNull(answer.value(), "an answer").orElse(null);
            if (stored == null) {
                return then.apply(nothing);
            }
            Seen seen;
            try {
                StoredValues.Indexed found = protocol.values().readIndex(at, stored);
                seen = new Seen(at, found.index(), new AsStored(found.envelope(), stored.version()), null);
            } catch (SessionUnavailableException newerRelease) {
                return away.apply(newerRelease);
            } catch (StoredValues.CorruptValueException e) {
                protocol.counters().corrupt.increment();
                protocol.events().tell(Kind.CORRUPT, null);
                return new Step.EndVersion<>(at.key(), stored.version(), FOR_NOW, outcome -> then.apply(nothing));
            }
            return then.apply(seen);
        });
    }

    private static <R> Step<R> thrown(SessionUnavailableException cause) {
        throw cause;
    }

    /** How long an index is kept. */
    private Instant end() {
        return protocol.now().plus(policy.longestLifetime());
    }

    /** Writes an index in the place of the one that was seen. One round trip as a rule. */
    <R> Step<R> write(Seen seen, DeviceIndex next, Writing<R> writing) {
        AsStored stored = seen.stored();
        DeviceIndex fitting = fitting(next);
        if (stored == null) {
            return create(seen, fitting, List.of(), writing);
        }
        if (stored.envelope().version() >= Envelope.LAST_VERSION) {
            // Its numbers are used up: it is begun again, with all that it holds.
            return new Step.EndVersion<>(
                    seen.at().key(),
                    stored.version(),
                    FOR_NOW,
                    outcome -> outcome == Outcome.GONE
                            ? create(seen, fitting, seen.index().entries(), writing)
                            : writing.again(List.of()));
        }
        long writeId = WriteId.newCommit(protocol.random());
        byte[] value = protocol.values()
                .index(
                        seen.at(),
                        fitting,
                        end(),
                        stored.envelope().version() + 1,
                        stored.envelope().writeIdsAfter(writeId));
        return new Step.Replace<>(
                seen.at().key(),
                value,
                stored.version(),
                seen.at().leaseClass().lease(),
                answer -> written(seen.at(), fitting, value, answer, List.of(), writing, writing::written));
    }

    private <R> Step<R> create(Seen seen, DeviceIndex next, List<IndexEntry> kept, Writing<R> writing) {
        Seen older = seen.movesFrom();
        AsStored old = older == null ? null : older.stored();
        byte[] value =
                protocol.values().index(seen.at(), next, end(), 1, List.of(WriteId.newCommit(protocol.random())));
        // An older one that was written meanwhile stays: who signs out looks under every key.
        Function<Seen, Step<R>> then = older == null || old == null
                ? writing::written
                : created -> new Step.EndVersion<>(
                        older.at().key(), old.version(), FOR_NOW, outcome -> writing.written(created));
        return new Step.Create<>(
                seen.at().key(),
                value,
                seen.at().leaseClass().lease(),
                answer -> written(seen.at(), next, value, answer, kept, writing, then));
    }

    private static <R> Step<R> written(
            Address at,
            DeviceIndex index,
            byte[] value,
            Step.Answer<Written> answer,
            List<IndexEntry> kept,
            Writing<R> writing,
            Function<Seen, Step<R>> then) {
        SessionUnavailableException unavailable = answer.unavailable();
        if (unavailable != null) {
            return writing.unavailable(unavailable);
        }
        Version version = Objects.requireNonNull(answer.value(), "an answer").version();
        return version == null
                ? writing.again(kept)
                : then.apply(new Seen(at, index, new AsStored(Envelope.of(value), version), null));
    }

    /** Where the labels leave no room for the places, the labels go. */
    private DeviceIndex fitting(DeviceIndex index) {
        return IndexCodec.encode(index).length + RecordSeal.OVERHEAD <= policy.maxBytes()
                ? index
                : index.with(
                        index.entries().stream().map(IndexEntry::withoutLabel).toList());
    }
}
