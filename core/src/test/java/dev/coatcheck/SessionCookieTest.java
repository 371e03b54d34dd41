package dev.coatcheck;

import static dev.coatcheck.ConnectionScope.HTTPS;
import static dev.coatcheck.ConnectionScope.LOCAL_HTTP;
import static dev.coatcheck.ConnectionScope.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionCookieTest {
    private static final SessionCookie PLAIN = new SessionCookie("SID", null, "/");
    private static final SessionCookie WITH_DOMAIN = new SessionCookie("SID", "example.org", "/");
    private static final SessionCookie WITH_PATH = new SessionCookie("SID", null, "/shop");
    private static final SessionCookie WITH_BOTH = new SessionCookie("SID", "example.org", "/shop");
    private static final SessionCookie BELOW_LOCALHOST = new SessionCookie("SID", "chirp.localhost", "/");

    @Test
    void thePrefixFollowsConnectionDomainAndPath() {
        assertThat(PLAIN.name(HTTPS)).isEqualTo("__Host-SID");
        assertThat(WITH_DOMAIN.name(HTTPS)).isEqualTo("__Secure-SID");
        assertThat(WITH_PATH.name(HTTPS)).isEqualTo("__Secure-SID");
        assertThat(WITH_BOTH.name(HTTPS)).isEqualTo("__Secure-SID");
        for (SessionCookie cookie : List.of(PLAIN, WITH_DOMAIN, WITH_PATH, WITH_BOTH)) {
            assertThat(cookie.name(LOCAL_HTTP)).isEqualTo("SID");
        }
    }

    @Test
    void withoutAScopeThereIsNoCookie() {
        assertThatThrownBy(() -> PLAIN.name(NONE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PLAIN.set(NONE, "T", null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PLAIN.clear(NONE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PLAIN.clearStrays(NONE, "localhost", "/"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLineThatSetsTheCookie() {
        assertThat(PLAIN.set(HTTPS, "T", null)).isEqualTo("__Host-SID=T; Path=/; Secure; HttpOnly; SameSite=Lax");
        assertThat(WITH_DOMAIN.set(HTTPS, "T", null))
                .isEqualTo("__Secure-SID=T; Path=/; Domain=example.org; Secure; HttpOnly; SameSite=Lax");
        assertThat(WITH_PATH.set(HTTPS, "T", null))
                .isEqualTo("__Secure-SID=T; Path=/shop; Secure; HttpOnly; SameSite=Lax");
        assertThat(WITH_BOTH.set(HTTPS, "T", Duration.ofDays(30)))
                .isEqualTo("__Secure-SID=T; Path=/shop; Domain=example.org; Max-Age=2592000; Secure; HttpOnly;"
                        + " SameSite=Lax");
        assertThat(PLAIN.set(LOCAL_HTTP, "T", null)).isEqualTo("SID=T; Path=/; HttpOnly; SameSite=Lax");
        assertThat(WITH_PATH.set(LOCAL_HTTP, "T", Duration.ofSeconds(9)))
                .isEqualTo("SID=T; Path=/shop; Max-Age=9; HttpOnly; SameSite=Lax");
    }

    @Test
    void aPublicDomainIsNotSentOnThisMachineWhereBrowsersWouldDropTheCookie() {
        assertThat(WITH_BOTH.set(LOCAL_HTTP, "T", null)).isEqualTo("SID=T; Path=/shop; HttpOnly; SameSite=Lax");
        assertThat(BELOW_LOCALHOST.set(LOCAL_HTTP, "T", null))
                .isEqualTo("SID=T; Path=/; Domain=chirp.localhost; HttpOnly; SameSite=Lax");
    }

    @Test
    void theLineThatDeletesTheCookie() {
        String past = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        assertThat(PLAIN.clear(HTTPS)).isEqualTo("__Host-SID=; Path=/" + past + "; Secure; HttpOnly; SameSite=Lax");
        assertThat(WITH_BOTH.clear(HTTPS))
                .isEqualTo("__Secure-SID=; Path=/shop; Domain=example.org" + past + "; Secure; HttpOnly; SameSite=Lax");
        assertThat(WITH_BOTH.clear(LOCAL_HTTP)).isEqualTo("SID=; Path=/shop" + past + "; HttpOnly; SameSite=Lax");
    }

    @Test
    void deletingMirrorsSettingInAllButValueAndAge() {
        everyLine((cookie, scope) -> {
            List<String> set = parts(cookie.set(scope, "", Duration.ofSeconds(5)));
            List<String> clear = parts(cookie.clear(scope));
            assertThat(without(clear)).isEqualTo(without(set));
        });
    }

    @Test
    void everyAttributeIsThereOnceAndSameSiteAlways() {
        everyLine((cookie, scope) -> {
            Stream<String> lines = Stream.concat(
                    Stream.of(
                            cookie.set(scope, "T", null),
                            cookie.set(scope, "T", Duration.ofDays(1)),
                            cookie.clear(scope)),
                    cookie.clearStrays(scope, "a.www.example.org", "/shop/cart/1").stream());
            lines.forEach(line -> {
                assertThat(attributeNames(line))
                        .as(line)
                        .doesNotHaveDuplicates()
                        .contains("httponly", "samesite");
                assertThat(attributeNames(line).contains("secure")).as(line).isEqualTo(scope == HTTPS);
            });
        });
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.000000001S, 1",
        "PT0.5S, 1",
        "PT1S, 1",
        "PT1.000000001S, 2",
        "PT59.999S, 60",
        "P30D, 2592000",
        "P400D, 34560000",
        "PT9599H59M59.5S, 34560000",
        "P401D, 34560000",
        "PT0S, 1",
        "PT-1S, 1",
        "PT-0.5S, 1"
    })
    void anAgeIsRoundedUpToSecondsAndNeverDeletes(Duration age, long seconds) {
        assertThat(PLAIN.set(HTTPS, "T", age)).contains("; Max-Age=" + seconds + ";");
    }

    @Test
    void theLongestAndTheShortestDurationDoNotOverflow() {
        assertThat(PLAIN.set(HTTPS, "T", Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)))
                .contains("; Max-Age=34560000;");
        assertThat(PLAIN.set(HTTPS, "T", Duration.ofSeconds(Long.MIN_VALUE))).contains("; Max-Age=1;");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SID", "s", "_SID", "a.b-c_d", "$SID", "!#$%&'*+-.^_`|~09azAZ", "-Host-SID"})
    void aTokenOfRfc7230IsAName(String name) {
        assertThat(SessionCookie.faults(name, null, "/")).isEmpty();
        assertThat(new SessionCookie(name, null, "/").name(HTTPS)).isEqualTo("__Host-" + name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "S ID",
                " SID",
                "SID;",
                "SID=",
                "S\u00cfD",
                "session:key",
                "bad name; inject=1",
                "bad\r\nname",
                "\"SID\"",
                "__SID",
                "__Host-SID",
                "__host-SID",
                "__Secure-SID",
                "__Http-SID"
            })
    void anyOtherNameIsAFault(String name) {
        assertFault(SessionCookie.faults(name, null, "/"), "cookieName: \"");
        assertThatThrownBy(() -> new SessionCookie(name, null, "/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("cookieName: ");
    }

    @Test
    void aNameHasAtMost64CharactersAndTheMessageShowsNotAll() {
        assertThat(SessionCookie.faults("n".repeat(64), null, "/")).isEmpty();
        assertFault(SessionCookie.faults("n".repeat(65), null, "/"), "cookieName: ");
        List<String> faults = SessionCookie.faults("n".repeat(5_000), null, "/");
        assertFault(faults, "cookieName: \"" + "n".repeat(80) + "...\" is not accepted");
        assertThat(faults.get(0)).hasSizeLessThan(300);
    }

    @ParameterizedTest
    @CsvSource({
        "example.org, example.org",
        ".example.org, example.org",
        "WWW.Example.ORG, www.example.org",
        "co.uk, co.uk",
        "a-b.x1.org, a-b.x1.org",
        "xn--bcher-kva.example, xn--bcher-kva.example",
        "b\u00fccher.example, xn--bcher-kva.example",
        ".B\u00dcCHER.Example, xn--bcher-kva.example",
        "bu\u0308cher.example, xn--bcher-kva.example",
        "\u6771\u4eac.example, xn--1lqs71d.example"
    })
    void aDomainIsSentInLowerCaseAsciiWithoutItsLeadingDot(String domain, String sent) {
        assertThat(new SessionCookie("SID", domain, "/").set(HTTPS, "T", null)).contains("; Domain=" + sent + ";");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..example.org",
                "example.org.",
                "example..org",
                "localhost",
                "org",
                "127.0.0.1",
                "192.0.2.1",
                "1.2",
                "example.123",
                "example.0x7f",
                "::1",
                "[::1]",
                "2001:db8::1",
                "example.org:443",
                "-a.example",
                "a-.example",
                "a_b.example",
                "a b.example",
                "*.example.org",
                "a;b.example",
                "example.org; HttpOnly",
                "example.org\r\nSet-Cookie: x=y",
                "example.org\n",
                "example.org/",
                "https://example.org",
                "stra\u00dfe.example",
                "\uff45xample.org",
                "example\u3002org",
                "a\uff1bb.example",
                "a\u200db.example",
                "\ud83d\ude00.example",
                "\ud800.example",
                "\u00ad.example",
                "\u2028a.example",
                "xn--\u00fc.example"
            })
    void whatIsNoDomainOfTwoLabelsIsAFault(String domain) {
        assertFault(SessionCookie.faults("SID", domain, "/"), "cookieDomain: \"");
        assertThatThrownBy(() -> new SessionCookie("SID", domain, "/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("cookieDomain: ");
    }

    @Test
    void aLabelHasAtMost63CharactersAndADomain253() {
        String label = "a".repeat(63);
        String longest = String.join(".", label, label, label, "a".repeat(61));
        assertThat(SessionCookie.faults("SID", longest, "/")).isEmpty();
        assertFault(SessionCookie.faults("SID", longest + "a", "/"), "cookieDomain: ");
        assertFault(SessionCookie.faults("SID", "a" + label + ".org", "/"), "cookieDomain: ");
        assertFault(SessionCookie.faults("SID", "\u00fc".repeat(63) + "x.org", "/"), "cookieDomain: ");
        assertFault(SessionCookie.faults("SID", "\u00fc".repeat(100_000), "/"), "cookieDomain: ");
    }

    @ParameterizedTest
    @CsvSource({"'', /", "/, /", "/shop, /shop", "/a/b/, /a/b/", "/b%C3%BCcher, /b%C3%BCcher", "/~x=1, /~x=1"})
    void aPathIsSentAsItIsAndAnEmptyOneIsTheRoot(String path, String sent) {
        assertThat(new SessionCookie("SID", null, path).set(HTTPS, "T", null)).contains("; Path=" + sent + ";");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shop",
                " /",
                "./a",
                "/a;b",
                "/a\r\nX:",
                "/a b",
                "/a\u0000",
                "/b\u00fccher",
                "/a,b",
                "/a\"b",
                "/a\\b",
                "/\u007f",
                "https://example.org/"
            })
    void aPathOfOtherCharactersIsAFault(String path) {
        assertFault(SessionCookie.faults("SID", null, path), "cookiePath: \"");
        assertThatThrownBy(() -> new SessionCookie("SID", null, path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("cookiePath: ");
    }

    @Test
    void aPathHasAtMost256Characters() {
        assertThat(SessionCookie.faults("SID", null, "/" + "a".repeat(255))).isEmpty();
        assertFault(SessionCookie.faults("SID", null, "/" + "a".repeat(256)), "cookiePath: ");
    }

    @Test
    void allFaultsAreToldAtOnce() {
        assertThat(SessionCookie.faults("S ID", "localhost", "x"))
                .extracting(message -> message.substring(0, message.indexOf(':')))
                .containsExactly("cookieName", "cookieDomain", "cookiePath");
        assertThatThrownBy(() -> new SessionCookie("S ID", "localhost", "x"))
                .hasMessageContainingAll("cookieName: ", "\ncookieDomain: ", "\ncookiePath: ");
    }

    @Test
    void everyCharacterIsEitherFineOrAFaultAndNeverBreaksOutOfItsPlace() {
        for (char c = 0; c <= 0xFF; c++) {
            for (String around : List.of("%s", "a%s", "%sa", "a%sa")) {
                String text = String.format(around, c);
                holds(text, null, "/");
                holds("SID", text + ".example.org", "/");
                holds("SID", "example." + text, "/");
                holds("SID", "a" + text + "b.org", "/");
                holds("SID", null, text);
                holds("SID", null, "/" + text);
            }
        }
    }

    @Test
    void theSeparatorsOfTheGrammarAreRefusedEverywhere() {
        String separators = ";, \"\\\u007f";
        for (char c = 0; c <= 0xFF; c++) {
            if (c < ' ' || c >= 0x7F || separators.indexOf(c) >= 0) {
                assertThat(SessionCookie.faults("a" + c + "b", null, "/"))
                        .as("%x", (int) c)
                        .hasSize(1);
                assertThat(SessionCookie.faults("SID", null, "/a" + c + "b"))
                        .as("%x", (int) c)
                        .hasSize(1);
            }
            if (c < ' ' || c == 0x7F || separators.indexOf(c) >= 0) {
                assertThat(SessionCookie.faults("SID", "a" + c + "b.org", "/"))
                        .as("%x", (int) c)
                        .hasSize(1);
            }
        }
    }

    @Test
    void theLongestCookieFitsIntoWhatBrowsersTake() {
        String label = "a".repeat(63);
        SessionCookie longest = new SessionCookie(
                "n".repeat(64), String.join(".", label, label, label, "a".repeat(61)), "/" + "p".repeat(255));
        String line = longest.set(HTTPS, "t".repeat(60), SessionCookie.MAX_AGE);
        assertThat(line.substring(0, line.indexOf(';'))).hasSizeLessThan(200);
        assertThat(parts(line)).allSatisfy(part -> assertThat(part).hasSizeLessThan(1_024));
    }

    private static void holds(String name, @Nullable String domain, String path) {
        List<String> faults = SessionCookie.faults(name, domain, path);
        if (!faults.isEmpty()) {
            assertThat(faults).allMatch(fault -> fault.chars().noneMatch(Character::isISOControl));
            return;
        }
        SessionCookie cookie = new SessionCookie(name, domain, path);
        for (String line : List.of(cookie.set(HTTPS, "T", null), cookie.clear(LOCAL_HTTP))) {
            assertThat(line).matches("[ -~]+");
            assertThat(attributeNames(line))
                    .isSubsetOf("path", "domain", "max-age", "expires", "secure", "httponly", "samesite")
                    .doesNotHaveDuplicates();
        }
        assertThat(cookie.set(HTTPS, "T", null)).startsWith(cookie.name(HTTPS) + "=T; Path=/");
    }

    private static void assertFault(List<String> faults, String start) {
        assertThat(faults).singleElement().asString().startsWith(start).contains(" is not accepted; write ");
        assertThat(faults.get(0).chars().noneMatch(Character::isISOControl)).isTrue();
    }

    private static void everyLine(BiConsumer<SessionCookie, ConnectionScope> test) {
        for (SessionCookie cookie : List.of(PLAIN, WITH_DOMAIN, WITH_PATH, WITH_BOTH, BELOW_LOCALHOST)) {
            test.accept(cookie, HTTPS);
            test.accept(cookie, LOCAL_HTTP);
        }
    }

    private static List<String> parts(String line) {
        return Arrays.asList(line.split("; ", -1));
    }

    private static List<String> without(List<String> parts) {
        return parts.stream()
                .filter(part -> !part.startsWith("Max-Age=") && !part.startsWith("Expires="))
                .toList();
    }

    private static List<String> attributeNames(String line) {
        return parts(line).stream()
                .skip(1)
                .map(part -> part.split("=", 2)[0].toLowerCase(Locale.ROOT))
                .toList();
    }

    @Test
    void whatTheSettingsSayOfSendingIsInEveryLineThatGivesATicket() {
        SessionCookie cookie = new SessionCookie(
                "SID",
                null,
                "/",
                new SessionCookie.Sending(true, Duration.ofHours(1), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC)));

        assertThat(cookie.set(LOCAL_HTTP, "T", null))
                .isEqualTo("SID=T; Path=/; Max-Age=3600; Expires=Thu, 01 Jan 1970 01:00:00 GMT; Secure; HttpOnly;"
                        + " SameSite=Lax");
        assertThat(cookie.set(HTTPS, "T", Duration.ofSeconds(9)))
                .contains("Max-Age=9;")
                .doesNotContain("Expires");
        assertThat(cookie.clear(LOCAL_HTTP)).contains("Max-Age=0;", "; Secure");
    }
}
