package dev.coatcheck.servlet;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Tells of requests that bring a session of the container, once a minute: code ahead of the filter has made one, which code
 * behind the filter cannot see. No error, since a container may have good reasons: its own form login keeps the user there,
 * and Tomcat brings back the sessions of the time before the filter. Safe for use by many threads.
 */
final class ContainerSessions {
    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    private final ServletContext context;
    private final LongSupplier nanoTime;
    private final AtomicLong next;

    ContainerSessions(ServletContext context, LongSupplier nanoTime) {
        this.context = context;
        this.nanoTime = nanoTime;
        next = new AtomicLong(nanoTime.getAsLong());
    }

    /** To be called with the request that the filter was given, once. */
    void look(HttpServletRequest request) {
        if (request.getSession(false) == null) {
            return;
        }
        long now = nanoTime.getAsLong();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + PAUSE_NANOS)) {
            context.log("Coatcheck: a request came to " + SessionFilter.class.getName()
                    + " with a session of the container. Code ahead of the filter has called getSession, or the container"
                    + " keeps one for its own log-in or from an earlier run; what is in it is not seen behind the filter."
                    + " Map the filter ahead of all others");
        }
    }
}
