package dev.coatcheck;

import dev.coatcheck.GuardedWrite.Fate;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.Sighting.Live;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Stores a request's changes in the session that it read: one compare-and-swap of the record. Where another request was
 * faster, the changes are applied to what it left, and so on for a bounded time; where the session ended, they are dropped.
 */
final class Commit {
    private final Protocol protocol;
    private final Lookup lookup;

    Commit(Protocol protocol, Lookup lookup) {
        this.protocol = protocol;
        this.lookup = lookup;
    }

    /** Stores the changes; nothing is sent where they change no byte. */
    Step<Committed> save(Live base, List<Change> changes, Tries tries) {
        return save(base, changes, tries, false);
    }

    /** As {@link #save}, into a session that was reached by a pointer. */
    Step<Committed> saveFollowed(Live base, List<Change> changes, Tries tries) {
        return save(base, changes, tries, true);
    }

    private Step<Committed> save(Live base, List<Change> changes, Tries tries, boolean followed) {
        SessionRecord session = Change.applyAll(changes, base.session());
        byte[] plaintext = RecordCodec.encode(session);
        if (Arrays.equals(plaintext, base.plaintext())) {
            return done(base, followed, false);
        }
        if (base.envelope().version() >= Envelope.LAST_VERSION) {
            throw new SessionConflictException("The session was written too often under one id; it needs a new one");
        }
        Address address = base.address();
        int version = base.envelope().version() + 1;
        List<Long> writeIds = base.envelope().writeIdsAfter(tries.writeId());
        byte[] value = protocol.values().live(address, session, plaintext, version, writeIds);
        GuardedWrite write = new GuardedWrite(
                address,
                value,
                base.envelope(),
                tries.writeId(),
                address.leaseClass().lease());
        return write.over(base.version(), lookup, fate -> {
            if (fate instanceof Fate.Stored stored) {
                if (stored.degraded()) {
                    protocol.events().tell(Kind.DEGRADED, address.id());
                }
                Live saved = Live.stored(address, session, plaintext, value, stored.version());
                return done(saved, followed, stored.degraded());
            }
            return next(base, changes, tries, followed, fate);
        });
    }

    private Step<Committed> next(Live base, List<Change> changes, Tries tries, boolean followed, Fate fate) {
        if (fate instanceof Fate.Applied applied) {
            return applied(applied.sighting(), followed);
        } else if (fate instanceof Fate.Overtaken overtaken) {
            return merge(base, changes, tries, followed, overtaken.sighting(), false);
        } else if (fate instanceof Fate.Untold untold) {
            return merge(base, changes, tries, followed, untold.sighting(), true);
        } else if (fate instanceof Fate.Refused refused) {
            throw refused.cause();
        } else if (fate instanceof Fate.Unsure unsure) {
            throw mayBeStored(unsure.cause());
        }
        throw new IllegalStateException("No fate: " + fate);
    }

    /** The changes are stored; where the session has moved on since, they moved with it. */
    private Step<Committed> applied(Sighting now, boolean followed) {
        if (now instanceof Sighting.Old old && old.left() instanceof OldId.Pointer pointer) {
            return lookup.follow(pointer, true, target -> {
                Step<Committed> gone = new Step.Done<>(new Committed.Gone(false));
                return target instanceof Live live ? done(live, true, false) : gone;
            });
        }
        // Who has lost the answer does not know what else in front of the store has missed the write.
        return now instanceof Live live ? done(live, followed, true) : new Step.Done<>(new Committed.Gone(false));
    }

    /** Applies the changes to what is there now. */
    private Step<Committed> merge(
            Live base, List<Change> changes, Tries tries, boolean followed, Sighting now, boolean untold) {
        if (now instanceof Live live) {
            if (untold) {
                mustRunTwice(changes);
            }
            protocol.counters().conflicts.increment();
            countOverwritten(base, live, changes);
            return tries.again(protocol, next -> save(live, changes, next, followed));
        }
        if (now instanceof Sighting.Old old && old.left() instanceof OldId.Pointer pointer) {
            return lookup.follow(pointer, true, target -> {
                if (target instanceof Live live && live.envelope().containsCommit(tries.writeId())) {
                    return done(live, true, false);
                }
                if (untold && target instanceof Sighting.Away away) {
                    throw mayBeStored(away.cause());
                }
                return target instanceof Live ? merge(base, changes, tries, true, target, untold) : gone(target);
            });
        }
        if (untold) {
            mustRunTwice(changes);
        }
        return gone(now);
    }

    private static Step<Committed> gone(Sighting sighting) {
        if (sighting instanceof Sighting.Away away) {
            throw away.cause();
        }
        return new Step.Done<>(new Committed.Gone(true));
    }

    private static SessionUnavailableException mayBeStored(SessionUnavailableException cause) {
        return SessionUnavailableException.mayBeStored(
                "The session store did not answer: the changes may be stored or not", cause);
    }

    private static void mustRunTwice(List<Change> changes) {
        if (!changes.stream().allMatch(Change::mayRunTwice)) {
            throw SessionUnavailableException.mayBeStored(
                    "The session store did not answer, and too much has happened to the session since to tell whether this"
                            + " request's changes were stored",
                    null);
        }
    }

    /** Of one attribute the later commit wins; that is said aloud. */
    private void countOverwritten(Live base, Live now, List<Change> changes) {
        for (Change change : changes) {
            String name = change.overwrites();
            if (name != null
                    && !Objects.equals(
                            base.session().attribute(name), now.session().attribute(name))) {
                protocol.counters().overwritten.increment();
                protocol.events()
                        .tell(
                                Kind.CONFLICT,
                                now.address().id(),
                                null,
                                now.session().userId());
            }
        }
    }

    private static Step<Committed> done(Live live, boolean followed, boolean shaky) {
        if (followed && shaky) {
            throw mayShowOlder(); // this browser gets no cookie to remember it by
        }
        return new Step.Done<>(followed ? new Committed.Followed(live) : new Committed.Kept(live, shaky));
    }

    /** The changes are stored, but a next request may not see them, and nothing keeps it from that. */
    static SessionUnavailableException mayShowOlder() {
        return SessionUnavailableException.mayBeStored(
                "The changes are stored, but a part of the session store that is away may show an older session", null);
    }
}
