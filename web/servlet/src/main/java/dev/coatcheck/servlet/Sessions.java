package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.SessionManager;
import jakarta.servlet.ServletRequest;

/** The typed API for code behind a {@link SessionFilter}. Safe for use by many threads. */
public final class Sessions {
    private Sessions() {}

    /**
     * The session of a request, the same one that {@code request.getSession()} shows; there is one for every request, and
     * nothing is loaded or stored until something is read or set. No I/O.
     *
     * @throws IllegalStateException when no {@link SessionFilter} is in front of this code
     */
    public static Session current(ServletRequest request) {
        return visit(request).session();
    }

    /**
     * The manager of the filter in front of this code: for a user's devices, a sweep on demand, or health, where the filter has
     * made it from settings. Not to be closed. No I/O.
     *
     * @throws IllegalStateException when no {@link SessionFilter} is in front of this code
     */
    public static SessionManager manager(ServletRequest request) {
        return visit(request).manager();
    }

    private static Visit visit(ServletRequest request) {
        if (request.getAttribute(Visit.ATTRIBUTE) instanceof Visit visit) {
            return visit;
        }
        throw new IllegalStateException("This request did not pass through " + SessionFilter.class.getName()
                + ": map the filter to its path and to its dispatcher type, " + request.getDispatcherType());
    }
}
