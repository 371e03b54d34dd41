package dev.coatcheck.demo.appengine;

import dev.coatcheck.SessionManager;
import dev.coatcheck.servlet.Sessions;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Ends what has expired in Datastore, when cron asks for it: nothing runs on threads of its own here. App Engine takes the header
 * that is looked for out of everybody else's requests.
 */
public final class SweepServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final int BATCH = 100;
    private static final int MOST = 2_000;

    /** For the container. */
    public SweepServlet() {}

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!"true".equals(request.getHeader("X-Appengine-Cron"))) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN);
            return;
        }
        SessionManager sessions = Sessions.manager(request);
        int ended = 0;
        int batch;
        do {
            batch = sessions.sweep(BATCH);
            ended += batch;
        } while (batch > 0 && ended < MOST);
        response.setContentType("text/plain");
        response.getWriter().println(ended + " sessions had expired");
    }
}
