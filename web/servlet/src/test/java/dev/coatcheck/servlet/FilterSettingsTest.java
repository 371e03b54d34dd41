package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionLimitException;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.TestBrowser;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.SessionCookieConfig;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilterSettingsTest {
    private final Map<String, String> parameters = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private ServletContext context = context("", Map.of());

    @AfterEach
    void clearProperties() {
        System.getProperties().keySet().removeIf(name -> name.toString().startsWith("coatcheck."));
    }

    private FilterSettings settings() {
        return new FilterSettings(new Config(parameters, context), environment::get);
    }

    private void accepted() throws ServletException {
        SessionManager manager = settings().open();
        manager.close();
    }

    private String fault() {
        try {
            accepted();
        } catch (ServletException refused) {
            return refused.getMessage();
        }
        throw new AssertionError("The settings were accepted");
    }

    @Test
    void withoutSettingsSessionsAreEmbedded() {
        assertThatCode(this::accepted).doesNotThrowAnyException();
    }

    @Test
    void everySettingIsTakenAndMostShowInWhatABrowserGets() throws Exception {
        parameters.put("store", "embedded:?maxBytes=2000000");
        parameters.put("keyRing", KeyRing.generate());
        parameters.put("acceptUnsignedUntil", "2030-01-31T12:00:00Z");
        parameters.put("application", "shop");
        parameters.put("preset", "aal2");
        parameters.put("idleTimeout", "PT20M");
        parameters.put("absoluteLifetime", "12h");
        parameters.put("remembered", "14d, 30d");
        parameters.put("cookieName", "SHOP");
        parameters.put("cookieDomain", "example.org");
        parameters.put("cookiePath", "/shop");
        parameters.put("plainHttp", "TLS_ENDS_AT_PROXY");
        parameters.put("origins", "https://www.example.org, https://example.net:8443");
        parameters.put("onStoreFailure", "degrade");
        parameters.put("devices", "true");
        parameters.put("maxSessionsPerUser", "1, refuse");
        parameters.put("deviceAddress", "true");
        parameters.put("maxBytes", "100000");
        parameters.put("withoutKeyRing", "false");
        SessionKey<String> text = SessionKey.of("text", String.class);
        try (SessionManager manager = settings().open()) {
            TestBrowser browser = new TestBrowser(manager).at("https://www.example.org/shop/cart");
            browser.visit(session -> {
                session.set(text, "x");
                assertThat(session.expiresAt()).isEqualTo(session.createdAt().plus(Duration.ofMinutes(20)));
                session.idleTimeout(Duration.ZERO);
                assertThat(session.expiresAt()).isEqualTo(session.createdAt().plus(Duration.ofHours(12)));
                session.rememberMe();
                assertThat(session.expiresAt()).isEqualTo(session.createdAt().plus(Duration.ofDays(14)));
            });
            assertThat(browser.lastResponse().setCookies())
                    .singleElement()
                    .asString()
                    .matches("__Secure-SHOP=[\\w-]{60}; Path=/shop; Domain=example[.]org; Max-Age=2592000; Secure.*");
            String token = browser.request(Session::csrfToken);
            assertThat(browser.postFrom("https://example.net:8443")
                            .<Boolean>request(session -> session.isCsrfValid(token)))
                    .isTrue();
            TestBrowser behindProxy = new TestBrowser(manager).at("http://www.example.org/shop/cart");
            behindProxy.visit(session -> session.set(text, "x"));
            assertThat(behindProxy.lastResponse().setCookies()).hasSize(1);
            assertThatThrownBy(() -> browser.visit(session -> session.set(text, "x".repeat(100_000))))
                    .hasMessageContaining("100000");
            browser.visit(session -> session.login("alice"));
            assertThatThrownBy(() -> behindProxy.visit(session -> session.login("alice")))
                    .isInstanceOf(SessionLimitException.class);
        }
        parameters.put("maxSessionsPerUser", "3");
        assertThat(fault()).contains("maxSessionsPerUser = '3' (filter parameter maxSessionsPerUser)", "3,REFUSE");
    }

    record Note(String text) implements Serializable {}

    @Test
    void serializableClassesAreNamedOrLearned(@TempDir Path folder) throws Exception {
        Path learned = folder.resolve("learned");
        environment.put("COATCHECK_SERIALIZABLE_LEARN", learned.toString());
        TestBrowser browser;
        try (SessionManager manager = settings().open()) {
            browser = new TestBrowser(manager);
            browser.visit(session -> session.untyped().set("note", new Note("x")));
        }
        assertThat(learned).content().contains(Note.class.getName());
        environment.clear();
        environment.put("COATCHECK_SERIALIZABLE", "profile:spring-security, com.shop.model.*, file:" + learned);
        try (SessionManager manager = settings().open()) {
            new TestBrowser(manager).visit(session -> session.untyped().set("note", new Note("x")));
        }
        environment.put("COATCHECK_SERIALIZABLE", "java.util.*");
        assertThat(fault())
                .contains(
                        "serializable = 'java.util.*' (environment COATCHECK_SERIALIZABLE)",
                        "a package of the platform");
    }

    @Test
    void aPresetIsThereForTheTimesThatAreNotSetThemselves() throws Exception {
        parameters.put("preset", "aal3");
        assertThat(idleAndLifetime()).containsExactly(Duration.ofMinutes(15), Duration.ofHours(12));
        parameters.put("idleTimeout", "5m");
        assertThat(idleAndLifetime()).containsExactly(Duration.ofMinutes(5), Duration.ofHours(12));
        parameters.put("absoluteLifetime", "1h");
        assertThat(idleAndLifetime()).containsExactly(Duration.ofMinutes(5), Duration.ofHours(1));
    }

    private List<Duration> idleAndLifetime() throws ServletException {
        try (SessionManager manager = settings().open()) {
            return new TestBrowser(manager).request(session -> {
                session.set(SessionKey.of("text", String.class), "x");
                Duration idle = Duration.between(session.createdAt(), session.expiresAt());
                session.idleTimeout(Duration.ZERO);
                return List.of(idle, Duration.between(session.createdAt(), session.expiresAt()));
            });
        }
    }

    private String cookieOf(String address) throws ServletException {
        try (SessionManager manager = settings().open()) {
            TestBrowser browser = new TestBrowser(manager).at(address);
            browser.visit(session -> session.set(SessionKey.of("text", String.class), "x"));
            return browser.lastResponse().setCookies().get(0);
        }
    }

    @Test
    void theApplicationsCookieConfigCountsWhereNothingIsSet() throws Exception {
        context = context(
                "/shop", Map.of("getName", "BASKET", "getPath", "/shop/now", "isSecure", true, "getMaxAge", 60));

        assertThat(cookieOf("http://localhost/shop/now"))
                .matches(
                        "BASKET=[\\w-]+; Path=/shop/now; Max-Age=60; Expires=[^;]+ GMT; Secure; HttpOnly; SameSite=Lax");

        parameters.put("cookieName", "CART");
        parameters.put("cookiePath", "/");
        parameters.put("cookieMaxAge", "0s");
        parameters.put("cookieSecure", "false");
        assertThat(cookieOf("http://localhost/shop/now")).matches("CART=[\\w-]+; Path=/; HttpOnly; SameSite=Lax");
    }

    @Test
    void theApplicationsCookieConfigCannotWeakenTheCookie() throws Exception {
        context = context(
                "",
                Map.of(
                        "isHttpOnly",
                        false,
                        "getAttributes",
                        Map.of("SameSite", "None"),
                        "getAttribute",
                        "None",
                        "getMaxAge",
                        100_000_000));

        assertThat(cookieOf("https://example.org/"))
                .matches("__Host-SID=[\\w-]+; Path=/; Max-Age=43200; Expires=[^;]+; Secure; HttpOnly; SameSite=Lax");
    }

    @Test
    void whatAContainerTellsOfItsOwnCookieByDefaultDoesNotCount() throws Exception {
        context = context("", Map.of("getName", "JSESSIONID", "getPath", ""));

        assertThat(cookieOf("https://example.org/")).startsWith("__Host-SID=");
    }

    @Test
    void theApplicationsSessionTimeoutCountsUnlessItIsWhatContainersSayByThemselves() throws Exception {
        context = context("", Map.of("getSessionTimeout", 45));
        assertThat(idleAndLifetime().get(0)).isEqualTo(Duration.ofMinutes(45));
        parameters.put("idleTimeout", "5m");
        assertThat(idleAndLifetime().get(0)).isEqualTo(Duration.ofMinutes(5));
        parameters.clear();
        parameters.put("preset", "AAL3");
        assertThat(idleAndLifetime().get(0)).isEqualTo(Duration.ofMinutes(15));
        parameters.clear();
        for (int said : new int[] {30, 0, -1}) {
            context = context("", Map.of("getSessionTimeout", said));
            assertThat(idleAndLifetime().get(0)).isEqualTo(Duration.ofMinutes(20));
        }
    }

    @Test
    void eachApplicationOfAHostHasATicketOfItsOwn() throws Exception {
        context = context("/shop", Map.of());
        String shop = cookieOf("https://example.org/shop/").split("=", -1)[0];
        assertThat(cookieOf("https://example.org/shop/")).startsWith(shop + "=");
        context = context("/forum", Map.of());
        String forum = cookieOf("https://example.org/forum/").split("=", -1)[0];

        assertThat(shop).matches("__Host-SID-[0-9a-f]{8}").isNotEqualTo(forum);
    }

    @Test
    void aParameterGoesBeforeAPropertyAndThatBeforeTheEnvironment() {
        environment.put("COATCHECK_IDLE_TIMEOUT", "from the environment");
        assertThat(fault())
                .contains("idleTimeout = 'from the environment' (environment COATCHECK_IDLE_TIMEOUT)", "PT20M");

        System.setProperty("coatcheck.idleTimeout", "from a property");
        assertThat(fault()).contains("idleTimeout = 'from a property' (system property coatcheck.idleTimeout)");

        parameters.put("idleTimeout", "from a parameter");
        assertThat(fault()).contains("idleTimeout = 'from a parameter' (filter parameter idleTimeout)");

        parameters.put("idleTimeout", "5m");
        assertThatCode(this::accepted).doesNotThrowAnyException();
    }

    @Test
    void aBlankValueIsNone() {
        parameters.put("idleTimeout", " ");
        environment.put("COATCHECK_STORE", "");

        assertThatCode(this::accepted).doesNotThrowAnyException();
    }

    @Test
    void allFaultsAreToldAtOnce() {
        parameters.put("idleTimeout", "20");
        parameters.put("maxBytes", "many");
        parameters.put("plainHttp", "SOMETIMES");
        parameters.put("withoutKeyRing", "yes");
        parameters.put("remembered", "14d");
        parameters.put("acceptUnsignedUntil", "tomorrow");
        parameters.put("cookiename", "SID");
        parameters.put("cookieName", "S ID");
        environment.put("COATCHECK_STORE", "memcache:secret@mc1");

        assertThat(fault())
                .contains("idleTimeout = '20' (filter parameter idleTimeout)")
                .contains("maxBytes = 'many'")
                .contains("plainHttp = 'SOMETIMES'", "LOCALHOST, NEVER, TLS_ENDS_AT_PROXY")
                .contains("withoutKeyRing = 'yes'", "true or false")
                .contains("remembered = '14d'")
                .contains("acceptUnsignedUntil = 'tomorrow'")
                .contains("cookiename (filter parameter): unknown; known are absoluteLifetime, ")
                .contains("cookieName", "S ID")
                .contains("embedded", "environment COATCHECK_STORE")
                .doesNotContain("secret@mc1");
    }

    @Test
    void aKeyIsNeverShown() {
        String key = KeyRing.generate().substring(2);
        environment.put("COATCHECK_KEYS", "99:" + key);

        assertThat(fault()).contains("keyRing (environment COATCHECK_KEYS)").doesNotContain(key);
    }

    @Test
    void aGivenManagerDoesNotAllowUnknownParameters() {
        parameters.put("idleTimout", "20m");

        assertThatThrownBy(() -> settings().refuseUnknown())
                .isInstanceOf(ServletException.class)
                .hasMessageContaining("idleTimout")
                .hasMessageContaining("idleTimeout");
    }

    /** A context that knows its path and its cookie, as far as the map has them. */
    private static ServletContext context(String path, Map<String, Object> cookie) {
        Object config = Proxy.newProxyInstance(
                FilterSettingsTest.class.getClassLoader(),
                new Class<?>[] {SessionCookieConfig.class},
                (proxy, method, arguments) -> cookie.getOrDefault(
                        method.getName(),
                        method.getReturnType() == boolean.class
                                ? false
                                : method.getReturnType() == int.class ? -1 : null));
        return (ServletContext) Proxy.newProxyInstance(
                FilterSettingsTest.class.getClassLoader(),
                new Class<?>[] {ServletContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getContextPath" -> path;
                    case "getSessionCookieConfig" -> config;
                    case "getSessionTimeout" -> cookie.getOrDefault("getSessionTimeout", 30);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    /** What a container shows a filter. */
    private record Config(Map<String, String> parameters, ServletContext context) implements FilterConfig {
        @Override
        public String getFilterName() {
            return "sessions";
        }

        @Override
        public ServletContext getServletContext() {
            return context;
        }

        @Override
        public String getInitParameter(String name) {
            return parameters.get(name);
        }

        @Override
        public Enumeration<String> getInitParameterNames() {
            return Collections.enumeration(parameters.keySet());
        }
    }
}
