package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.MemcacheServiceException;
import com.google.apphosting.api.ApiProxy;
import java.util.ConcurrentModificationException;
import org.jspecify.annotations.Nullable;

/**
 * A service's call that gave no answer, or a refusal. Has the name of the service's exception and not its message, in which there may be
 * keys and values.
 */
final class ApiFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Fate fate;

    /** What is certain after it. */
    enum Fate {
        /** It was never sent: nothing happened. */
        NOT_SENT,
        /** The service is switched off, or its quota is used up: nothing happened. */
        REFUSED,
        /** Another transaction was faster, or in the way. That this one failed is not certain. */
        CONTENDED,
        /** It may have happened, or may still happen. */
        UNKNOWN
    }

    private ApiFailure(Fate fate, String message) {
        super(message, null, false, false);
        this.fate = fate;
    }

    /** There was no time left. */
    static ApiFailure late() {
        return new ApiFailure(Fate.NOT_SENT, "there was no time left for another call");
    }

    static ApiFailure unanswered() {
        return new ApiFailure(Fate.UNKNOWN, "no answer in time");
    }

    static ApiFailure interrupted() {
        return new ApiFailure(Fate.UNKNOWN, "the thread was interrupted");
    }

    static ApiFailure foreignThread() {
        return new ApiFailure(
                Fate.NOT_SENT,
                "this thread has no API environment; App Engine's services serve the threads of requests alone");
    }

    static ApiFailure of(@Nullable Throwable failure) {
        Throwable cause = failure instanceof MemcacheServiceException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        return new ApiFailure(
                fate(cause), cause == null ? "failure" : cause.getClass().getSimpleName());
    }

    private static Fate fate(@Nullable Throwable cause) {
        if (cause instanceof ApiProxy.CallNotFoundException
                || cause instanceof ApiProxy.ArgumentException
                || cause instanceof ApiProxy.RequestTooLargeException) {
            return Fate.NOT_SENT;
        } else if (cause instanceof ApiProxy.CapabilityDisabledException
                || cause instanceof ApiProxy.OverQuotaException
                || cause instanceof ApiProxy.FeatureNotEnabledException) {
            return Fate.REFUSED;
        }
        return cause instanceof ConcurrentModificationException ? Fate.CONTENDED : Fate.UNKNOWN;
    }

    Fate fate() {
        return fate;
    }

    /** Whether nothing has happened, for certain. */
    boolean isCertain() {
        return fate == Fate.NOT_SENT || fate == Fate.REFUSED;
    }
}
