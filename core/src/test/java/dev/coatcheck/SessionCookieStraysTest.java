package dev.coatcheck;

import static dev.coatcheck.ConnectionScope.HTTPS;
import static dev.coatcheck.ConnectionScope.LOCAL_HTTP;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The deletions of rule C2. A spelling is written here as path and domain, {@code -} for a cookie of the host alone. */
class SessionCookieStraysTest {
    private static final SessionCookie PLAIN = new SessionCookie("SID", null, "/");
    private static final SessionCookie WITH_DOMAIN = new SessionCookie("SID", "example.org", "/");
    private static final SessionCookie WITH_PATH = new SessionCookie("SID", null, "/shop");
    private static final SessionCookie BELOW_LOCALHOST = new SessionCookie("SID", "chirp.localhost", "/");

    @Test
    void underTheHostPrefixNothingCanBeTossedAndNothingIsDeleted() {
        assertThat(PLAIN.clearStrays(HTTPS, "a.www.example.org", "/a/b/c")).isEmpty();
    }

    @Test
    void aStrayIsDeletedUnderTheNameOfTheConnection() {
        assertThat(WITH_DOMAIN.clearStrays(HTTPS, "example.org", "/"))
                .containsExactly("__Secure-SID=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure;"
                        + " HttpOnly; SameSite=Lax");
        assertThat(BELOW_LOCALHOST.clearStrays(LOCAL_HTTP, "chirp.localhost", "/"))
                .containsExactly(
                        "SID=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly;" + " SameSite=Lax");
    }

    @Test
    void everyParentDomainWithEveryParentPathIsDeletedWidestFirst() {
        assertThat(strays(WITH_DOMAIN, "www.example.org", "/a/b"))
                .containsExactly(
                        "/ www.example.org",
                        "/ -",
                        "/a example.org",
                        "/a www.example.org",
                        "/a -",
                        "/a/ example.org",
                        "/a/ www.example.org",
                        "/a/ -",
                        "/a/b example.org",
                        "/a/b www.example.org",
                        "/a/b -");
    }

    @Test
    void ourOwnSpellingIsNeverDeleted() {
        assertThat(strays(WITH_DOMAIN, "WWW.Example.ORG.", "/a/b")).doesNotContain("/ example.org");
        assertThat(strays(WITH_PATH, "www.example.org", "/shop/x"))
                .doesNotContain("/shop -")
                .contains("/shop example.org", "/shop/ -", "/ -", "/shop/x -");
        assertThat(PLAIN.clearStrays(LOCAL_HTTP, "localhost", "/")).isEmpty();
        // On this machine the domain is not sent, so the host's own cookie is ours.
        assertThat(WITH_DOMAIN.clearStrays(LOCAL_HTTP, "localhost", "/")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "org",
                "192.0.2.1",
                "127.0.0.1",
                "[2001:db8::1]",
                "::1",
                "",
                "a..b",
                "a b.org",
                "x.org\r\nSet-Cookie: a=b",
                "x.org; Secure",
                "b\u00fccher.example"
            })
    void whatHasNoParentDomainIsDeletedForTheHostAlone(String host) {
        assertThat(strays(WITH_PATH, host, "/shop/x")).containsExactly("/ -", "/shop/ -", "/shop/x -");
    }

    @Test
    void nothingBelowTwoLabelsIsNamed() {
        assertThat(strays(WITH_PATH, "a.b.example.org", "/"))
                .containsExactly("/ example.org", "/ b.example.org", "/ a.b.example.org", "/ -");
    }

    @Test
    void thereAreAtMostSixteenLines() {
        assertThat(WITH_PATH.clearStrays(HTTPS, "www.example.org", "/a/b/c/d/e/f/g/h/i"))
                .hasSize(16)
                .doesNotHaveDuplicates();
        assertThat(WITH_PATH.clearStrays(HTTPS, "a.".repeat(100) + "org", "/a")).hasSizeBetween(1, 16);
        assertThat(strays(WITH_PATH, "192.0.2.1", "/".repeat(8_000)))
                .hasSize(16)
                .doesNotHaveDuplicates();
        assertThat(strays(WITH_PATH, "192.0.2.1", "/a".repeat(8_000)))
                .hasSize(16)
                .doesNotHaveDuplicates();
    }

    @Test
    void theLinesLeaveRoomInTheResponsesHeader() {
        String label = "a".repeat(60);
        String host = String.join(".", label, label, label, "org");
        for (int segment : new int[] {1, 100, 1_000, 10_000}) {
            String path = ("/" + "p".repeat(segment)).repeat(5);
            assertThat(String.join("", WITH_PATH.clearStrays(HTTPS, host, path)))
                    .hasSizeLessThanOrEqualTo(4_096);
        }
    }

    @Test
    void onlyWholeSegmentsThatACookieCanSpellAreNamed() {
        assertThat(strays(WITH_PATH, "192.0.2.1", "/a/b;jsessionid=x/c")).containsExactly("/ -", "/a -", "/a/ -");
        for (String path :
                List.of("/a/b c", "/a/b\r\nSet-Cookie: x=y", "/a/b\u0000", "/a/b\u00fc", "/a/;", "/a/\u007f")) {
            assertThat(strays(WITH_PATH, "192.0.2.1", path)).containsExactly("/ -", "/a -", "/a/ -");
        }
    }

    @Test
    void aPathThatIsNoneCountsAsTheRoot() {
        for (String path : List.of("", "*", "a/b", "https://example.org/a", ";/a", "\r\n/a")) {
            assertThat(strays(WITH_PATH, "192.0.2.1", path)).containsExactly("/ -");
        }
    }

    @Test
    void pathsWithAndWithoutAFinalSlashAreTwo() {
        assertThat(strays(WITH_PATH, "192.0.2.1", "/a/")).containsExactly("/ -", "/a -", "/a/ -");
        assertThat(strays(WITH_PATH, "192.0.2.1", "//a")).containsExactly("/ -", "// -", "//a -");
    }

    @Test
    void noCharacterOfAHostOrAPathBreaksOutOfItsPlace() {
        for (char c = 0; c <= 0xFF; c++) {
            for (String line : WITH_PATH.clearStrays(HTTPS, "a" + c + "b.example.org", "/x/a" + c + "b/y")) {
                assertThat(line)
                        .matches("__Secure-SID=; Path=/[!-:<-~]*(; Domain=[a-z0-9.-]+)?; Max-Age=0;"
                                + " Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax");
            }
        }
    }

    private static List<String> strays(SessionCookie cookie, String host, String path) {
        return cookie.clearStrays(HTTPS, host, path).stream()
                .map(line -> line.replaceFirst("^[^;]*; Path=", "")
                        .replaceFirst("; Max-Age=.*", "")
                        .replaceFirst("; Domain=", " "))
                .map(line -> line.indexOf(' ') < 0 ? line + " -" : line)
                .toList();
    }
}
