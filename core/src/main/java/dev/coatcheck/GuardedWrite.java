package dev.coatcheck;

import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;

/**
 * One write in place of a version that was seen, carried on until its fate is known. A reply that was lost proves nothing,
 * and neither does reading the old value again, since the write may still happen; only the version, the write ids and a
 * second, identical write tell.
 *
 * @param address where
 * @param value the sealed bytes, sent again as they are
 * @param base the envelope that the write replaces
 * @param writeId the write's own id, first in the value's envelope
 * @param lease how long the value is to be kept
 */
record GuardedWrite(Address address, byte[] value, Envelope base, long writeId, Duration lease) {
    /** How far ahead of the base a record may be for its list of write ids to tell whether this one is in it. */
    private static final int TELLABLE = Envelope.WRITE_IDS;

    private static final int MAX_RESENDS = 16;

    /** What became of the write. */
    sealed interface Fate {

        /** It is there, under this version. */
        record Stored(Version version, boolean degraded) implements Fate {}

        /** It is there, as found later; others may have written since. */
        record Applied(Sighting sighting) implements Fate {}

        /** It is not there and never will be; this is there instead. */
        record Overtaken(Sighting sighting) implements Fate {}

        /** Others wrote so often since that nobody can tell whether it was there. */
        record Untold(Sighting sighting) implements Fate {}

        /** It is not there, since the store could not take it. */
        record Refused(SessionUnavailableException cause) implements Fate {}

        /** It may be there, now or later. */
        record Unsure(SessionUnavailableException cause) implements Fate {}
    }

    <R> Step<R> over(Version seen, Lookup lookup, Function<Fate, Step<R>> then) {
        return send(seen, lookup, new Progress(false, 0), then);
    }

    /** Whether an earlier sending may still happen, and how often the value was sent again. */
    private record Progress(boolean unsure, int resends) {
        Progress afterLostReply() {
            return new Progress(true, resends);
        }

        Progress afterResend() {
            return new Progress(unsure, resends + 1);
        }
    }

    private <R> Step<R> send(Version seen, Lookup lookup, Progress progress, Function<Fate, Step<R>> then) {
        return new Step.Replace<>(address.key(), value, seen, lease, answer -> {
            SessionUnavailableException unavailable = answer.unavailable();
            if (unavailable != null) {
                return then.apply(progress.unsure ? new Fate.Unsure(unavailable) : new Fate.Refused(unavailable));
            }
            Written written = Objects.requireNonNull(answer.value(), "an answer");
            return switch (written.outcome()) {
                case STORED ->
                    then.apply(new Fate.Stored(
                            Objects.requireNonNull(written.version(), "STORED has a version"), written.degraded()));
                case GONE -> then.apply(gone(new Sighting.Absent(true), progress));
                case CONFLICT -> lookAgain(lookup, progress, 1, then);
                case UNKNOWN, EXISTS -> lookAgain(lookup, progress.afterLostReply(), 1, then);
            };
        });
    }

    private <R> Step<R> lookAgain(Lookup lookup, Progress progress, int looks, Function<Fate, Step<R>> then) {
        return lookup.look(address, true, sighting -> {
            if (sighting instanceof Sighting.Away away) {
                if (looks < 2) {
                    return lookAgain(lookup, progress, looks + 1, then);
                }
                return then.apply(progress.unsure ? new Fate.Unsure(away.cause()) : new Fate.Refused(away.cause()));
            }
            if (sighting instanceof Sighting.Live live) {
                return judge(live, lookup, progress, then);
            }
            if (sighting instanceof Sighting.Old old) {
                if (old.envelope().containsCommit(writeId)) {
                    return then.apply(new Fate.Applied(sighting));
                }
            }
            return then.apply(gone(sighting, progress));
        });
    }

    /**
     * No session is left here. How many wrote before the id was rotated away, its mark does not say; and where even the mark is
     * gone, a write whose answer was lost may live on under another id.
     */
    private static Fate gone(Sighting sighting, Progress progress) {
        return progress.unsure ? new Fate.Untold(sighting) : new Fate.Overtaken(sighting);
    }

    private <R> Step<R> judge(Sighting.Live live, Lookup lookup, Progress progress, Function<Fate, Step<R>> then) {
        Envelope now = live.envelope();
        if (now.containsCommit(writeId)) {
            return then.apply(new Fate.Applied(live));
        }
        boolean nobodyWrote = now.version() == base.version() && now.newestWrite() == base.newestWrite();
        if (nobodyWrote) {
            // Sent again with the version just read, the same bytes win or are refused: the late one is dead either
            // way.
            return progress.resends < MAX_RESENDS
                    ? send(live.version(), lookup, progress.afterResend(), then)
                    : then.apply(new Fate.Unsure(
                            new SessionUnavailableException("The session store keeps refusing a write", null)));
        }
        boolean tellable = now.version() - base.version() <= TELLABLE;
        return then.apply(tellable || !progress.unsure ? new Fate.Overtaken(live) : new Fate.Untold(live));
    }
}
