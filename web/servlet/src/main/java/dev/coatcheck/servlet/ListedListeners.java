package dev.coatcheck.servlet;

import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Listeners of every kind in one list, as most containers keep them. */
final class ListedListeners implements SessionListeners {
    private final Supplier<Collection<?>> source;

    /** @param source gives the listeners in the order of their declaration, each once */
    ListedListeners(Supplier<Collection<?>> source) {
        this.source = source;
    }

    private <T> List<T> all(Class<T> type) {
        List<T> all = new ArrayList<>();
        for (Object each : source.get()) {
            if (type.isInstance(each)) {
                all.add(type.cast(each));
            }
        }
        return all;
    }

    @Override
    public void created(HttpSession session) {
        HttpSessionEvent event = new HttpSessionEvent(session);
        all(HttpSessionListener.class).forEach(each -> each.sessionCreated(event));
    }

    @Override
    public void destroyed(HttpSession session) {
        HttpSessionEvent event = new HttpSessionEvent(session);
        List<HttpSessionListener> reverse = all(HttpSessionListener.class);
        Collections.reverse(reverse);
        reverse.forEach(each -> Unstoppable.run(session, each, () -> each.sessionDestroyed(event)));
    }

    @Override
    public void idChanged(HttpSession session, String oldId) {
        HttpSessionEvent event = new HttpSessionEvent(session);
        all(HttpSessionIdListener.class).forEach(each -> each.sessionIdChanged(event, oldId));
    }

    @Override
    public void attribute(HttpSession session, String name, @Nullable Object oldValue, @Nullable Object newValue) {
        if (oldValue == null && newValue == null) {
            return;
        }
        HttpSessionBindingEvent event =
                new HttpSessionBindingEvent(session, name, oldValue == null ? newValue : oldValue);
        for (HttpSessionAttributeListener each : all(HttpSessionAttributeListener.class)) {
            if (oldValue == null) {
                each.attributeAdded(event);
            } else if (newValue == null) {
                each.attributeRemoved(event);
            } else {
                each.attributeReplaced(event);
            }
        }
    }
}
