package dev.coatcheck.servlet;

import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import java.util.List;

/** A value that listens for its own fate and that no record can hold. */
final class Guest implements HttpSessionBindingListener, HttpSessionActivationListener {
    private final String name;
    private final List<String> log;

    Guest(String name, List<String> log) {
        this.name = name;
        this.log = log;
    }

    @Override
    public void valueBound(HttpSessionBindingEvent event) {
        log.add(name + " bound to " + event.getName() + ", there " + there(event));
    }

    @Override
    public void valueUnbound(HttpSessionBindingEvent event) {
        log.add(name + " unbound from " + event.getName() + ", there " + there(event));
    }

    private static Object there(HttpSessionBindingEvent event) {
        return event.getSession().getAttribute(event.getName());
    }

    @Override
    public void sessionWillPassivate(HttpSessionEvent event) {
        log.add(name + " passivated");
    }

    @Override
    public void sessionDidActivate(HttpSessionEvent event) {
        log.add(name + " activated");
    }

    @Override
    public String toString() {
        return name;
    }
}
