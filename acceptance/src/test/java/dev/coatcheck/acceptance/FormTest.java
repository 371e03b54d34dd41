package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.PlainHttp;
import dev.coatcheck.test.TestBrowser;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CSRF tokens and flash messages. */
class FormTest extends EmbeddedNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);

    private static boolean valid(TestBrowser browser, String token) {
        return browser.<Boolean>request(session -> session.isCsrfValid(token));
    }

    private static String token(TestBrowser browser) {
        return browser.request(Session::csrfToken);
    }

    @Test
    void twoTokensOfOneSessionDifferAndAreBothValid() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        String first = token(browser);
        String second = token(browser);
        assertThat(first).hasSize(48).isNotEqualTo(second);
        assertThat(valid(browser.post(), first)).isTrue();
        assertThat(valid(browser.post(), second)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "é", "A", "null"})
    void whatIsNoTokenIsRefused(String text) {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        assertThat(valid(browser.post(), text)).isFalse();
        String token = token(browser);
        assertThat(valid(browser.post(), token.substring(1))).isFalse();
        assertThat(valid(browser.post(), token + "A")).isFalse();
        assertThat(browser.post().<Boolean>request(session -> session.isCsrfValid(null)))
                .isFalse();
    }

    @Test
    void aTokenOfAnotherSessionIsRefused() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        TestBrowser other = browser();
        other.visit(session -> session.set(X, 1));
        assertThat(valid(browser.post(), token(other))).isFalse();
        assertThat(valid(browser().post(), token(other))).isFalse();
    }

    @Test
    void readingMethodsNeedNoneAndOthersDo() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        for (String method : List.of("GET", "HEAD", "OPTIONS", "TRACE")) {
            assertThat(valid(browser.method(method), "")).isTrue();
        }
        String token = token(browser);
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "get", "FOO")) {
            assertThat(valid(browser.method(method), "")).isFalse();
            assertThat(valid(browser.method(method), token)).isTrue();
        }
    }

    @Test
    void aFormOfAnotherSiteIsRefusedThoughItHasTheToken() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        String token = token(browser);
        for (String origin : List.of(
                "https://evil.example",
                "null",
                "https://app.example:8443",
                "http://app.example",
                "https://app.example.org",
                "")) {
            assertThat(valid(browser.method("POST").header("Origin", origin), token))
                    .as(origin)
                    .isFalse();
        }
        for (String site : List.of("cross-site", "same-site", "", "same-origin, none")) {
            assertThat(valid(browser.method("POST").header("Sec-Fetch-Site", site), token))
                    .as(site)
                    .isFalse();
        }
        assertThat(valid(browser.method("POST").header("Origin", "https://app.example"), token))
                .isTrue();
        assertThat(valid(browser.method("POST").header("Sec-Fetch-Site", "none"), token))
                .isTrue();
    }

    @Test
    void anOriginThatWasAllowedIsTaken() {
        try (SessionManager manager = node().origins("https://www.example.org").build()) {
            TestBrowser browser = new TestBrowser(manager, clock);
            browser.visit(session -> session.set(X, 1));
            String token = token(browser);
            assertThat(valid(browser.method("POST").header("Origin", "https://www.example.org"), token))
                    .isTrue();
        }
    }

    @Test
    void openFormsSurviveARotationAndNotASignInAChangeOfIdOrASignOut() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        String token = token(browser);
        browser.visit(Session::rotate);
        assertThat(valid(browser.post(), token)).isTrue();
        browser.visit(session -> {
            session.login("alice");
            assertThat(session.csrfToken()).hasSize(48);
        });
        assertThat(valid(browser.post(), token)).isFalse();
        String signedIn = token(browser);
        assertThat(valid(browser.post(), signedIn)).isTrue();
        browser.visit(Session::changeId);
        assertThat(valid(browser.post(), signedIn)).isFalse();
        String changed = token(browser);
        browser.visit(Session::logout);
        assertThat(valid(browser.post(), changed)).isFalse();
    }

    @Test
    void theTokenOfThePageThatSignsInIsValidAfterwards() {
        TestBrowser browser = browser();
        String token = browser.request(session -> {
            session.login("alice");
            return session.csrfToken();
        });
        assertThat(valid(browser.post(), token)).isTrue();
        assertThat(browser.lastResponse().setCookies()).isEmpty();
    }

    @Test
    void aVisitorsFormIsValidWithItsBlankTicketAlone() {
        TestBrowser browser = browser();
        String token = token(browser);
        assertThat(browser.lastResponse().setCookies()).hasSize(1);
        assertThat(valid(browser.post(), token)).isTrue();
        assertThat(token(browser)).isNotEqualTo(token);
        assertThat(browser.lastResponse().setCookies()).isEmpty();
        assertThat(valid(browser().post(), token)).isFalse();
        assertThat(counting.counts().total()).isZero();
    }

    @Test
    void aSessionMadeByAVisitorWithABlankTicketTakesItsFormsAlong() {
        TestBrowser browser = browser();
        String token = token(browser);
        browser.visit(session -> session.set(X, 1));
        assertThat(valid(browser.post(), token)).isTrue();
        String sameRequest = browser().<String>request(session -> {
            session.csrfToken();
            session.set(X, 1);
            return session.csrfToken();
        });
        assertThat(sameRequest).hasSize(48);
    }

    @Test
    void aFormAndAFirstValueInOneRequestMakeOneCookie() {
        TestBrowser browser = browser();
        String token = browser.request(session -> {
            String form = session.csrfToken();
            session.set(X, 1);
            return form;
        });
        assertThat(browser.lastResponse().setCookies()).hasSize(1);
        assertThat(valid(browser.post(), token)).isTrue();
    }

    @Test
    void messagesArriveInOrderOnce() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.flash("foo");
            session.flash("bar");
        });
        assertThat(browser.<List<String>>request(Session::takeFlash)).containsExactly("foo", "bar");
        assertThat(browser.<List<String>>request(Session::takeFlash)).isEmpty();
    }

    @Test
    void kindsAreTakenApart() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.flash("error", "bad");
            session.flash("good");
        });
        browser.visit(session -> {
            assertThat(session.takeFlash("error")).containsExactly("bad");
            assertThat(session.takeFlash("other")).isEmpty();
        });
        browser.visit(session -> assertThat(session.takeFlash()).containsExactly("good"));
    }

    @Test
    void messagesWaitUntilTheyAreTakenAndSurviveRotationAndSignIn() {
        TestBrowser browser = browser();
        browser.visit(session -> session.flash("hello"));
        for (int i = 0; i < 3; i++) {
            browser.visit(session -> assertThat(session.isNew()).isFalse());
        }
        browser.visit(Session::rotate);
        browser.visit(session -> session.login("alice"));
        assertThat(browser.<List<String>>request(Session::takeFlash)).containsExactly("hello");
    }

    @Test
    void noticesOfAnApplicationsOwnTypeAreAListThatIsTaken() {
        record Notice(int number, String text) {}
        SessionKey<List<Notice>> notices = SessionKey.listOf("notices", Notice.class);
        TestBrowser browser = browser();
        for (Notice notice : List.of(new Notice(42, "foo"), new Notice(43, "bar"))) {
            browser.visit(session -> session.update(
                    notices,
                    List.of(),
                    before -> Stream.concat(before.stream(), Stream.of(notice)).toList()));
        }
        assertThat(browser.<List<Notice>>request(session -> session.take(notices)))
                .containsExactly(new Notice(42, "foo"), new Notice(43, "bar"));
        assertThat(browser.<List<Notice>>request(session -> session.take(notices)))
                .isNull();
    }

    @Test
    void takingNothingStoresNothing() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        assertThat(cost(() ->
                        browser.visit(session -> assertThat(session.takeFlash()).isEmpty())))
                .isEqualTo(1);
    }

    @Test
    void aMessageLeftAndTakenInOneRequestArrives() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.flash("now");
            assertThat(session.takeFlash()).containsExactly("now");
        });
        assertThat(faults.keys()).isEmpty();
    }

    @Test
    void plainHttpElsewhereGetsNoSessionAndNoCookieWhateverIsForwarded() {
        TestBrowser plain = browser().at("http://example.org/");
        for (TestBrowser each : List.of(
                plain,
                plain.header("X-Forwarded-Proto", "https"),
                browser().localhost().header("Via", "1.1 proxy"),
                browser().localhost().header("Origin", "https://example.org"))) {
            each.visit(session -> {
                session.set(X, 1);
                assertThat(session.id()).isNull();
                assertThat(session.logout()).isTrue();
                session.login("alice");
            });
            assertThat(each.lastResponse().setCookies()).isEmpty();
        }
        assertThat(counting.counts().total()).isZero();
        assertThat(valid(plain.post(), token(plain))).isFalse();
    }

    @Test
    void thisMachineGetsAPlainCookieAndHttpsTheOneWithTheHostPrefix() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        assertThat(browser.lastResponse().setCookies().get(0))
                .startsWith("__Host-SID=")
                .contains("; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax")
                .doesNotContain("Domain");
        TestBrowser local = browser().localhost();
        local.visit(session -> session.set(X, 1));
        assertThat(local.lastResponse().setCookies().get(0))
                .startsWith("SID=")
                .contains("; Path=/", "; HttpOnly", "; SameSite=Lax")
                .doesNotContain("Secure", "Domain");
        local.visit(session -> assertThat(session.get(X)).isEqualTo(1));
    }

    @Test
    void behindAProxyThatEndsTlsEveryConnectionIsHttps() {
        try (SessionManager manager =
                node().plainHttp(PlainHttp.TLS_ENDS_AT_PROXY).build()) {
            TestBrowser browser = new TestBrowser(manager, clock).at("http://example.org/");
            browser.visit(session -> session.set(X, 1));
            assertThat(browser.lastResponse().setCookies().get(0))
                    .startsWith("__Host-SID=")
                    .contains("; Secure");
        }
    }

    @Test
    void plainHttpNeverMeansNotOnThisMachineEither() {
        try (SessionManager manager = node().plainHttp(PlainHttp.NEVER).build()) {
            TestBrowser browser = new TestBrowser(manager, clock).localhost();
            browser.visit(session -> session.set(X, 1));
            assertThat(browser.lastResponse().setCookies()).isEmpty();
        }
    }

    @Test
    void aDomainOrAPathChangesThePrefix() {
        try (SessionManager domain = node().cookieDomain(".example.org").build();
                SessionManager path = node().cookiePath("/shop").build()) {
            TestBrowser one = new TestBrowser(domain, clock).at("https://www.example.org/");
            one.visit(session -> session.set(X, 1));
            assertThat(one.lastResponse().setCookies().get(0))
                    .startsWith("__Secure-SID=")
                    .contains("; Domain=example.org", "; Secure");
            one.at("https://api.example.org/")
                    .visit(session -> assertThat(session.get(X)).isEqualTo(1));
            TestBrowser two = new TestBrowser(path, clock).at("https://www.example.org/shop/cart");
            two.visit(session -> session.set(X, 1));
            assertThat(two.lastResponse().setCookies().get(0))
                    .startsWith("__Secure-SID=")
                    .contains("; Path=/shop");
            two.visit(session -> assertThat(session.get(X)).isEqualTo(1));
        }
    }
}
