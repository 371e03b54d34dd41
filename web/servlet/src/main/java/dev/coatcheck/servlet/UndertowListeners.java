package dev.coatcheck.servlet;

import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

/** Undertow's {@code ApplicationListeners}, which hands out no listener but calls them all. */
record UndertowListeners(
        PublicMethod sessionCreated,
        PublicMethod sessionDestroyed,
        PublicMethod sessionIdChanged,
        PublicMethod attributeAdded,
        PublicMethod attributeRemoved,
        PublicMethod attributeReplaced)
        implements SessionListeners {

    /** @throws java.util.NoSuchElementException when the object is another one */
    static UndertowListeners of(Object all) {
        Class<?>[] attribute = {HttpSession.class, String.class, Object.class};
        return new UndertowListeners(
                PublicMethod.of(all, "sessionCreated", HttpSession.class).orElseThrow(),
                PublicMethod.of(all, "sessionDestroyed", HttpSession.class).orElseThrow(),
                PublicMethod.of(all, "httpSessionIdChanged", HttpSession.class, String.class)
                        .orElseThrow(),
                PublicMethod.of(all, "httpSessionAttributeAdded", attribute).orElseThrow(),
                PublicMethod.of(all, "httpSessionAttributeRemoved", attribute).orElseThrow(),
                PublicMethod.of(all, "httpSessionAttributeReplaced", attribute).orElseThrow());
    }

    @Override
    public void created(HttpSession session) {
        sessionCreated.call(session);
    }

    @Override
    public void destroyed(HttpSession session) {
        Unstoppable.run(session, sessionDestroyed.target(), () -> sessionDestroyed.call(session));
    }

    @Override
    public void idChanged(HttpSession session, String oldId) {
        sessionIdChanged.call(session, oldId);
    }

    @Override
    public void attribute(HttpSession session, String name, @Nullable Object oldValue, @Nullable Object newValue) {
        if (oldValue != null) {
            (newValue == null ? attributeRemoved : attributeReplaced).call(session, name, oldValue);
        } else if (newValue != null) {
            attributeAdded.call(session, name, newValue);
        }
    }
}
