package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.TestBrowser;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebServer;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Where the filter's manager comes from, and who closes it. */
abstract class FilterStartContract extends ServletFixture {
    FilterStartContract(Container container) {
        super(container);
    }

    private static Application pages(Application application) {
        return application.servlet("/in", set("Ann")).servlet("/read", READ);
    }

    @Test
    void theFilterWorksWithoutAnySetting() throws Exception {
        WebClient client = client(pages(new Application().filter(new SessionFilter())));

        assertThat(client.get("/in").cookies()).hasSize(1);
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void theFilterIsConfiguredByItsParameters() throws Exception {
        Application application = pages(new Application().filter(new SessionFilter()));
        application.filterParameters.put("cookieName", "TICKET");
        WebClient client = client(application);

        client.get("/in");

        assertThat(client.jar()).containsOnlyKeys("TICKET");
    }

    @Test
    void theFilterIsConfiguredByTheEnvironment() throws Exception {
        WebClient client = client(pages(new Application()
                .filter(new SessionFilter(name -> name.equals("COATCHECK_COOKIE_NAME") ? "TICKET" : null))));

        client.get("/in");

        assertThat(client.jar()).containsOnlyKeys("TICKET");
    }

    @Test
    void theManagerThatTheFilterMadeIsThereForTheApplication() throws Exception {
        Application application = pages(new Application().filter(new SessionFilter()));
        application.servlet(
                "/health",
                (request, response) -> response.getWriter()
                        .print(Sessions.manager(request).health().state()));
        assertThat(client(application).get("/health").body()).isEqualTo("UP");
    }

    @Test
    void aManagerInTheContextGoesBeforeSettings() throws Exception {
        Application application = pages(new Application().filter(new SessionFilter()));
        application.attributes.put(SessionFilter.MANAGER, manager());
        application.filterParameters.put("cookieName", "TICKET");
        WebClient client = client(application);

        client.get("/in");

        assertThat(client.jar()).containsOnlyKeys("SID");
        assertThat(store.counts()).hasToString("create 1");
    }

    @Test
    void aManagerThatWasGivenIsNotClosed() throws Exception {
        SessionManager manager = manager();
        Application application = pages(new Application().filter(new SessionFilter(manager)));
        WebServer first = container.start(application);
        WebClient client = opened(new WebClient(first.port()));
        client.get("/in");
        first.close();

        WebServer second = opened(container.start(pages(new Application().filter(new SessionFilter(manager)))));

        assertThat(opened(client.copy(second.port())).get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void aManagerThatTheFilterMadeIsClosedWithIt() throws Exception {
        AtomicReference<SessionManager> made = new AtomicReference<>();
        Application application = new Application().filter(new SessionFilter());
        application.servlet("/in", (request, response) -> made.set(Sessions.manager(request)));
        WebServer server = container.start(application);
        opened(new WebClient(server.port())).get("/in");
        TestBrowser browser = new TestBrowser(Objects.requireNonNull(made.get()));
        browser.visit(session -> session.set(NAME, "Ann"));

        server.close();

        assertThatThrownBy(() -> browser.visit(session -> session.set(NAME, "Bea")))
                .isInstanceOf(SessionUnavailableException.class);
    }

    @Test
    void anApplicationWithAWrongSettingDoesNotStart() {
        Application application = pages(new Application().filter(new SessionFilter()));
        application.filterParameters.put("idleTimeout", "soon");

        assertThatThrownBy(() -> container.start(application)).isInstanceOf(Exception.class);
    }

    @Test
    void anApplicationWithAStrangeAttributeDoesNotStart() {
        Application application = pages(new Application().filter(new SessionFilter()));
        application.attributes.put(SessionFilter.MANAGER, "a text");

        assertThatThrownBy(() -> container.start(application)).isInstanceOf(Exception.class);
    }

    @Test
    void aSessionOfTheContainerIsToldOfAndOursIsUsed() throws Exception {
        LogBook log = new LogBook();
        Application application = pages(new Application())
                .filter((request, response, chain) -> {
                    ((HttpServletRequest) request).getSession().setAttribute("name", "Bea");
                    chain.doFilter(request, response);
                })
                .filter(logged(new SessionFilter(manager()), log));
        WebClient client = client(application);

        assertThat(client.get("/read").body()).isEqualTo("name null");
        assertThat(log.lines)
                .filteredOn(FilterStartContract::isOfTheContainersSession)
                .hasSize(1);
        client.get("/in");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
        assertThat(log.lines)
                .filteredOn(FilterStartContract::isOfTheContainersSession)
                .hasSize(1);
    }

    @Test
    void nothingIsToldWhereTheContainerHasNoSession() throws Exception {
        LogBook log = new LogBook();
        Application application = pages(new Application()).filter(logged(new SessionFilter(manager()), log));
        WebClient client = client(application);

        client.get("/in");

        assertThat(client.get("/read").body()).isEqualTo("name Ann");
        assertThat(log.lines).noneMatch(FilterStartContract::isOfTheContainersSession);
    }

    /** Among what the filter tells; it cannot look for listeners behind a context that is not the container's own. */
    private static boolean isOfTheContainersSession(String line) {
        return line.contains("a session of the container");
    }

    /** The filter, with what it writes to the context's log kept. */
    private static Filter logged(SessionFilter filter, LogBook log) {
        return new Filter() {
            @Override
            public void init(FilterConfig config) throws ServletException {
                ServletContext context = log.over(config.getServletContext());
                filter.init(LogBook.fake(FilterConfig.class, (proxy, method, arguments) -> switch (method.getName()) {
                    case "getServletContext" -> context;
                    case "getInitParameterNames" -> config.getInitParameterNames();
                    default -> throw new AssertionError(method);
                }));
            }

            @Override
            public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                    throws IOException, ServletException {
                filter.doFilter(request, response, chain);
            }
        };
    }

    @Test
    void aFilterMayBeDestroyedTwice() {
        SessionFilter filter = new SessionFilter();

        assertThatCode(() -> {
                    filter.destroy();
                    filter.destroy();
                })
                .doesNotThrowAnyException();
    }
}
