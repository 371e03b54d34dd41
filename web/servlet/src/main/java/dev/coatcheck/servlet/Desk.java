package dev.coatcheck.servlet;

import dev.coatcheck.SessionManager;
import jakarta.servlet.ServletContext;

/** What all requests of one application share. Safe for use by many threads. */
record Desk(
        SessionManager manager,
        ServletContext context,
        SessionListeners listeners,
        ProcessValues values,
        Sightings sightings) {

    Desk(SessionManager manager, ServletContext context, SessionListeners listeners) {
        this(manager, context, listeners, new ProcessValues(), new Sightings());
    }
}
