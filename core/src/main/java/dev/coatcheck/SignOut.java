package dev.coatcheck;

import dev.coatcheck.Burial.Buried;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionManager.SignedOut;
import dev.coatcheck.UserIndex.Seen;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Ends a user's sessions from outside. Every place of an entry is ended, whether a session is there yet or not, and then the
 * index is written without the entries: that moment is the sign-out, and what was entered meanwhile is ended too.
 */
final class SignOut {
    private final Protocol protocol;
    private final UserIndex index;
    private final Burial burial;
    private final UnconfirmedEnds unconfirmed;

    SignOut(Protocol protocol, UserIndex index, Burial burial, UnconfirmedEnds unconfirmed) {
        this.protocol = protocol;
        this.index = index;
        this.burial = burial;
        this.unconfirmed = unconfirmed;
    }

    /** Ends these and writes nothing; gives the handles of those whose end is confirmed. */
    <R> Step<R> bury(String user, List<IndexEntry> entries, Function<Set<String>, Step<R>> then) {
        Round round = new Round(user, entry -> true);
        return round.bury(entries, 0, () -> then.apply(round.over()));
    }

    /**
     * Ends the sessions that a predicate chooses.
     *
     * @param forgets whether the store may have lost an index before its end
     * @throws SessionUnavailableException when the store cannot say which there are
     */
    Step<SignedOut> of(String user, Predicate<IndexEntry> which, boolean forgets) {
        Round round = new Round(user, which);
        return round.in(index.addresses(user), 0, () -> new Step.Done<>(round.all(forgets)));
    }

    /** As {@link #of}, of the one device with this handle: it is complete when that one was found. */
    Step<SignedOut> one(String user, String device, boolean forgets) {
        Round round = new Round(user, entry -> entry.device().equals(device));
        return round.in(index.addresses(user), 0, () -> new Step.Done<>(round.one(forgets)));
    }

    /** One sign-out, for as long as it takes. For the thread that carries out its steps. */
    private final class Round {
        private final String user;
        private final Predicate<IndexEntry> which;
        private final Set<SessionStore.Key> buried = new HashSet<>();
        private final Set<String> devices = new HashSet<>();
        private final Set<String> unsure = new HashSet<>();
        private final Tries first = Tries.first(protocol);
        private int ended;
        private boolean confirmed = true;
        /** Whether an index that was found tells of all sessions that can still live. */
        private boolean wholeTime;

        Round(String user, Predicate<IndexEntry> which) {
            this.user = user;
            this.which = which;
        }

        Set<String> over() {
            Set<String> over = new HashSet<>(devices);
            over.removeAll(unsure);
            return over;
        }

        SignedOut all(boolean forgets) {
            return new SignedOut(ended, confirmed && (wholeTime || !forgets));
        }

        SignedOut one(boolean forgets) {
            return new SignedOut(ended, confirmed && (!devices.isEmpty() || wholeTime || !forgets));
        }

        <R> Step<R> in(List<Address> addresses, int next, Supplier<Step<R>> then) {
            return next == addresses.size()
                    ? then.get()
                    : once(addresses.get(next), List.of(), first, () -> in(addresses, next + 1, then));
        }

        private <R> Step<R> once(Address at, List<IndexEntry> kept, Tries tries, Supplier<Step<R>> then) {
            return index.look(at, true, seen -> found(at, seen, kept, tries, then), cause -> {
                if (buried.isEmpty()) {
                    throw cause;
                }
                return incomplete(then);
            });
        }

        private <R> Step<R> found(Address at, Seen seen, List<IndexEntry> kept, Tries tries, Supplier<Step<R>> then) {
            Instant wholeFrom = seen.index().since().plus(index.policy().longestLifetime());
            wholeTime |= !seen.isNew() && !wholeFrom.isAfter(protocol.now());
            DeviceIndex before = seen.index().withMissing(kept);
            List<IndexEntry> chosen = before.entries().stream().filter(which).toList();
            if (chosen.isEmpty() && kept.isEmpty()) {
                return then.get();
            }
            return bury(
                    chosen,
                    0,
                    () -> index.write(seen, rest(before), new UserIndex.Writing<R>() {
                        @Override
                        public Step<R> written(Seen now) {
                            return then.get();
                        }

                        @Override
                        public Step<R> again(List<IndexEntry> missing) {
                            return tries.outOfTime()
                                    ? incomplete(then)
                                    : tries.again(protocol, more -> once(at, missing, more, then));
                        }

                        @Override
                        public Step<R> unavailable(SessionUnavailableException cause) {
                            return incomplete(then);
                        }
                    }));
        }

        /** What is not ended for certain stays in the index, as something to be ended: the next sign-out tries again. */
        private DeviceIndex rest(DeviceIndex before) {
            DeviceIndex rest = before.pruned(protocol.now())
                    .without(entry -> which.test(entry) && !unsure.contains(entry.device()));
            return rest.with(rest.entries().stream()
                    .map(entry -> which.test(entry) ? entry.asEnding() : entry)
                    .toList());
        }

        /** What was ended so far stays ended. */
        private <R> Step<R> incomplete(Supplier<Step<R>> then) {
            confirmed = false;
            return then.get();
        }

        <R> Step<R> bury(List<IndexEntry> entries, int next, Supplier<Step<R>> then) {
            if (next == entries.size()) {
                return then.get();
            }
            IndexEntry entry = entries.get(next);
            devices.add(entry.device());
            return bury(entry, 0, false, () -> bury(entries, next + 1, then));
        }

        private <R> Step<R> bury(IndexEntry entry, int place, boolean live, Supplier<Step<R>> then) {
            if (place == entry.places().size()) {
                if (live) {
                    ended++;
                }
                return then.get();
            }
            Place at = entry.places().get(place);
            if (!buried.add(at.key())) {
                return bury(entry, place + 1, live, then);
            }
            return burial.of(at, entry.end(), result -> {
                note(at, entry, result);
                return bury(entry, place + 1, live || result.live() && result.confirmed(), then);
            });
        }

        private void note(Place at, IndexEntry entry, Buried result) {
            if (!result.confirmed()) {
                confirmed = false;
                unsure.add(entry.device());
                unconfirmed.addSignedOut(at, entry.end());
            } else if (result.live()) {
                protocol.counters().signedOut.increment();
                protocol.events().tell(Kind.SIGNED_OUT, at.id(), null, user);
            }
        }
    }
}
