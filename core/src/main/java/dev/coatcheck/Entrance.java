package dev.coatcheck;

import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.UserIndex.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Enters signed-in sessions in their user's index before they are stored, and takes them out after they have ended: in the
 * other order a session could live that no sign-out finds. What breaks off in between leaves an entry without a session,
 * which ends by itself. Keeps the limit of sessions a user as well.
 */
final class Entrance {
    /** A session that is not there this long after its entry was written is not coming any more. */
    private static final Duration LATEST_CREATE = Duration.ofMinutes(1);

    private final Protocol protocol;
    private final UserIndex index;
    private final SignOut signOut;

    Entrance(Protocol protocol, UserIndex index, SignOut signOut) {
        this.protocol = protocol;
        this.index = index;
        this.signOut = signOut;
    }

    boolean isOn() {
        return index.policy().isOn();
    }

    /**
     * Writes the entry; over the limit others are ended first.
     *
     * @throws SessionLimitException when the user has as many sessions as may be, and none of them is to end
     * @throws SessionConflictException when others write the index all the time
     */
    <R> Step<R> enter(Entering entering, Supplier<Step<R>> then) {
        return enter(entering, List.of(), Tries.first(protocol), then);
    }

    private <R> Step<R> enter(Entering entering, List<IndexEntry> kept, Tries tries, Supplier<Step<R>> then) {
        return index.find(entering.user(), tries.count() > 0, mayBegin(entering, tries), seen -> {
            Instant now = protocol.now();
            DeviceIndex entered = seen.index().pruned(now).withMissing(kept).entered(entering, now);
            Function<DeviceIndex, Step<R>> write = next -> index.write(seen, next, new UserIndex.Writing<R>() {
                @Override
                public Step<R> written(Seen now) {
                    return endChosen(entering.user(), now, then);
                }

                @Override
                public Step<R> again(List<IndexEntry> missing) {
                    return tries.again(protocol, more -> enter(entering, plus(kept, missing), more, then));
                }
            });
            return entering.isNew() ? admit(entered, entering.device(), write) : write.apply(entered);
        });
    }

    /**
     * Whether a list of which the store cannot say whether it is there may be begun: where it is, that is refused, and where a part
     * of the store that is away has one, the new one does not look complete. Else nobody who never signed in could do so while
     * one of three nodes is away. A limit of sessions needs the list that there is.
     */
    private boolean mayBegin(Entering entering, Tries tries) {
        return tries.count() == 0 && !(entering.isNew() && index.policy().maxSessions() > 0);
    }

    private static List<IndexEntry> plus(List<IndexEntry> kept, List<IndexEntry> more) {
        List<IndexEntry> both = new ArrayList<>(kept);
        both.addAll(more);
        return both;
    }

    // The limit

    private <R> Step<R> admit(DeviceIndex entered, String device, Function<DeviceIndex, Step<R>> then) {
        IndexPolicy policy = index.policy();
        List<IndexEntry> current = entered.current();
        if (policy.maxSessions() > 0 && current.size() > policy.maxSessions()) {
            return dead(current, 0, List.of(), dead -> {
                int over = current.size() - dead.size() - policy.maxSessions();
                if (over > 0 && policy.whenFull() == WhenFull.REFUSE) {
                    throw new SessionLimitException("The user has " + policy.maxSessions()
                            + " sessions already, and no more are allowed: one of them must be ended first");
                }
                return then.apply(entered.ending(dead, over, device));
            });
        }
        return then.apply(entered.ending(List.of(), current.size() - policy.maxEntries(), device));
    }

    /** Which of these are entries alone: expired, evicted or never stored. They must not lock their user out. */
    private <R> Step<R> dead(
            List<IndexEntry> entries, int next, List<IndexEntry> dead, Function<List<IndexEntry>, Step<R>> then) {
        if (next == entries.size()) {
            return then.apply(dead);
        }
        IndexEntry entry = entries.get(next);
        if (entry.movedAt().plus(LATEST_CREATE).isAfter(protocol.now())) {
            return dead(entries, next + 1, dead, then);
        }
        return peek(
                entry,
                protocol.now(),
                (live, unsure) ->
                        dead(entries, next + 1, live.isPresent() || unsure ? dead : plus(dead, List.of(entry)), then));
    }

    /** Looks for an entry's session, at its newest place as a rule; gives it, or whether the store could not say of some place. */
    static <R> Step<R> peek(IndexEntry entry, Instant now, BiFunction<Optional<Stored>, Boolean, Step<R>> then) {
        return peek(entry, 0, false, now, then);
    }

    private static <R> Step<R> peek(
            IndexEntry entry,
            int place,
            boolean unsure,
            Instant now,
            BiFunction<Optional<Stored>, Boolean, Step<R>> then) {
        if (place == entry.places().size()) {
            return then.apply(Optional.empty(), unsure);
        }
        Place at = entry.places().get(place);
        return new Step.Peek<>(at.key(), at.leaseClass().lease(), answer -> {
            if (answer.unavailable() != null) {
                return peek(entry, place + 1, true, now, then);
            }
            Optional<Stored> found = Objects.requireNonNull(answer.value(), "an answer");
            return found.filter(stored -> isSession(stored, now)).isPresent()
                    ? then.apply(found, false)
                    : peek(entry, place + 1, unsure, now, then);
        });
    }

    private static boolean isSession(Stored stored, Instant now) {
        try {
            Envelope envelope = Envelope.of(stored.value());
            return envelope.kind().isSession() && envelope.end() > now.getEpochSecond();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Ends what the index says is to be ended, and takes it out; where that fails, the next sign-in does it. */
    private <R> Step<R> endChosen(String user, Seen written, Supplier<Step<R>> then) {
        List<IndexEntry> ending = written.index().ending();
        if (ending.isEmpty()) {
            return then.get();
        }
        return signOut.bury(user, ending, over -> {
            DeviceIndex rest = written.index().without(entry -> entry.ending() && over.contains(entry.device()));
            return index.write(written, rest, new UserIndex.Writing<R>() {
                @Override
                public Step<R> written(Seen now) {
                    return then.get();
                }

                @Override
                public Step<R> again(List<IndexEntry> missing) {
                    return then.get();
                }

                @Override
                public Step<R> unavailable(SessionUnavailableException cause) {
                    return then.get();
                }
            });
        });
    }

    // Leaving

    /** Takes a session out that has ended. An index without it is left as it is. */
    Step<Boolean> leave(String user, String device) {
        return leave(user, device, List.of(), Tries.first(protocol));
    }

    private Step<Boolean> leave(String user, String device, List<IndexEntry> kept, Tries tries) {
        return index.find(user, tries.count() > 0, seen -> {
            DeviceIndex before = seen.index().withMissing(kept);
            if (before.entry(device) == null && kept.isEmpty()) {
                return new Step.Done<>(false);
            }
            DeviceIndex left = before.pruned(protocol.now())
                    .without(entry -> entry.device().equals(device));
            return index.write(seen, left, new UserIndex.Writing<Boolean>() {
                @Override
                public Step<Boolean> written(Seen now) {
                    return new Step.Done<>(true);
                }

                @Override
                public Step<Boolean> again(List<IndexEntry> missing) {
                    return tries.again(protocol, more -> leave(user, device, plus(kept, missing), more));
                }
            });
        });
    }
}
