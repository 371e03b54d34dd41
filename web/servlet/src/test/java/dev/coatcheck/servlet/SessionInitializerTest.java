package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContainerInitializer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class SessionInitializerTest {
    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, FilterRegistration> registered = new HashMap<>();
    private final List<Filter> added = new ArrayList<>();
    private final List<List<Object>> calls = new ArrayList<>();
    private final LogBook log = new LogBook();
    private boolean nameIsTaken;

    private void start() {
        new SessionInitializer(environment::get)
                .onStartup(null, log.over((proxy, method, arguments) -> switch (method.getName()) {
                    case "getFilterRegistrations" -> registered;
                    case "addFilter" -> add((String) arguments[0], (Filter) arguments[1]);
                    default -> throw new AssertionError(method);
                }));
    }

    private FilterRegistration.Dynamic add(String name, Filter filter) {
        assertThat(name).isEqualTo("coatcheck");
        if (nameIsTaken) {
            return null;
        }
        added.add(filter);
        return LogBook.fake(FilterRegistration.Dynamic.class, (proxy, method, arguments) -> {
            calls.add(List.of(
                    method.getName(),
                    arguments[0],
                    arguments.length < 3 ? "" : arguments[1] + " " + ((String[]) arguments[2])[0]));
            return null;
        });
    }

    private void register(String name, String type) {
        registered.put(
                name,
                LogBook.fake(
                        FilterRegistration.class,
                        (proxy, method, arguments) -> method.getName().equals("getName") ? name : type));
    }

    @Test
    void nothingHappensWithoutAStore() {
        environment.put("COATCHECK_STORE", " ");

        start();

        assertThat(added).isEmpty();
        assertThat(log.lines).isEmpty();
    }

    @Test
    void theFilterIsMappedToEverythingAheadOfOthersAndTheLogSaysSo() {
        environment.put("COATCHECK_STORE", "memcached://user:secret@mc1");
        register("another", "org.example.Another");

        start();

        assertThat(added).hasSize(1);
        assertThat(calls)
                .containsExactly(
                        List.of("setAsyncSupported", true, ""),
                        List.of("addMappingForUrlPatterns", EnumSet.allOf(DispatcherType.class), "false /*"));
        assertThat(log.lines).hasSize(1);
        assertThat(log.lines.get(0))
                .contains("COATCHECK_STORE", "'coatcheck' was registered")
                .doesNotContain("secret");
    }

    @Test
    void theApplicationsOwnFilterIsUsedAndTheLogSaysSo() {
        environment.put("COATCHECK_STORE", "embedded:");
        register("mine", "dev.coatcheck.servlet.SessionFilter");

        start();

        assertThat(added).isEmpty();
        assertThat(log.lines).hasSize(1);
        assertThat(log.lines.get(0)).contains("'mine' is used");
    }

    @Test
    void aNameThatIsTakenIsToldOf() {
        environment.put("COATCHECK_STORE", "embedded:");
        nameIsTaken = true;

        start();

        assertThat(log.lines).hasSize(1);
        assertThat(log.lines.get(0)).contains("no filter was registered");
    }

    @Test
    void containersFindTheInitializer() {
        assertThat(ServiceLoader.load(ServletContainerInitializer.class).stream()
                        .map(ServiceLoader.Provider::type)
                        .filter(type -> type.getName().startsWith("dev.coatcheck.")))
                .hasSize(1)
                .first()
                .isEqualTo(SessionInitializer.class);
    }
}
