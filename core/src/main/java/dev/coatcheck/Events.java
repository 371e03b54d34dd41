package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners, and the log of what is corrupt; no listener stops anything. Safe for use by many threads. */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);

    private final List<SessionListener> listeners;
    private final Clock clock;
    private final MinuteLog corruptLog;

    Events(List<SessionListener> listeners, Clock clock) {
        this.listeners = List.copyOf(listeners);
        this.clock = clock;
        corruptLog = new MinuteLog(clock);
    }

    void tell(Kind kind, @Nullable String id) {
        tell(kind, id, null, null);
    }

    void tell(Kind kind, @Nullable String id, @Nullable String previousId, @Nullable String userId) {
        if (kind == Kind.CORRUPT) {
            // Somebody else writes to the store, or a release cannot read another's: to be seen without a listener too.
            corruptLog.run(times -> LOG.warn(
                    "{} stored sessions of the last minute were refused: not what was sealed, or a guarded attribute that"
                            + " cannot be decoded",
                    times));
        }
        if (listeners.isEmpty()) {
            return;
        }
        SessionEvent event = new SessionEvent(kind, id, previousId, userId, clock.instant());
        for (SessionListener listener : listeners) {
            try {
                listener.on(event);
            } catch (Throwable thrown) { // an Error of a listener must not undo a log-out either
                LOG.error(
                        "A session listener failed at {}: {}",
                        event,
                        thrown.getClass().getName());
            }
        }
    }
}
