package dev.coatcheck.acceptance.docs;

import dev.coatcheck.SessionStore;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

public class SweepSessions extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getHeader("X-Appengine-Cron") == null) { // App Engine takes it out of everybody else's requests
            response.sendError(HttpServletResponse.SC_FORBIDDEN);
            return;
        }
        try (SessionStore store = SessionStore.open("appengine:")) { // as COATCHECK_STORE
            response.getWriter()
                    .println("Sessions that have ended: " + store.sweep(500).size());
        }
    }
}
