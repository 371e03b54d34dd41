package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CookieJarTest {
    private static final URI HOME = URI.create("https://app.example/");
    private static final URI PLAIN = URI.create("http://app.example/");

    private final FakeClock clock = new FakeClock();
    private final CookieJar jar = new CookieJar(clock);

    @Test
    void aCookieComesBackToItsHostAlone() {
        assertThat(jar.receive(HOME, "SID=abc; Path=/")).isTrue();
        assertThat(jar.header(HOME)).isEqualTo("SID=abc");
        assertThat(jar.header(URI.create("https://www.app.example/"))).isNull();
        assertThat(jar.header(URI.create("https://other.example/"))).isNull();
        assertThat(jar.header(URI.create("https://APP.example:8443/x"))).isEqualTo("SID=abc");
    }

    @Test
    void aDomainCookieGoesToSubdomains() {
        assertThat(jar.receive(URI.create("https://www.app.example/"), "SID=abc; Domain=.App.Example; Path=/"))
                .isTrue();
        assertThat(jar.header(HOME)).isEqualTo("SID=abc");
        assertThat(jar.header(URI.create("https://shop.app.example/"))).isEqualTo("SID=abc");
        assertThat(jar.header(URI.create("https://badapp.example/"))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"other.example", "www.app.example", "example", "pp.example"})
    void aDomainThatDoesNotHoldTheHostIsRefused(String domain) {
        assertThat(jar.receive(HOME, "SID=abc; Domain=" + domain)).isFalse();
        assertThat(jar.all()).isEmpty();
    }

    @Test
    void anAddressHasNoSubdomains() {
        URI address = URI.create("http://127.0.0.1/");
        assertThat(jar.receive(address, "SID=abc; Domain=0.0.1")).isFalse();
        assertThat(jar.receive(address, "SID=abc; Domain=127.0.0.1")).isTrue();
        assertThat(jar.header(address)).isEqualTo("SID=abc");
    }

    @ParameterizedTest
    @CsvSource({
        "/app, /app, true",
        "/app, /app/, true",
        "/app, /app/x/y, true",
        "/app, /apple, false",
        "/app, /, false",
        "/app/, /app, false",
        "/app/, /app/x, true",
        "/, /anything, true"
    })
    void pathsMatchByWholeFolders(String path, String requested, boolean sent) {
        jar.receive(HOME, "SID=abc; Path=" + path);
        assertThat(jar.header(HOME.resolve(requested)) != null).isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource({"/a/b/c, /a/b", "/a/b/, /a/b", "/a, /", "/, /"})
    void withoutAPathThePagesFolderIsTaken(String page, String path) {
        jar.receive(HOME.resolve(page), "SID=abc");
        assertThat(jar.all().get(0).path()).isEqualTo(path);
    }

    @Test
    void nameDomainAndPathTellCookiesApart() {
        jar.receive(HOME, "SID=root; Path=/");
        jar.receive(HOME, "SID=app; Path=/app");
        jar.receive(HOME, "SID=wide; Path=/; Domain=app.example");
        jar.receive(HOME, "sid=small; Path=/");
        jar.receive(HOME, "SID=newer; Path=/");
        assertThat(jar.header(HOME.resolve("/app/x"))).isEqualTo("SID=app; SID=newer; SID=wide; sid=small");
    }

    @Test
    void secureCookiesStayOffPlainHttp() {
        assertThat(jar.receive(PLAIN, "SID=abc; Secure")).isFalse();
        assertThat(jar.receive(HOME, "SID=abc; Secure")).isTrue();
        assertThat(jar.header(PLAIN)).isNull();
        assertThat(jar.receive(PLAIN, "SID=tossed")).as("over a Secure one").isFalse();
        assertThat(jar.header(HOME)).isEqualTo("SID=abc");
    }

    @ParameterizedTest
    @CsvSource({
        "__Host-SID=a; Secure; Path=/, true",
        "__Host-SID=a; Path=/, false",
        "__Host-SID=a; Secure, false",
        "__Host-SID=a; Secure; Path=/app, false",
        "__Host-SID=a; Secure; Path=/; Domain=app.example, false",
        "__host-SID=a; Path=/, false",
        "=__Host-SID=a; Secure; Path=/, false",
        "__Secure-SID=a; Secure; Domain=app.example, true",
        "__Secure-SID=a; Path=/, false"
    })
    void prefixesAreHeldTo(String line, boolean taken) {
        assertThat(jar.receive(HOME, line)).isEqualTo(taken);
    }

    @Test
    void maxAgeRunsOutByTheClock() {
        jar.receive(HOME, "SID=abc; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        clock.advance(Duration.ofSeconds(59));
        assertThat(jar.header(HOME)).isEqualTo("SID=abc");
        clock.advance(Duration.ofSeconds(1));
        assertThat(jar.header(HOME)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Mon, 05 Jan 2026 10:00:00 GMT",
                "Monday, 05-Jan-26 10:00:00 GMT",
                "Mon Jan  5 10:00:00 2026",
                "10:00:00 2026 5 january"
            })
    void everyFormOfDateIsRead(String date) {
        jar.receive(HOME, "SID=abc; Expires=" + date);
        assertThat(jar.all().get(0).expires()).isEqualTo(FakeClock.START.plus(Duration.ofHours(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Expires=soon", "Expires=Mon, 32 Jan 2026 10:00:00 GMT", "Max-Age=1h", "Max-Age="})
    void whatCannotBeReadIsNotThere(String attribute) {
        jar.receive(HOME, "SID=abc; " + attribute);
        assertThat(jar.all().get(0).expires()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Max-Age=0", "Max-Age=-1", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"})
    void anExpiredLineDeletesTheSameCookieAlone(String expired) {
        jar.receive(HOME, "SID=abc; Path=/");
        jar.receive(HOME, "SID=abc; Path=/app");
        assertThat(jar.receive(HOME, "SID=; Path=/; " + expired)).isTrue();
        assertThat(jar.all())
                .hasSize(1)
                .allSatisfy(cookie -> assertThat(cookie.path()).isEqualTo("/app"));
    }

    @Test
    void noCookieLivesLongerThan400Days() {
        jar.receive(HOME, "a=1; Max-Age=99999999999999999999");
        jar.receive(HOME, "b=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT");
        assertThat(jar.all())
                .extracting(CookieJar.Cookie::expires)
                .containsOnly(FakeClock.START.plus(Duration.ofDays(400)));
    }

    @Test
    void aRestartEndsSessionCookiesAlone() {
        jar.receive(HOME, "a=1");
        jar.receive(HOME, "b=1; Max-Age=60");
        jar.restart();
        assertThat(jar.header(HOME)).isEqualTo("b=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=", "; Path=/", "SID=a\r\nb", "SID=a\0"})
    void whatIsNoCookieIsIgnored(String line) {
        assertThat(jar.receive(HOME, line)).isFalse();
    }

    @Test
    void aCookieHas4096BytesAtMost() {
        assertThat(jar.receive(HOME, "SID=" + "x".repeat(4093))).isTrue();
        assertThat(jar.receive(HOME, "SID=" + "x".repeat(4094))).isFalse();
    }

    @Test
    void aCopyGoesItsOwnWay() {
        jar.receive(HOME, "SID=abc");
        CookieJar copy = jar.copy();
        jar.clear();
        assertThat(copy.header(HOME)).isEqualTo("SID=abc");
        copy.receive(HOME, "b=1");
        assertThat(jar.header(HOME)).isNull();
    }

    @Test
    void textsHideValues() {
        jar.receive(HOME, "SID=confidential; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=5");
        assertThat(jar.toString())
                .doesNotContain("confidential")
                .contains("SID", "app.example alone", "path=/", "Secure", "HttpOnly", "SameSite=Lax", "expires");
    }
}
