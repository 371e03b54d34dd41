package dev.coatcheck.store.appengine;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.StoreHealth.Part;
import dev.coatcheck.StoreHealth.Trouble;
import dev.coatcheck.store.appengine.ApiFailure.Fate;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The service behind a store: whether the store may still ask it, and what is told of it. Safe for use by many threads. */
final class ServiceState {
    /** The largest value: memcache and Datastore have room for 1 MiB, key and all. */
    static final int MAX_VALUE_BYTES = 1_000_000;

    private final String name;
    private volatile BiConsumer<SessionEvent.Kind, Key> receiver = (kind, key) -> {};
    private volatile boolean refusesWrites;
    private volatile boolean closed;

    ServiceState(String name) {
        this.name = name;
    }

    void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        this.receiver = receiver;
    }

    void close() {
        closed = true;
    }

    /** @throws SessionUnavailableException when the store is closed */
    void mustBeOpen() {
        if (closed) {
            throw new SessionUnavailableException("The session store is closed", null);
        }
    }

    /** @throws IllegalArgumentException when the value is too large, or none of a session */
    static Envelope checked(byte[] value) {
        if (value.length > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "A value of " + value.length + " bytes; " + MAX_VALUE_BYTES + " are allowed");
        }
        return Envelope.of(value);
    }

    SessionUnavailableException unavailable(ApiFailure e) {
        return new SessionUnavailableException("The session store is away: " + name + ": " + e.getMessage(), null);
    }

    /** A write was taken. */
    void wrote() {
        refusesWrites = false;
    }

    /** A write was not, or its answer was lost. */
    void failed(Key key, ApiFailure e) {
        if (e.fate() == Fate.REFUSED) {
            refusesWrites = true;
            receiver.accept(SessionEvent.Kind.DEGRADED, key);
        }
    }

    /**
     * A write that may happen twice: it is asked for once more when the first answer was lost and there is time left.
     *
     * @return false when it may not have happened
     */
    boolean twice(Key key, Deadline deadline, Consumer<Deadline> write) {
        try {
            try {
                write.accept(deadline);
            } catch (ApiFailure e) {
                if (e.isCertain() || deadline.isOver() || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                write.accept(deadline);
            }
            wrote();
            return true;
        } catch (ApiFailure e) {
            failed(key, e);
            return false;
        }
    }

    /** Whether it answers when it is asked for figures, and whether it refused the last write. */
    StoreHealth health(Supplier<Map<String, Long>> figures) {
        try {
            mustBeOpen();
            return StoreHealth.of(
                    refusesWrites
                            ? new Part(name, Set.of(Trouble.REFUSES_WRITES), "it refused the last write", figures.get())
                            : new Part(name, Set.of(), "", figures.get()));
        } catch (ApiFailure | SessionUnavailableException e) {
            return StoreHealth.of(Part.away(name, String.valueOf(e.getMessage())));
        }
    }
}
