package dev.coatcheck.servlet;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EventListener;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the session listeners that an application declared, in whichever way: the container has made them all by the time
 * a filter starts. The Servlet API has no way to ask for them, so each container is asked in its own.
 */
final class ListenerFinder {
    private static final String TOMCAT_RESOURCES = "org.apache.catalina.resources";

    private ListenerFinder() {}

    /**
     * The application's listeners; only those that it gave to us where the container is not known, which is logged.
     *
     * @throws ServletException when {@link SessionFilter#LISTENERS} holds something else
     */
    static SessionListeners of(ServletContext context) throws ServletException {
        Collection<?> given = given(context);
        Optional<Object> undertow = PublicMethod.result(context, "getDeployment")
                .flatMap(deployment -> PublicMethod.result(deployment, "getApplicationListeners"));
        if (undertow.isPresent()) {
            return given.isEmpty()
                    ? UndertowListeners.of(undertow.get())
                    : new TwoListeners(UndertowListeners.of(undertow.get()), new ListedListeners(() -> given));
        }
        Optional<Supplier<Collection<?>>> own = tomcat(context).or(() -> jetty(context));
        if (own.isEmpty()) {
            context.log("HttpSession listeners that are declared by annotation, in web.xml or with addListener are not"
                    + " called in this container (" + context.getServerInfo() + "), which is not known to "
                    + SessionFilter.class.getName() + "; those in the servlet context's attribute "
                    + SessionFilter.LISTENERS + " are");
        }
        return new ListedListeners(() -> own.<Collection<?>>map(container -> once(container.get(), given))
                .orElse(given));
    }

    private static Collection<?> given(ServletContext context) throws ServletException {
        Object given = context.getAttribute(SessionFilter.LISTENERS);
        if (given == null) {
            return List.of();
        }
        if (given instanceof Collection<?> all && all.stream().allMatch(EventListener.class::isInstance)) {
            return List.copyOf(all);
        }
        throw new ServletException("The servlet context's attribute " + SessionFilter.LISTENERS + " holds a "
                + given.getClass().getName() + ": accepted is a collection of " + EventListener.class.getName());
    }

    /** Tomcat's resources know the application that they are of; it keeps two lists, and one listener may be in both. */
    private static Optional<Supplier<Collection<?>>> tomcat(ServletContext context) {
        return PublicMethod.result(context.getAttribute(TOMCAT_RESOURCES), "getContext")
                .flatMap(application -> {
                    Optional<PublicMethod> sessions = PublicMethod.of(application, "getApplicationLifecycleListeners");
                    Optional<PublicMethod> events = PublicMethod.of(application, "getApplicationEventListeners");
                    return sessions.isPresent() && events.isPresent()
                            ? Optional.of(() -> once(
                                    array(sessions.get().call()),
                                    array(events.get().call())))
                            : Optional.empty();
                });
    }

    private static Collection<?> array(@Nullable Object listeners) {
        return listeners == null ? List.of() : Arrays.asList((Object[]) listeners);
    }

    /** Jetty's session handler has them; where an application has none, the application itself. */
    private static Optional<Supplier<Collection<?>>> jetty(ServletContext context) {
        return PublicMethod.result(context, "getContextHandler").flatMap(application -> {
            Object holder =
                    PublicMethod.result(application, "getSessionHandler").orElse(application);
            return PublicMethod.of(holder, "getEventListeners")
                    .map(all -> () -> Objects.requireNonNull((Collection<?>) all.call()));
        });
    }

    private static Collection<?> once(Collection<?> first, Collection<?> second) {
        Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Object> all = new ArrayList<>();
        for (Collection<?> some : List.of(first, second)) {
            some.stream().filter(known::add).forEach(all::add);
        }
        return all;
    }
}
