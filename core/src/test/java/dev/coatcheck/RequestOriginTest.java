package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionManager.PlainHttp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers' half of rule X2. */
class RequestOriginTest {
    private static final RequestOrigin SITE = of(PlainHttp.LOCALHOST);
    private static final RequestOrigin AT_PROXY = of(PlainHttp.TLS_ENDS_AT_PROXY);

    @ParameterizedTest
    @CsvSource({
        "GET,true",
        "HEAD,true",
        "OPTIONS,true",
        "TRACE,true",
        "POST,false",
        "PUT,false",
        "PATCH,false",
        "DELETE,false",
        "CONNECT,false",
        "QUERY,false",
        "get,false",
        "Get,false",
        "'GET ',false",
        "'',false"
    })
    void fourMethodsAreSafeAndSpelledInCapitals(String method, boolean safe) {
        assertThat(RequestOrigin.isSafeMethod(method)).isEqualTo(safe);
    }

    @Test
    void aBrowserThatSaysNothingPasses() {
        assertThat(SITE.isOwnSite(new FakeExchange())).isTrue();
        assertThat(SITE.isOwnSite(new FakeExchange().local("localhost", 8080))).isTrue();
        assertThat(AT_PROXY.isOwnSite(new FakeExchange().plain("www.example.org", 80)))
                .isTrue();
    }

    @Test
    void nothingPassesWhereThereIsNoSession() {
        assertThat(SITE.isOwnSite(new FakeExchange().plain("www.example.org", 80)))
                .isFalse();
        assertThat(of(PlainHttp.LOCALHOST, "https://www.example.org")
                        .isOwnSite(new FakeExchange()
                                .plain("www.example.org", 80)
                                .header("Origin", "https://www.example.org")))
                .isFalse();
    }

    /** {@code -} stands for a header that is not sent. */
    @ParameterizedTest
    @CsvSource({
        "same-origin, -, true",
        "none, -, true",
        "same-site, -, false",
        "cross-site, -, false",
        "Same-Origin, -, false",
        "SAME-ORIGIN, -, false",
        "'', -, false",
        "'same-origin ', -, false",
        "'same-origin, none', -, false",
        "same-origin;x, -, false",
        "'\"same-origin\"', -, false",
        "nonsense, -, false",
        "-, https://www.example.org, true",
        "-, https://www.example.org:443, true",
        "-, HTTPS://WWW.Example.ORG, true",
        "-, https://www.example.org., true",
        "-, null, false",
        "-, '', false",
        "-, http://www.example.org, false",
        "-, http://www.example.org:443, false",
        "-, https://www.example.org:80, false",
        "-, https://www.example.org:8443, false",
        "-, https://example.org, false",
        "-, https://evil.www.example.org, false",
        "-, https://www.example.org.evil.com, false",
        "-, https://www.example.org.., false",
        "-, https://www.example.org/, false",
        "-, https://www.example.org/x, false",
        "-, https://www.example.org?, false",
        "-, https://u@www.example.org, false",
        "-, 'https://www.example.org https://www.example.org', false",
        "-, 'https://www.example.org, https://www.example.org', false",
        "-, www.example.org, false",
        "-, //www.example.org, false",
        "-, https:www.example.org, false",
        "-, https://www.example.org:0443, false",
        "-, https://www.example.org:99999, false",
        "-, ' https://www.example.org', false",
        "same-origin, https://www.example.org, true",
        "none, https://www.example.org, true",
        "same-site, https://www.example.org, false",
        "cross-site, https://www.example.org, false",
        "nonsense, https://www.example.org, false",
        "same-origin, https://evil.com, false",
        "none, https://evil.com, false",
        "cross-site, https://evil.com, false",
        "same-origin, null, false",
        "none, null, false"
    })
    void bothHeadersMustSpeakForThisSite(String fetchSite, String origin, boolean own) {
        assertThat(SITE.isOwnSite(headers(new FakeExchange(), fetchSite, origin)))
                .isEqualTo(own);
    }

    @Test
    void twoHeadersOfAKindAreRefusedThoughBothAreRight() {
        assertThat(SITE.isOwnSite(new FakeExchange()
                        .header("Sec-Fetch-Site", "same-origin")
                        .header("Sec-Fetch-Site", "same-origin")))
                .isFalse();
        assertThat(SITE.isOwnSite(new FakeExchange()
                        .header("Origin", "https://www.example.org")
                        .header("Origin", "https://www.example.org")))
                .isFalse();
        assertThat(of(PlainHttp.LOCALHOST, "https://app.example.org")
                        .isOwnSite(new FakeExchange()
                                .header("Sec-Fetch-Site", "same-site")
                                .header("Sec-Fetch-Site", "same-site")
                                .header("Origin", "https://app.example.org")))
                .isFalse();
    }

    /** Host and port of the connection, then the origin. */
    @ParameterizedTest
    @CsvSource({
        "WWW.EXAMPLE.ORG, 443, https://www.example.org, true",
        "www.example.org., 443, https://www.example.org, true",
        "www.example.org, 8443, https://www.example.org:8443, true",
        "www.example.org, 8443, https://www.example.org, false",
        "[2001:DB8::1], 443, https://[2001:db8::1], true",
        "2001:db8::1, 8443, https://[2001:db8::1]:8443, true",
        "2001:db8::1, 443, https://[2001:db8::2], false",
        "my_app, 443, https://my_app, true",
        "'', 443, https://, false",
        "'', 443, https://:443, false"
    })
    void theHostIsComparedWithoutCaseAndTheDefaultPortMayBeLeftOut(String host, int port, String origin, boolean own) {
        assertThat(SITE.isOwnSite(new FakeExchange().https(host, port).header("Origin", origin)))
                .isEqualTo(own);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 8080, http://localhost:8080, true",
        "localhost, 80, http://localhost, true",
        "[::1], 8080, http://[::1]:8080, true",
        "localhost, 8080, https://localhost:8080, false",
        "localhost, 8080, http://localhost:3000, false",
        "localhost, 8080, http://127.0.0.1:8080, false",
        "localhost, 8080, null, false"
    })
    void onThisMachineTheSchemeIsHttp(String host, int port, String origin, boolean own) {
        assertThat(SITE.isOwnSite(new FakeExchange().local(host, port).header("Origin", origin)))
                .isEqualTo(own);
    }

    @ParameterizedTest
    @CsvSource({
        "80, https://www.example.org, true",
        "443, https://www.example.org, true",
        "80, https://www.example.org:443, true",
        "8443, https://www.example.org:8443, true",
        "80, http://www.example.org, false",
        "443, http://www.example.org, false",
        "80, https://www.example.org:80, false",
        "8443, https://www.example.org, false",
        "80, https://www.example.org:8443, false",
        "80, https://evil.com, false"
    })
    void behindATlsProxyTheSchemeIsHttpsAndPort80Means443(int port, String origin, boolean own) {
        assertThat(AT_PROXY.isOwnSite(
                        new FakeExchange().plain("www.example.org", port).header("Origin", origin)))
                .isEqualTo(own);
    }

    @Test
    void forwardedHeadersChangeNothing() {
        assertThat(AT_PROXY.isOwnSite(new FakeExchange()
                        .plain("www.example.org", 80)
                        .header("X-Forwarded-Host", "evil.com")
                        .header("Forwarded", "host=evil.com;proto=https")
                        .header("Origin", "https://evil.com")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "-, https://app.example.org, true",
        "same-site, https://app.example.org, true",
        "cross-site, https://app.example.org, true",
        "same-origin, https://app.example.org, true",
        "none, https://app.example.org, true",
        "same-site, https://APP.example.org:443, true",
        "cross-site, https://other.net:8443, true",
        "nonsense, https://app.example.org, false",
        "'', https://app.example.org, false",
        "cross-site, http://app.example.org, false",
        "cross-site, https://app.example.org:8443, false",
        "cross-site, https://other.net, false",
        "cross-site, https://x.app.example.org, false",
        "cross-site, null, false",
        "cross-site, -, false",
        "same-site, -, false",
        "same-site, https://www.example.org, false",
        "same-origin, https://www.example.org, true"
    })
    void aListedOriginIsTakenFromAnotherSite(String fetchSite, String origin, boolean own) {
        RequestOrigin withOthers = of(PlainHttp.LOCALHOST, "https://app.example.org", "https://other.net:8443");
        assertThat(withOthers.isOwnSite(headers(new FakeExchange(), fetchSite, origin)))
                .isEqualTo(own);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://www.example.org",
                "https://www.example.org:8443",
                "https://xn--bcher-kva.example",
                "https://192.0.2.1",
                "https://[2001:db8::1]:8443",
                "http://localhost:5173",
                "http://127.0.0.1"
            })
    void anOriginOfHttpsOrOfThisMachineCanBeListed(String origin) {
        assertThat(RequestOrigin.faults(List.of(origin))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "*",
                "https://*",
                "https://*.example.org",
                "example.org",
                "https://",
                "https://example.org/",
                "https://example.org/app",
                "https://example.org?x",
                "https://example.org#x",
                "https://user@example.org",
                "https://example.org:",
                "https://example.org:0",
                "https://example.org:65536",
                "https://example.org:-1",
                "https://example.org\r\nX: y",
                "https://b\u00fccher.example",
                "https://a b",
                "https://2001:db8::1",
                "http://example.org",
                "ftp://example.org",
                "https://a.example,https://b.example"
            })
    void anyOtherTextIsAFaultAndCannotBeListed(String origin) {
        assertThat(RequestOrigin.faults(List.of("https://fine.example", origin)))
                .singleElement()
                .asString()
                .startsWith("origins: \"")
                .contains("https://host:port")
                .matches("[ -~\\x{A0}-\\x{FFFF}]+");
        assertThatThrownBy(() -> of(PlainHttp.LOCALHOST, origin))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("origins: ");
    }

    private static RequestOrigin of(PlainHttp setting, String... origins) {
        return new RequestOrigin(new ConnectionPolicy(setting), List.of(origins));
    }

    private static FakeExchange headers(FakeExchange exchange, String fetchSite, String origin) {
        exchange.method("POST");
        if (!fetchSite.equals("-")) {
            exchange.header("Sec-Fetch-Site", fetchSite);
        }
        return origin.equals("-") ? exchange : exchange.header("Origin", origin);
    }
}
