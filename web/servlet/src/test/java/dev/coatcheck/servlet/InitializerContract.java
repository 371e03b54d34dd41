package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Applications that do not know of the filter, in a container that finds it on the class path. */
abstract class InitializerContract {
    private static final String STORE = "coatcheck.store";

    private final Container container;
    private final List<AutoCloseable> opened = new ArrayList<>();

    InitializerContract(Container container) {
        this.container = container;
    }

    @BeforeEach
    void nameAStore() {
        System.setProperty(STORE, "embedded:");
    }

    @AfterEach
    void closeAll() throws Exception {
        System.clearProperty(STORE);
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    private WebClient client(Webapp webapp) throws Exception {
        return opened(new WebClient(opened(container.deploy(webapp)).port()));
    }

    @Test
    void anApplicationGetsTheFilterAheadOfItsOwnWhereAStoreIsNamed() throws Exception {
        WebClient client = client(new Webapp().filter(Looking.class, Map.of()));

        WebReply reply = client.get("/in");

        assertThat(reply.header("X-Ahead")).isEqualTo("true");
        assertThat(client.jar()).containsOnlyKeys("SID");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void theFilterSupportsAsynchronousRequests() throws Exception {
        WebClient client = client(new Webapp());

        assertThat(client.get("/in-async").status()).isEqualTo(200);
        assertThat(client.jar()).containsOnlyKeys("SID");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void nothingIsRegisteredWhereNoStoreIsNamed() throws Exception {
        System.clearProperty(STORE);
        WebClient client = client(new Webapp().filter(Looking.class, Map.of()));

        assertThat(client.get("/in").header("X-Ahead")).isEqualTo("false");
        assertThat(client.jar()).containsOnlyKeys("JSESSIONID");
    }

    @Test
    void aFilterInWebXmlIsUsedAlone() throws Exception {
        WebClient client = client(new Webapp().filter(SessionFilter.class, Map.of("cookieName", "OWN")));

        client.get("/in");

        assertThat(client.jar()).containsOnlyKeys("OWN");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void aFilterThatAListenerRegistersIsUsedAlone() throws Exception {
        WebClient client = client(new Webapp().listener(Registering.class));

        client.get("/in");

        assertThat(client.jar()).containsOnlyKeys("OWN");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void aWrongSettingStopsTheApplication() {
        System.setProperty(STORE, "nowhere:");

        assertThatThrownBy(() -> opened(container.deploy(new Webapp()))).isInstanceOf(Exception.class);
    }

    /** A filter of the application. */
    public static class Looking implements Filter {
        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            ((HttpServletResponse) response).setHeader("X-Ahead", String.valueOf(request instanceof SessionRequest));
            chain.doFilter(request, response);
        }
    }

    /** An application that registers the filter in code. */
    public static class Registering implements ServletContextListener {
        @Override
        public void contextInitialized(ServletContextEvent event) {
            FilterRegistration.Dynamic filter = event.getServletContext().addFilter("own", SessionFilter.class);
            filter.setInitParameter("cookieName", "OWN");
            filter.setAsyncSupported(true);
            filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), true, "/*");
        }
    }
}
