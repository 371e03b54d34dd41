package dev.coatcheck.servlet;

import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.util.List;

/** A session listener of every kind, which writes down what it is told and what the session shows at that time. */
record Recorder(String name, List<String> log)
        implements HttpSessionListener, HttpSessionIdListener, HttpSessionAttributeListener {

    @Override
    public void sessionCreated(HttpSessionEvent event) {
        log.add(name + " created, new " + event.getSession().isNew());
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        log.add(name + " destroyed, name " + event.getSession().getAttribute("name"));
    }

    @Override
    public void sessionIdChanged(HttpSessionEvent event, String oldId) {
        log.add(name + " id " + oldId + " to " + event.getSession().getId());
    }

    @Override
    public void attributeAdded(HttpSessionBindingEvent event) {
        log(event, "added");
    }

    @Override
    public void attributeRemoved(HttpSessionBindingEvent event) {
        log(event, "removed");
    }

    @Override
    public void attributeReplaced(HttpSessionBindingEvent event) {
        log(event, "replaced");
    }

    private void log(HttpSessionBindingEvent event, String what) {
        log.add(name + " " + what + " " + event.getName() + " " + event.getValue() + ", now "
                + event.getSession().getAttribute(event.getName()));
    }
}
