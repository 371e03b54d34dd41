package dev.coatcheck.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link SessionFilter} in front of an application that has none, where the environment names a store: by the variable
 * {@code COATCHECK_STORE} or the system property {@code coatcheck.store}. Without them it does nothing. Containers find it by
 * themselves; it is not for applications to call.
 *
 * <p>The filter is named {@code coatcheck}, is mapped to every path and every dispatcher type, ahead of the filters of
 * {@code web.xml} and of those that are registered later, and supports asynchronous requests. What it does is written to the
 * context's log. An application that registers a {@link SessionFilter} of its own, at whatever time before its start is done,
 * keeps that one alone.
 *
 * <p>Safe for use by many threads.
 */
public final class SessionInitializer implements ServletContainerInitializer {
    static final String FILTER = "coatcheck";

    private final UnaryOperator<@Nullable String> environment;

    /** For containers. */
    public SessionInitializer() {
        this(System::getenv);
    }

    SessionInitializer(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    /** Registers the filter, or says in the log why not, where a store is named. */
    @Override
    public void onStartup(@Nullable Set<Class<?>> classes, ServletContext context) {
        String where = where();
        if (where == null) {
            return;
        }
        String own = own(context);
        if (own != null) {
            context.log("Coatcheck: " + where + " is set, and the application's own filter '" + own + "' is used");
            return;
        }
        FilterRegistration.Dynamic filter = context.addFilter(FILTER, new StandInFilter(environment));
        if (filter == null) {
            context.log("Coatcheck: " + where + " is set, but the application has another filter that is named '"
                    + FILTER + "': no filter was registered");
            return;
        }
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), false, "/*");
        context.log("Coatcheck: " + where + " is set: the filter '" + FILTER + "' was registered on every path");
    }

    private @Nullable String where() {
        if (isSet(System.getProperty("coatcheck.store"))) {
            return "the system property coatcheck.store";
        }
        return isSet(environment.apply("COATCHECK_STORE")) ? "the environment variable COATCHECK_STORE" : null;
    }

    private static boolean isSet(@Nullable String text) {
        return text != null && !text.isBlank();
    }

    /** The name of a {@link SessionFilter} that the application has registered by itself; null when there is none. */
    static @Nullable String own(ServletContext context) {
        return context.getFilterRegistrations().values().stream()
                .filter(each -> SessionFilter.class.getName().equals(each.getClassName()))
                .map(FilterRegistration::getName)
                .findFirst()
                .orElse(null);
    }
}
