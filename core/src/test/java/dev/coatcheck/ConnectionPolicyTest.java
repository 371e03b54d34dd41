package dev.coatcheck;

import static dev.coatcheck.ConnectionScope.HTTPS;
import static dev.coatcheck.ConnectionScope.LOCAL_HTTP;
import static dev.coatcheck.ConnectionScope.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.SessionManager.PlainHttp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule C5. */
class ConnectionPolicyTest {
    private static final ConnectionPolicy LOCALHOST = new ConnectionPolicy(PlainHttp.LOCALHOST);
    private static final ConnectionPolicy NEVER = new ConnectionPolicy(PlainHttp.NEVER);
    private static final ConnectionPolicy AT_PROXY = new ConnectionPolicy(PlainHttp.TLS_ENDS_AT_PROXY);

    static final List<String> PROXY_HEADERS = ConnectionPolicy.PROXY_HEADERS;

    @ParameterizedTest
    @EnumSource(PlainHttp.class)
    void tlsIsHttpsUnderEverySettingWhateverTheHeadersSay(PlainHttp setting) {
        ConnectionPolicy policy = new ConnectionPolicy(setting);
        assertThat(policy.of(new FakeExchange().https("www.example.org", 443))).isEqualTo(HTTPS);
        assertThat(policy.of(new FakeExchange()
                        .https("localhost", 8443)
                        .header("X-Forwarded-Proto", "http")
                        .header("Origin", "null")))
                .isEqualTo(HTTPS);
    }

    @Test
    void behindATlsProxyEveryConnectionIsHttps() {
        assertThat(AT_PROXY.of(new FakeExchange().plain("www.example.org", 80))).isEqualTo(HTTPS);
        assertThat(AT_PROXY.of(new FakeExchange().local("127.0.0.1", 8080))).isEqualTo(HTTPS);
        assertThat(AT_PROXY.of(new FakeExchange().plain("www.example.org", 80).header("X-Forwarded-Proto", "http")))
                .isEqualTo(HTTPS);
    }

    @Test
    void neverMeansThisMachineToo() {
        assertThat(NEVER.of(new FakeExchange().plain("www.example.org", 80))).isEqualTo(NONE);
        assertThat(NEVER.of(new FakeExchange().local("localhost", 8080))).isEqualTo(NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST",
                "localhost.",
                "chirp.localhost",
                "a.b.LocalHost.",
                "127.0.0.1",
                "127.0.0.1.",
                "127.255.255.255",
                "127.1.20.199",
                "::1",
                "[::1]"
            })
    void aLoopbackHostFromALoopbackPeerIsLocal(String host) {
        assertThat(LOCALHOST.of(new FakeExchange().local(host, 8080))).isEqualTo(LOCAL_HTTP);
        assertThat(LOCALHOST.of(new FakeExchange().plain(host, 8080))).isEqualTo(NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "www.example.org",
                "localhost.example.org",
                "notlocalhost",
                "localhost..",
                ".localhost",
                "a..localhost",
                "-.localhost",
                "a b.localhost",
                "localhost\n",
                "localhost:8080",
                "127.0.0.1.example.org",
                "127.0.0.1.nip.io",
                "127.1",
                "127.0.0",
                "127.0.0.256",
                "127.0.0.01",
                "127.0.0.1.1",
                "0127.0.0.1",
                "0x7f.0.0.1",
                "2130706433",
                "128.0.0.1",
                "0.0.0.0",
                "10.0.0.1",
                "[127.0.0.1]",
                "[localhost]",
                "[::1",
                "::1]",
                "[[::1]]",
                "::",
                "::2",
                "::ffff:127.0.0.1",
                "loc\u0430lhost",
                "\uff11\uff12\uff17.0.0.1"
            })
    void everyOtherHostIsNotLocal(String host) {
        assertThat(LOCALHOST.of(new FakeExchange().local(host, 80))).isEqualTo(NONE);
    }

    @ParameterizedTest
    @FieldSource("PROXY_HEADERS")
    void anySignOfAProxyEndsLocality(String header) {
        for (String value : List.of("", "127.0.0.1", "localhost", "https", "unknown")) {
            assertThat(LOCALHOST.of(new FakeExchange().local("localhost", 8080).header(header, value)))
                    .isEqualTo(NONE);
        }
    }

    @Test
    void theSignsNamedByTheRuleAreAllLookedFor() {
        assertThat(PROXY_HEADERS)
                .contains("Forwarded", "Via", "X-Real-IP")
                .contains("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port")
                .contains("X-Forwarded-Server", "X-Forwarded-Prefix", "X-Forwarded-By", "X-Forwarded-Ssl");
    }

    @Test
    void aForgedSchemeNeverMakesHttps() {
        for (ConnectionPolicy policy : List.of(LOCALHOST, NEVER)) {
            for (String host : List.of("localhost", "www.example.org")) {
                assertThat(policy.of(new FakeExchange()
                                .plain(host, 80)
                                .header("X-Forwarded-Proto", "https")
                                .header("X-Forwarded-Ssl", "on")
                                .header("Forwarded", "proto=https")))
                        .isEqualTo(NONE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost",
                "http://localhost:8080",
                "https://localhost:5173",
                "http://127.0.0.1:3000",
                "http://[::1]:8080",
                "http://chirp.localhost",
                "http://LOCALHOST."
            })
    void aLoopbackOriginStaysLocal(String origin) {
        assertThat(LOCALHOST.of(new FakeExchange().local("localhost", 8080).header("Origin", origin)))
                .isEqualTo(LOCAL_HTTP);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "https://example.org",
                "http://localhost.example.org",
                "http://localhost@example.org",
                "http://localhost/",
                "http://localhost:",
                "http://localhost:0",
                "http://localhost:65536",
                "http://localhost..",
                "http://localhost https://example.org",
                "http://localhost, http://localhost",
                "localhost",
                "//localhost",
                "file://",
                "chrome-extension://localhost",
                "ftp://localhost",
                "http://[localhost]",
                "http://::1",
                "http://[::2]"
            })
    void everyOtherOriginEndsLocality(String origin) {
        assertThat(LOCALHOST.of(new FakeExchange().local("localhost", 8080).header("Origin", origin)))
                .isEqualTo(NONE);
    }

    @Test
    void oneStrangeOriginAmongLoopbackOnesEndsLocality() {
        assertThat(LOCALHOST.of(new FakeExchange()
                        .local("localhost", 8080)
                        .header("Origin", "http://localhost:8080")
                        .header("Origin", "https://example.org")))
                .isEqualTo(NONE);
    }

    @Test
    void aSilentProxyThatRewritesTheHostIsGivenAwayByTheOrigin() {
        assertThat(LOCALHOST.of(new FakeExchange()
                        .method("POST")
                        .local("127.0.0.1", 8080)
                        .header("Origin", "https://example.org")))
                .isEqualTo(NONE);
    }
}
