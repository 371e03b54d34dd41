package dev.coatcheck.servlet;

import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.SettingSource;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The settings of one filter: where they are looked for, and every fault at once. */
final class FilterSettings {
    private static final String PRESET = "preset";

    private final FilterConfig config;
    private final UnaryOperator<@Nullable String> environment;

    FilterSettings(FilterConfig config, UnaryOperator<@Nullable String> environment) {
        this.config = config;
        this.environment = environment;
    }

    /**
     * Builds a manager.
     *
     * @throws ServletException with every fault
     */
    SessionManager open() throws ServletException {
        List<String> faults = new ArrayList<>(unknown());
        SessionManager manager = null;
        try {
            manager = SessionManager.builder().settings(sources()).build();
        } catch (IllegalArgumentException refused) {
            faults.add(refused.getMessage());
        }
        if (manager != null && faults.isEmpty()) {
            return manager;
        }
        if (manager != null) {
            manager.close();
        }
        throw failure(faults);
    }

    /** @throws ServletException when the filter has an init parameter that is no setting */
    void refuseUnknown() throws ServletException {
        List<String> faults = unknown();
        if (!faults.isEmpty()) {
            throw failure(faults);
        }
    }

    private ServletException failure(List<String> faults) {
        return new ServletException("The filter '" + config.getFilterName() + "' (" + SessionFilter.class.getName()
                + ") cannot start:\n  " + String.join("\n  ", faults));
    }

    private List<String> unknown() {
        Set<String> known = SettingSource.names();
        return Collections.list(config.getInitParameterNames()).stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .map(name -> name + " (filter parameter): unknown; known are " + String.join(", ", known))
                .toList();
    }

    private SettingSource[] sources() {
        List<SettingSource> set = List.of(
                SettingSource.of("filter parameter", UnaryOperator.identity(), config::getInitParameter),
                SettingSource.properties(),
                SettingSource.environment(name -> environment.apply(name)));
        Map<String, String> defaults = ContextDefaults.of(config.getServletContext());
        if (set.stream().map(source -> source.text(PRESET)).anyMatch(text -> text != null && !text.isBlank())) {
            // It sets the idle timeout as well, and was asked for.
            defaults.remove("idleTimeout");
        }
        return Stream.concat(set.stream(), Stream.of(new SettingSource() {
                    @Override
                    public @Nullable String text(String name) {
                        return defaults.get(name);
                    }

                    @Override
                    public String where(String name) {
                        return "the application's SessionCookieConfig, session-timeout or context path";
                    }
                }))
                .toArray(SettingSource[]::new);
    }
}
