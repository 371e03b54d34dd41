package dev.coatcheck.demo.appengine;

import dev.coatcheck.servlet.Sessions;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Ends what has expired in Datastore, when cron asks for it: nothing runs on threads of its own here. */
public final class SweepServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    /** For the container. */
    public SweepServlet() {}

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getHeader("X-Appengine-Cron") == null) { // App Engine takes it out of everybody else's requests
            response.sendError(HttpServletResponse.SC_FORBIDDEN);
            return;
        }
        int ended = Sessions.manager(request).sweep(500);
        response.setContentType("text/plain");
        response.getWriter().println(ended + " sessions had expired");
    }
}
