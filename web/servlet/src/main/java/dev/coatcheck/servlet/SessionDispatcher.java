package dev.coatcheck.servlet;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/**
 * The container's dispatcher, with the session saved ahead of an include: Undertow lets nobody set a header while one runs,
 * and the included page may fill the buffer. A cookie of the included page itself is added when it is done.
 */
final class SessionDispatcher implements RequestDispatcher {
    private final RequestDispatcher dispatcher;
    private final Visit visit;

    SessionDispatcher(RequestDispatcher dispatcher, Visit visit) {
        this.dispatcher = dispatcher;
        this.visit = visit;
    }

    @Override
    public void forward(ServletRequest request, ServletResponse response) throws ServletException, IOException {
        dispatcher.forward(request, response);
    }

    @Override
    public void include(ServletRequest request, ServletResponse response) throws ServletException, IOException {
        visit.commit();
        dispatcher.include(request, response);
        visit.restore();
    }
}
