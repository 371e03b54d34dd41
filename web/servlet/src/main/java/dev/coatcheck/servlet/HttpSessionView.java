package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.servlet.Sightings.Seen;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSession;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shows a {@link Session} as the servlet API wants it, until this request invalidates it, and tells the listeners. As
 * thread-safe as the session.
 *
 * <p>The servlet API has no way to say that a request gets no session (over plain HTTP, or with an id that was just
 * replaced by a sign-in). Such a request is shown one that passes away with it.
 */
class HttpSessionView implements HttpSession {
    private static final int ID_BYTES = 15;
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Since Servlet 6.1. */
    private static final boolean HAS_ACCESSORS = Stream.of(HttpSession.class.getMethods())
            .anyMatch(method -> method.getName().equals("getAccessor"));

    private final Session session;
    private final Desk desk;
    private final SessionAttributes attributes;
    private final boolean passing;
    private final boolean madeHere;
    private final Seen seenBefore;
    /** The last id that was known, for whoever asks once the session or its request is over. */
    private final AtomicReference<String> lastId;

    private final AtomicBoolean ending = new AtomicBoolean();
    private volatile @Nullable Remains remains;
    private volatile @Nullable String user;
    private volatile boolean ended;

    /** @param seenBefore the request before this one with the same ticket */
    HttpSessionView(Session session, Desk desk, Seen seenBefore) {
        this.session = session;
        this.desk = desk;
        this.seenBefore = seenBefore;
        String id = session.id();
        passing = id == null;
        madeHere = session.isNew();
        user = session.userId();
        lastId = new AtomicReference<>(id == null ? randomId() : id);
        attributes = new SessionAttributes(this, session, desk);
    }

    /**
     * A view as the container's API has it.
     *
     * @param ticket what leads to the session outside of this request, null for nothing
     */
    static HttpSessionView of(Session session, Desk desk, Seen seenBefore, Supplier<@Nullable Ticket> ticket) {
        return HAS_ACCESSORS
                ? new AccessibleSession(session, desk, seenBefore, ticket)
                : new HttpSessionView(session, desk, seenBefore);
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
        return passing;
    }

    /** Whether this shows a session that has ended meanwhile, past the servlet API, and another one was made since. */
    boolean isReplaced() {
        return !passing && !madeHere && session.isNew();
    }

    final void live() {
        if (ended) {
            throw new IllegalStateException("The session was invalidated");
        }
    }

    /** Tells the listeners that the session was made. */
    void created() {
        desk.listeners().created(this);
    }

    /** The public id: no secret, and worth nothing as a cookie. After the end of the session or its request, the last one. */
    @Override
    public String getId() {
        if (!ended) {
            try {
                follow();
            } catch (IllegalStateException requestIsOver) {
                return lastId.get();
            }
        }
        return lastId.get();
    }

    /** Learns of a new id, also of one that was given past the servlet API: what this process keeps goes along. */
    void follow() {
        String now = session.id();
        String before = lastId.get();
        if (now == null || now.equals(before) || !lastId.compareAndSet(before, now)) {
            return;
        }
        String owner = user;
        user = session.userId();
        if (owner == null || owner.equals(user)) {
            desk.values().move(before, now);
        } else {
            attributes.dropOfProcess(before);
        }
        if (!passing) {
            desk.listeners().idChanged(this, before);
        }
    }

    /** Gives the session another id; the old one leads nowhere at once. */
    String changeId() {
        live();
        if (session.id() != null) {
            session.changeId();
            follow();
            return lastId.get();
        }
        String now = randomId();
        String before = lastId.getAndSet(now);
        desk.values().move(before, now);
        desk.listeners().idChanged(this, before);
        return now;
    }

    @Override
    public ServletContext getServletContext() {
        return desk.context();
    }

    @Override
    public long getCreationTime() {
        live();
        Remains left = remains;
        return left == null ? session.createdAt().toEpochMilli() : left.creationTime();
    }

    @Override
    public long getLastAccessedTime() {
        live();
        Remains left = remains;
        if (left != null) {
            return left.lastAccessedTime();
        }
        // The store tells how long ago, by another clock: it may seem to have been before the session was made.
        long made = session.createdAt().toEpochMilli();
        long touched = session.lastAccessedAt().toEpochMilli();
        return Math.max(made, madeHere ? touched : seenBefore.lastAccess(touched));
    }

    @Override
    public void setMaxInactiveInterval(int seconds) {
        live();
        Remains left = remains;
        if (left == null) {
            session.idleTimeout(Duration.ofSeconds(seconds));
        } else {
            left.interval(seconds);
        }
    }

    /** Zero when only the absolute lifetime ends the session. */
    @Override
    public int getMaxInactiveInterval() {
        live();
        Remains left = remains;
        return left == null ? (int) session.untyped().idleTimeout().toSeconds() : left.interval();
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        live();
        return attributes.get(name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        live();
        return Collections.enumeration(attributes.names());
    }

    @Override
    public void setAttribute(String name, @Nullable Object value) {
        live();
        Objects.requireNonNull(name, "name");
        if (value == null) {
            attributes.remove(name);
        } else {
            attributes.set(name, value);
        }
    }

    @Override
    public void removeAttribute(String name) {
        setAttribute(name, null);
    }

    // The old names, which the API has had until Servlet 5: behind a newer one nobody sees them.

    /** As {@link #getAttribute}. */
    public final @Nullable Object getValue(String name) {
        return getAttribute(name);
    }

    /** As {@link #getAttributeNames}. */
    public final String[] getValueNames() {
        return Collections.list(getAttributeNames()).toArray(String[]::new);
    }

    /** As {@link #setAttribute}. */
    public final void putValue(String name, @Nullable Object value) {
        setAttribute(name, value);
    }

    /** As {@link #removeAttribute}. */
    public final void removeValue(String name) {
        removeAttribute(name);
    }

    /**
     * Ends the session at once, in the store too; if the store is away it is ended behind the answer. Listeners are told
     * afterwards, of the session as it was, so that they can neither stop nor delay its end. A second call, by one of them,
     * does nothing.
     */
    @Override
    public void invalidate() {
        live();
        getId();
        Remains left = new Remains(
                getCreationTime(), getLastAccessedTime(), getMaxInactiveInterval(), isNew(), attributes.stored());
        if (!ending.compareAndSet(false, true)) {
            return;
        }
        remains = left;
        try {
            attributes.become(left);
            session.logout();
            desk.listeners().destroyed(this);
            attributes.unbindAll();
        } finally {
            ended = true;
            desk.values().drop(lastId.get());
        }
    }

    /** Ahead of a commit: what is stored is about to leave this process. */
    void passivate() {
        attributes.passivate();
    }

    /** The end of the request, and of a session that passes away with it. */
    void requestEnds(long began) {
        if (!passing) {
            desk.sightings().alive(lastId.get(), began, System.currentTimeMillis());
        } else if (session.id() == null) {
            desk.values().drop(lastId.get());
        }
    }

    @Override
    public boolean isNew() {
        live();
        Remains left = remains;
        return left == null ? session.isNew() : left.isNew();
    }
}
