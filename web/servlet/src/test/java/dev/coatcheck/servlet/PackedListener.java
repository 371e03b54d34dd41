package dev.coatcheck.servlet;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;

/** A listener of an application that knows of the servlet API alone; it tells by a context attribute. */
public class PackedListener implements HttpSessionListener {
    static final String TOLD = "told";

    @Override
    public void sessionCreated(HttpSessionEvent event) {
        tell(event, "created");
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        tell(event, "destroyed");
    }

    private void tell(HttpSessionEvent event, String what) {
        ServletContext context = event.getSession().getServletContext();
        Object before = context.getAttribute(TOLD);
        context.setAttribute(
                TOLD, (before == null ? "" : before + ", ") + getClass().getSimpleName() + " " + what);
    }
}
