package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.SessionAttributeException;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of an {@link HttpSessionView}: those of the record, and values that listen for their own fate and that no
 * record can hold, which this process keeps. Tells the values and the listeners what happens. As thread-safe as the session.
 */
final class SessionAttributes {
    private final HttpSessionView view;
    private final Session session;
    private final Desk desk;
    /** Values that came from the store in this request. */
    private final Set<HttpSessionActivationListener> active =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    private volatile @Nullable Remains remains;

    SessionAttributes(HttpSessionView view, Session session, Desk desk) {
        this.view = view;
        this.session = session;
        this.desk = desk;
    }

    @Nullable
    Object get(String name) {
        Remains left = remains;
        Object stored = left == null ? session.untyped().get(name) : left.get(name);
        if (stored instanceof HttpSessionActivationListener listener && active.add(listener)) {
            listener.sessionDidActivate(new HttpSessionEvent(view));
        }
        // Another node may have stored a value since: it is the newer one.
        return stored == null ? desk.values().get(view.getId(), name) : stored;
    }

    /** Sorted; a copy. */
    Set<String> names() {
        Remains left = remains;
        Set<String> names = new TreeSet<>(left == null ? session.keys() : left.names());
        names.addAll(desk.values().names(view.getId()));
        return names;
    }

    /** The value ahead of a change; null where it cannot be read by name alone. */
    private @Nullable Object before(String name) {
        try {
            return get(name);
        } catch (SessionAttributeException storedAsAnotherType) {
            return null;
        }
    }

    void set(String name, Object value) {
        Object before = before(name);
        boolean another = !same(before, value);
        if (another && value instanceof HttpSessionBindingListener listener) {
            listener.valueBound(new HttpSessionBindingEvent(view, name, value));
        }
        keep(name, value);
        if (another) {
            unbound(name, before);
        }
        desk.listeners().attribute(view, name, before, value);
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean same(@Nullable Object before, Object value) {
        // The specification means the object: an equal one is bound anew.
        return before == value;
    }

    private void keep(String name, Object value) {
        try {
            store(name, value);
            desk.values().remove(view.getId(), name);
        } catch (SessionAttributeException refused) {
            boolean listens =
                    value instanceof HttpSessionBindingListener || value instanceof HttpSessionActivationListener;
            if (!listens || !desk.values().put(view.getId(), name, value)) {
                unbound(name, value);
                throw new IllegalArgumentException(
                        "The attribute '" + name + "' of class "
                                + value.getClass().getName() + " cannot be stored: " + refused.getMessage(),
                        refused);
            }
            store(name, null);
        }
    }

    private void store(String name, @Nullable Object value) {
        Remains left = remains;
        if (left == null) {
            session.untyped().set(name, value);
        } else {
            left.set(name, value);
        }
    }

    /** What is stored and can be read; a copy. */
    Map<String, Object> stored() {
        Map<String, Object> all = new HashMap<>();
        for (String name : session.keys()) {
            Unstoppable.run(view, desk.listeners(), () -> {
                Object value = before(name);
                if (value != null) {
                    all.put(name, value);
                }
            });
        }
        return all;
    }

    /** From now on the attributes are those of a session that has ended. */
    void become(Remains left) {
        remains = left;
    }

    void remove(String name) {
        Object before = before(name);
        store(name, null);
        desk.values().remove(view.getId(), name);
        unbound(name, before);
        desk.listeners().attribute(view, name, before, null);
    }

    private void unbound(String name, @Nullable Object value) {
        if (value instanceof HttpSessionBindingListener listener) {
            Unstoppable.run(view, value, () -> listener.valueUnbound(new HttpSessionBindingEvent(view, name, value)));
        }
    }

    /** Takes every attribute away from a session that ends, whatever the listeners say. */
    void unbindAll() {
        names().forEach(name -> Unstoppable.run(view, desk.listeners(), () -> remove(name)));
    }

    /** Drops what this process kept for another user. */
    void dropOfProcess(String id) {
        for (String name : desk.values().names(id)) {
            Object value = desk.values().get(id, name);
            desk.values().remove(id, name);
            unbound(name, value);
        }
    }

    void passivate() {
        List<HttpSessionActivationListener> all;
        synchronized (active) {
            all = new ArrayList<>(active);
            active.clear();
        }
        all.forEach(each -> Unstoppable.run(view, each, () -> each.sessionWillPassivate(new HttpSessionEvent(view))));
    }
}
