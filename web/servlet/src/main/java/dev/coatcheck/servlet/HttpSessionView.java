package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.SessionAttributeException;
import dev.coatcheck.SessionException;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSession;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * Shows a {@link Session} as the servlet API wants it, until this request invalidates it. As thread-safe as the session.
 *
 * <p>The servlet API has no way to say that a request gets no session (over plain HTTP, or with an id that was just
 * replaced by a sign-in). Such a request is shown one that passes away with it.
 */
final class HttpSessionView implements HttpSession {
    private static final int ID_BYTES = 15;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Session session;
    private final ServletContext context;
    private final @Nullable String passingId;
    private volatile boolean ended;
    private volatile @Nullable String keptId;

    HttpSessionView(Session session, ServletContext context, boolean passing) {
        this.session = session;
        this.context = context;
        passingId = passing ? randomId() : null;
    }

    private static String randomId() {
        byte[] bytes = new byte[ID_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().encodeToString(bytes);
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether nothing of it is stored, unless the request signs in. */
    boolean isPassing() {
        return passingId != null;
    }

    /** Keeps the id for those who hold the session longer than its request: Tomcat asks for it when a WebSocket begins. */
    void keepId() {
        if (!ended) {
            try {
                keptId = session.id();
            } catch (SessionException away) {
                // Nobody has seen an id of it.
            }
        }
    }

    private void live() {
        if (ended) {
            throw new IllegalStateException("The session was invalidated");
        }
    }

    /** The public id: no secret, and worth nothing as a cookie. */
    @Override
    public String getId() {
        live();
        String id = keptId == null ? session.id() : keptId;
        if (id == null) {
            id = passingId;
        }
        if (id == null) {
            throw new IllegalStateException("The session has ended");
        }
        return id;
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
        // The store tells how long ago, by another clock: it may seem to have been before the session was made.
        return Math.max(
                session.createdAt().toEpochMilli(), session.lastAccessedAt().toEpochMilli());
    }

    @Override
    public void setMaxInactiveInterval(int seconds) {
        live();
        session.idleTimeout(Duration.ofSeconds(seconds));
    }

    /** Zero when only the absolute lifetime ends the session. */
    @Override
    public int getMaxInactiveInterval() {
        live();
        return (int) session.untyped().idleTimeout().toSeconds();
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
