package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.SessionAttributeException;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/** Shows a {@link Session} as the servlet API wants it. As thread-safe as the session. */
final class HttpSessionView implements HttpSession {
    private final Session session;
    private final ServletContext context;
    private volatile boolean ended;

    HttpSessionView(Session session, ServletContext context) {
        this.session = session;
        this.context = context;
    }

    boolean isEnded() {
        return ended;
    }

    private String live() {
        String id = ended ? null : session.id();
        if (id == null) {
            throw new IllegalStateException("The session has ended");
        }
        return id;
    }

    /** The public id: no secret, and worth nothing as a cookie. */
    @Override
    public String getId() {
        return live();
    }

    @Override
    public ServletContext getServletContext() {
        return context;
    }

    @Override
    public long getCreationTime() {
        live();
        return session.createdAt().toEpochMilli();
    }

    @Override
    public long getLastAccessedTime() {
        live();
        return session.lastAccessedAt().toEpochMilli();
    }

    @Override
    public void setMaxInactiveInterval(int seconds) {
        live();
        session.idleTimeout(Duration.ofSeconds(seconds));
    }

    @Override
    public int getMaxInactiveInterval() {
        live();
        Duration left = Duration.between(Instant.now(), session.expiresAt());
        return (int) Math.min(Integer.MAX_VALUE, left.plusMillis(500).toSeconds());
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        live();
        return session.untyped().get(name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        live();
        return Collections.enumeration(session.keys());
    }

    @Override
    public void setAttribute(String name, @Nullable Object value) {
        live();
        try {
            session.untyped().set(name, value);
        } catch (SessionAttributeException refused) {
            String type = value == null ? "null" : value.getClass().getName();
            throw new IllegalArgumentException(
                    "The attribute '" + name + "' of class " + type + " cannot be stored: " + refused.getMessage(),
                    refused);
        }
    }

    @Override
    public void removeAttribute(String name) {
        setAttribute(name, null);
    }

    /** Ends the session at once, in the store too; if the store is away it is ended behind the answer. */
    @Override
    public void invalidate() {
        live();
        ended = true;
        session.logout();
    }

    @Override
    public boolean isNew() {
        live();
        return session.isNew();
    }
}
