package dev.coatcheck;

import dev.coatcheck.Committed.Gone;
import dev.coatcheck.Committed.Moved;
import dev.coatcheck.GuardedWrite.Fate;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.Sighting.Live;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stores a session under an id that it did not have. The order is: create the new record, mark the old key, and only then
 * send the cookie; wherever it breaks off, the browser has the old session or the new one, never both and never none.
 */
final class Rotation {
    /** A planted id must not stop a sign-in by being written to: after this many tries, or when the time is over, its key ends. */
    private static final int TRIES_FOR_OLD_KEY = 8;

    private static final int TRIES_FOR_NEW_KEY = 4;

    private final Protocol protocol;
    private final Lookup lookup;
    private final Commit commit;
    private final Entrance entrance;

    Rotation(Protocol protocol, Lookup lookup, Commit commit, Entrance entrance) {
        this.protocol = protocol;
        this.lookup = lookup;
        this.commit = commit;
        this.entrance = entrance;
    }

    /** Stores a session that was not there before. */
    Step<Committed> create(SessionRecord session, SessionToken token, DeviceHint hint, Tries tries) {
        New made = new New(session, List.of(), null, true, hint);
        return create(made, token, tries, (live, used) -> new Step.Done<>(new Moved(live, used)));
    }

    /** Stores the old session with this request's changes under a new id, and takes the old one's worth. */
    Step<Committed> move(Live old, Move move, List<Change> changes, SessionToken token, DeviceHint hint, Tries tries) {
        SessionRecord session = move.applied(changes, old.session());
        boolean signsIn = move.reason() == Move.Reason.LOGIN;
        New made = new New(session, old.envelope().writeIds(), old, signsIn, hint);
        return create(made, token, tries, (live, used) -> new Moving(move, changes, used).mark(old, live, tries));
    }

    /**
     * A record that is to be stored under a new id.
     *
     * @param writesBefore the write ids that it goes on with
     * @param old the session that it comes from; null for none
     */
    private record New(
            SessionRecord session,
            List<Long> writesBefore,
            @Nullable Live old,
            boolean signsIn,
            DeviceHint hint) {}

    /** An id is never used twice: a create whose outcome is not known is given up, and its record ends by its lease. */
    private Step<Committed> create(
            New made, SessionToken token, Tries tries, BiFunction<Live, SessionToken, Step<Committed>> then) {
        return create(made, token, tries, 1, false, then);
    }

    private Step<Committed> create(
            New made,
            SessionToken token,
            Tries tries,
            int count,
            boolean answerLost,
            BiFunction<Live, SessionToken, Step<Committed>> then) {
        SessionRecord session = made.session();
        Address address = protocol.address(token);
        byte[] plaintext = RecordCodec.encode(session);
        byte[] value = protocol.values()
                .live(address, session, plaintext, 1, Envelope.writeIdsAfter(tries.writeId(), made.writesBefore()));
        boolean indexed = entrance.isOn() && session.login() != null;
        Step.Create<Committed> create =
                new Step.Create<>(address.key(), value, address.leaseClass().lease(), answer -> {
                    SessionUnavailableException unavailable = answer.unavailable();
                    if (unavailable != null) {
                        throw unavailable;
                    }
                    Written written = Objects.requireNonNull(answer.value(), "an answer");
                    if (written.outcome() == Outcome.STORED) {
                        Version version = Objects.requireNonNull(written.version(), "STORED has a version");
                        return then.apply(Live.stored(address, session, plaintext, value, version), token);
                    }
                    if (indexed && written.outcome() == Outcome.EXISTS) {
                        return signedOut(made);
                    }
                    boolean lostNow = written.outcome() != Outcome.EXISTS;
                    if (count >= TRIES_FOR_NEW_KEY || lostNow && answerLost) {
                        throw new SessionUnavailableException("The session store did not take a new session", null);
                    }
                    return create(made, protocol.draw(session), tries, count + 1, lostNow, then);
                });
        return indexed
                ? entrance.enter(
                        Entering.of(session, address, made.old(), protocol.lifetimes(), made.hint()), () -> create)
                : create;
    }

    /** Whoever signs the user out takes the keys of sessions that are on their way: this one never was. */
    private static Step<Committed> signedOut(New made) {
        if (made.signsIn()) {
            throw new SessionConflictException("The user was signed out from outside during the sign-in");
        }
        return new Step.Done<>(new Gone(true));
    }

    /** A move whose new record is there, known to nobody yet. */
    private final class Moving {
        private final Move move;
        private final List<Change> changes;
        private final SessionToken token;

        Moving(Move move, List<Change> changes, SessionToken token) {
            this.move = move;
            this.changes = changes;
            this.token = token;
        }

        /** Puts a pointer or a marker in place of the old record. */
        Step<Committed> mark(Live old, Live created, Tries tries) {
            var graceEnd = protocol.now().plus(OldId.GRACE);
            OldId left = move.reason() == Move.Reason.ROTATE
                    ? new OldId.Pointer(created.address(), graceEnd)
                    : new OldId.Marker(old.session().csrfSeed(), graceEnd);
            byte[] value = protocol.values()
                    .old(
                            old.address(),
                            left,
                            old.session().deadline(),
                            old.envelope().writeIdsAfter(tries.writeId()));
            GuardedWrite write = new GuardedWrite(old.address(), value, old.envelope(), tries.writeId(), OldId.GRACE);
            return write.over(old.version(), lookup, fate -> marked(created, tries, fate));
        }

        private Step<Committed> marked(Live created, Tries tries, Fate fate) {
            if (fate instanceof Fate.Stored) {
                return new Step.Done<>(new Moved(created, token));
            } else if (fate instanceof Fate.Applied applied) {
                return applied.sighting() instanceof Live live
                        ? again(live, created, tries)
                        : new Step.Done<>(new Moved(created, token));
            } else if (fate instanceof Fate.Overtaken overtaken) {
                return overtaken(overtaken.sighting(), created, tries);
            } else if (fate instanceof Fate.Untold untold) {
                return mayHaveBeenFollowed(untold.sighting())
                        ? giveUp(
                                created,
                                SessionUnavailableException.mayBeStored(
                                        "The session store did not answer: the session is gone, or others have moved it on",
                                        null))
                        : overtaken(untold.sighting(), created, tries);
            } else if (fate instanceof Fate.Refused refused) {
                return giveUp(created, refused.cause());
            } else if (fate instanceof Fate.Unsure unsure) {
                // Where the new record's end is not confirmed either, a late pointer leads to it, changes and all.
                return giveUp(
                        created,
                        SessionUnavailableException.mayBeStored(
                                "The session store did not answer: the session keeps its old id or is gone",
                                unsure.cause()));
            }
            throw new IllegalStateException("No fate: " + fate);
        }

        /** Whether a pointer was perhaps there and is gone again: who followed it has this request's changes. */
        private boolean mayHaveBeenFollowed(Sighting now) {
            return now instanceof Sighting.Absent
                    && move.reason() == Move.Reason.ROTATE
                    && !changes.stream().allMatch(Change::mayRunTwice);
        }

        private Step<Committed> overtaken(Sighting now, Live created, Tries tries) {
            if (now instanceof Live live) {
                return again(live, created, tries);
            }
            if (now instanceof Sighting.Old marked && marked.left() instanceof OldId.Pointer pointer) {
                return lookup.follow(pointer, true, target -> {
                    if (!(target instanceof Live live)) {
                        return ended(target, created);
                    }
                    // A parallel rotation was faster. One new id is enough; a change of privilege goes on from there.
                    return move.reason() == Move.Reason.ROTATE
                            ? end(created, () -> commit.saveFollowed(live, changes, tries))
                            : again(live, created, tries);
                });
            }
            return ended(now, created);
        }

        /** The old record was written meanwhile: the new one takes that over first. */
        private Step<Committed> again(Live newer, Live created, Tries tries) {
            protocol.counters().conflicts.increment();
            boolean enough = tries.count() + 1 >= TRIES_FOR_OLD_KEY || tries.outOfTime();
            if (enough && move.reason() != Move.Reason.ROTATE) {
                return new Step.End<>(
                        newer.address().key(),
                        newer.session().deadline(),
                        confirmed -> confirmed
                                ? new Step.Done<>(new Moved(created, token))
                                : giveUp(
                                        created,
                                        new SessionUnavailableException(
                                                "The session store did not confirm the end of the old id", null)));
            }
            return guarded(
                    created,
                    () -> tries.again(
                            protocol,
                            next -> rewrite(created, newer.session(), rewritten -> mark(newer, rewritten, next))));
        }

        /** The old session is over. A sign-in goes on with nothing of it; a new id for nothing is none. */
        private Step<Committed> ended(Sighting now, Live created) {
            if (now instanceof Sighting.Away away) {
                return giveUp(created, away.cause());
            }
            return move.reason() == Move.Reason.LOGIN
                    ? rewrite(created, null, bare -> new Step.Done<>(new Moved(bare, token)))
                    : end(created, () -> new Step.Done<>(new Gone(true)));
        }

        private Step<Committed> rewrite(
                Live created, @Nullable SessionRecord old, Function<Live, Step<Committed>> then) {
            return guarded(created, () -> {
                SessionRecord session = move.applied(changes, old);
                byte[] plaintext = RecordCodec.encode(session);
                if (Arrays.equals(plaintext, created.plaintext())) {
                    return then.apply(created);
                }
                Address address = created.address();
                // A commit of its own: the list of the new record holds this request's commit since it was created.
                long writeId = WriteId.newCommit(protocol.random());
                byte[] value = protocol.values()
                        .live(
                                address,
                                session,
                                plaintext,
                                created.envelope().version() + 1,
                                created.envelope().writeIdsAfter(writeId));
                return new GuardedWrite(
                                address,
                                value,
                                created.envelope(),
                                writeId,
                                address.leaseClass().lease())
                        .over(created.version(), lookup, fate -> {
                            boolean sure = fate instanceof Fate.Stored stored && !stored.degraded();
                            if (!sure && move.reason() == Move.Reason.ROTATE) {
                                // Who follows the pointer has no cookie that would keep him from an older state of it.
                                // A pointer of an earlier try may still arrive, so that it may happen all the same.
                                return giveUp(
                                        created,
                                        SessionUnavailableException.mayBeStored(
                                                "The session store may show an older state of a new session", null));
                            }
                            if (fate instanceof Fate.Stored stored) {
                                return then.apply(Live.stored(address, session, plaintext, value, stored.version()));
                            }
                            return fate instanceof Fate.Applied applied && applied.sighting() instanceof Live live
                                    ? then.apply(live)
                                    : giveUp(
                                            created,
                                            new SessionUnavailableException(
                                                    "The session store lost a new session", null));
                        });
            });
        }

        /** What cannot go on leaves no new record behind. */
        private Step<Committed> guarded(Live created, Supplier<Step<Committed>> next) {
            try {
                return next.get();
            } catch (RuntimeException e) {
                return giveUp(created, e);
            }
        }

        private Step<Committed> giveUp(Live created, RuntimeException cause) {
            return end(created, () -> {
                throw cause;
            });
        }

        private Step<Committed> end(Live created, Supplier<Step<Committed>> then) {
            return new Step.End<>(created.address().key(), created.session().deadline(), confirmed -> then.get());
        }
    }
}
