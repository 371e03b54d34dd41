package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.PlainHttp;
import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a connection is good for, and what its cookie looks like, by the settings. */
abstract class ConnectionContract extends ServletFixture {
    private static final Page OUT =
            (request, response) -> Sessions.current(request).logout();

    ConnectionContract(Container container) {
        super(container);
    }

    private WebClient client(Application application, boolean tls) throws Exception {
        application
                .servlet("/in", set("Ann"))
                .servlet("/read", READ)
                .servlet("/out", OUT)
                .servlet("/shop/in", set("Ann"))
                .servlet("/shop/out", OUT);
        application.tls = tls;
        int port = opened(container.start(application)).port();
        return opened(
                tls ? new WebClient(port, Localhost.CERTIFICATE.trusting().getSocketFactory()) : new WebClient(port));
    }

    private WebClient client(PlainHttp policy, boolean tls) throws Exception {
        SessionManager manager = opened(builder().plainHttp(policy).build());
        return client(new Application().filter(new SessionFilter(manager)), tls);
    }

    private WebClient client(Map<String, String> settings, boolean tls) throws Exception {
        Application application = new Application().filter(new SessionFilter());
        application.filterParameters.putAll(settings);
        return client(application, tls);
    }

    private record Row(PlainHttp policy, boolean tls, String cookie) {}

    @TestFactory
    Stream<DynamicTest> eachPolicyForPlainHttpOnEachConnection() {
        String open = "SID=[\\w-]+; Path=/; HttpOnly; SameSite=Lax";
        String secure = "__Host-SID=[\\w-]+; Path=/; Secure; HttpOnly; SameSite=Lax";
        return Stream.of(
                        new Row(PlainHttp.LOCALHOST, false, open),
                        new Row(PlainHttp.NEVER, false, ""),
                        new Row(PlainHttp.TLS_ENDS_AT_PROXY, false, secure),
                        new Row(PlainHttp.LOCALHOST, true, secure),
                        new Row(PlainHttp.NEVER, true, secure),
                        new Row(PlainHttp.TLS_ENDS_AT_PROXY, true, secure))
                .map(row -> dynamicTest(row.policy + (row.tls ? " over TLS" : " over plain HTTP"), () -> {
                    WebClient client = client(row.policy, row.tls);
                    store.reset();

                    List<String> cookies = client.get("/in").cookies();

                    assertThat(String.join("\n", cookies)).matches(row.cookie);
                    boolean given = !row.cookie.isEmpty();
                    assertThat(store.counts().total()).isEqualTo(given ? 1 : 0);
                    assertThat(client.get("/read").body()).isEqualTo("name " + (given ? "Ann" : null));
                }));
    }

    @Test
    void behindATlsProxyForwardedHeadersChangeNothing() throws Exception {
        for (String header : List.of(
                "X-Forwarded-Proto: http",
                "X-Forwarded-Proto: https,http",
                "X-Forwarded-For: 192.0.2.1",
                "Forwarded: for=192.0.2.1;proto=http")) {
            WebClient client = client(PlainHttp.TLS_ENDS_AT_PROXY, false).host("www.example.org");

            assertThat(client.get("/in", header).cookies())
                    .as(header)
                    .singleElement()
                    .asString()
                    .matches("__Host-SID=.*; Secure; .*");
            assertThat(client.get("/read", header).body()).isEqualTo("name Ann");
        }
    }

    @Test
    void overTlsOnlyTheExactNameIsRead() throws Exception {
        WebClient client = client(PlainHttp.LOCALHOST, true);
        client.get("/in");
        String ticket = client.jar().remove("__Host-SID");

        for (String name : List.of("SID", "__host-SID", "__HOST-SID", "__Host-sid", "%5F_Host-SID", "__Secure-SID")) {
            assertThat(client.get("/read", "Cookie: " + name + "=" + ticket).body())
                    .as(name)
                    .isEqualTo("name null");
            // Jetty remembers the header lines of a connection without regard to letter case.
            client.close();
        }
        assertThat(client.get("/read", "Cookie: __Host-SID=" + ticket).body()).isEqualTo("name Ann");
    }

    @Test
    void aDomainAndAPathAreInTheCookieAndInTheLineThatDeletesIt() throws Exception {
        WebClient client = client(
                        Map.of(
                                "cookieDomain", "example.org",
                                "cookiePath", "/shop",
                                "cookieMaxAge", "12h"),
                        true)
                .host("www.example.org");

        WebReply in = client.get("/shop/in");
        WebReply out = client.get("/shop/out");

        assertThat(in.cookies())
                .singleElement()
                .asString()
                .matches("__Secure-SID=[\\w-]+; Path=/shop; Domain=example[.]org; Max-Age=43200; Expires=[^;]+; Secure;"
                        + " HttpOnly; SameSite=Lax");
        assertThat(out.cookies())
                .singleElement()
                .asString()
                .matches("__Secure-SID=; Path=/shop; Domain=example[.]org; Max-Age=0; Expires=[^;]+; Secure; HttpOnly;"
                        + " SameSite=Lax");
        assertThat(out.headers("Cache-Control")).containsExactly("no-store");
    }

    @Test
    void theLongestAgeOfACookieIsADateThatIsRight() throws Exception {
        WebClient client = client(Map.of("absoluteLifetime", "400d", "cookieMaxAge", "400d"), true);

        String line = client.get("/in").cookies().get(0);

        assertThat(line).contains("Max-Age=34560000;");
        Instant expires = ZonedDateTime.parse(
                        line.replaceAll(".*Expires=([^;]+).*", "$1"), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
        assertThat(Duration.between(Instant.now().plus(Duration.ofDays(400)), expires)
                        .abs())
                .isLessThan(Duration.ofMinutes(1));
    }

    @TestFactory
    Stream<DynamicTest> anApplicationWhoseCookieCannotBeDoesNotStart() {
        return Stream.of(
                        Map.of("cookieName", "bad name; inject=1"),
                        Map.of("cookieName", "bad\r\nname"),
                        Map.of("cookieName", "session:key"),
                        Map.of("cookieName", "__Host-SID", "cookieDomain", "example.org"),
                        Map.of("cookieDomain", "example.org; Secure"),
                        Map.of("cookiePath", "/a;b"),
                        Map.of("cookiePath", "shop"))
                .map(settings -> dynamicTest(
                        settings.toString().replaceAll("\\s", " "),
                        () -> assertThatThrownBy(() -> client(settings, true)).isInstanceOf(Exception.class)));
    }
}
