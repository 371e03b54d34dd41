package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.SecretSearch;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.TestBrowser;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser may bring as its ticket, and what becomes of it. */
class TicketTest extends EmbeddedNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);

    /** A browser that sends these values of our cookie, in this order. */
    private TestBrowser sending(String... values) {
        return browser()
                .header(
                        "Cookie",
                        String.join(
                                "; ",
                                Arrays.stream(values)
                                        .map(value -> COOKIE + "=" + value)
                                        .toList()));
    }

    private String liveTicket() {
        return liveTicket(one, 1);
    }

    private String liveTicket(SessionManager manager, int value) {
        TestBrowser browser = new TestBrowser(manager, clock);
        browser.visit(session -> session.set(X, value));
        return browser.cookie(COOKIE);
    }

    private String deadTicket() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, 1));
        String ticket = browser.cookie(COOKIE);
        browser.visit(Session::logout);
        return ticket;
    }

    private String blankTicket() {
        TestBrowser browser = browser();
        browser.visit(Session::csrfToken);
        return browser.cookie(COOKIE);
    }

    private static String forge(String ticket, int index) {
        char other = ticket.charAt(index) == 'A' ? 'B' : 'A';
        return ticket.substring(0, index) + other + ticket.substring(index + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "0xhax",
                "abcdefg",
                "blah",
                "a/b/c",
                "a\\b",
                "\"quoted\"",
                "=",
                "%41",
                "\u00e9",
                "\u65e5\u672c",
                "a b",
                "a\r\nb",
                "a\0b"
            })
    void whatIsNoTicketIsNoSessionAndNoTrip(String value) {
        assertThat(cost(() -> sending(value)
                        .visit(session -> assertThat(session.get(X)).isNull())))
                .isZero();
        assertThat(cost(() -> sending("A".repeat(1_240))
                        .visit(session -> assertThat(session.get(X)).isNull())))
                .isZero();
    }

    @Test
    void theTextsOfAllZerosAreNoTickets() {
        for (char c : "A_-0".toCharArray()) {
            for (int length : List.of(43, 44, 45, 59, 60, 61, 63, 64, 65)) {
                String value = String.valueOf(c).repeat(length);
                assertThat(cost(() -> sending(value)
                                .visit(session -> assertThat(session.get(X)).isNull())))
                        .isZero();
            }
        }
    }

    @Test
    void anOfferedIdIsNeverAdopted() {
        TestBrowser browser = browser();
        String dead = deadTicket();
        browser.setCookie(COOKIE + "=" + dead + "; Path=/; Secure");
        counting.reset();
        browser.visit(session -> session.set(X, 1));
        assertThat(browser.cookie(COOKIE)).isNotEqualTo(dead);
        assertThat(faults.keys()).hasSize(1);
        TestBrowser offering = browser();
        offering.setCookie(COOKIE + "=0xhax; Path=/; Secure");
        offering.visit(session -> session.set(X, 1));
        assertThat(offering.cookie(COOKIE)).hasSize(60);
    }

    @Test
    void everyChangedCharacterOfATicketIsRefusedWithoutATrip() {
        String ticket = liveTicket();
        for (int i = 0; i < ticket.length(); i++) {
            String forged = forge(ticket, i);
            assertThat(cost(() -> sending(forged)
                            .visit(session -> assertThat(session.get(X)).isNull())))
                    .isZero();
        }
        String reversed = new StringBuilder(ticket).reverse().toString();
        String claimReversed = new StringBuilder(ticket.substring(0, 44)).reverse() + ticket.substring(44);
        for (String forged : List.of(reversed, claimReversed)) {
            assertThat(cost(() -> sending(forged)
                            .visit(session -> assertThat(session.get(X)).isNull())))
                    .isZero();
        }
    }

    @Test
    void aGenuineTicketThatTheStoreDoesNotKnowIsReadAsNoneAndNothingIsMadeOfIt() {
        String unknown;
        try (EmbeddedSessionStore elsewhere = new EmbeddedSessionStore();
                SessionManager other = node().store(elsewhere).build()) {
            unknown = liveTicket(other, 1);
        }
        TestBrowser browser = sending(unknown);
        browser.visit(session -> {
            assertThat(session.get(X)).isNull();
            assertThat(session.userId()).isNull();
            assertThat(session.isNew()).isTrue();
            assertThat(session.logout()).isTrue();
        });
        assertThat(counting.counts()).hasToString("load 1");
        assertThat(browser.lastResponse().setCookies()).isEmpty();
    }

    @Test
    void aTicketOfAnotherApplicationWithTheSameRingAndStoreIsRefused() {
        try (SessionManager other = node().application("other").build()) {
            String ticket = liveTicket(other, 1);
            assertThat(cost(() -> sending(ticket)
                            .visit(session -> assertThat(session.get(X)).isNull())))
                    .isZero();
        }
    }

    @Test
    void anUnsignedTicketIsRefusedWhereTicketsAreSigned() {
        try (SessionManager unsigned =
                SessionManager.builder().store(store).clock(clock).build()) {
            String ticket = liveTicket(unsigned, 1);
            assertThat(ticket).hasSize(44);
            assertThat(cost(() -> sending(ticket)
                            .visit(session -> assertThat(session.get(X)).isNull())))
                    .isZero();
            try (SessionManager moving = node().acceptUnsignedUntil(
                            clock.instant().plus(Duration.ofDays(1)))
                    .build()) {
                TestBrowser browser = new TestBrowser(moving, clock);
                browser.setCookie(COOKIE + "=" + ticket + "; Path=/; Secure");
                browser.visit(session -> assertThat(session.get(X)).isEqualTo(1));
            }
        }
    }

    @Test
    void keysRotateWithoutLoggingAnybodyOutAndADroppedKeyEndsItsSessions() {
        String first = KeyRing.generate().substring(2);
        String second = KeyRing.generate().substring(2);
        TestBrowser browser;
        try (SessionManager old = node().keyRing(KeyRing.parse("1:" + first)).build()) {
            browser = new TestBrowser(old, clock);
            browser.visit(session -> session.set(X, 1));
        }
        try (SessionManager both =
                node().keyRing(KeyRing.parse("2:" + second + ",1:" + first)).build()) {
            browser.through(both).visit(session -> session.update(X, 0, n -> n + 1));
            TestBrowser fresh = new TestBrowser(both, clock);
            fresh.visit(session -> session.set(X, 7));
            try (SessionManager dropped =
                    node().keyRing(KeyRing.parse("2:" + second)).build()) {
                assertThat(cost(() -> browser.through(dropped)
                                .visit(session -> assertThat(session.get(X)).isNull())))
                        .isZero();
                fresh.through(dropped)
                        .visit(session -> assertThat(session.get(X)).isEqualTo(7));
            }
        }
    }

    @Test
    void whileAKeyRotatesUnderLoadNobodyIsAnonymous() throws Exception {
        String first = KeyRing.generate().substring(2);
        String second = KeyRing.generate().substring(2);
        try (SessionManager before = node().keyRing(KeyRing.parse("1:" + first)).build();
                SessionManager known = node().keyRing(KeyRing.parse("1:" + first + ",2:" + second))
                        .build();
                SessionManager active = node().keyRing(KeyRing.parse("2:" + second + ",1:" + first))
                        .build()) {
            List<SessionManager> rollout = List.of(before, known, active);
            List<Thread> users = new ArrayList<>();
            AtomicInteger anonymous = new AtomicInteger();
            for (int user = 0; user < 8; user++) {
                TestBrowser browser = new TestBrowser(before, clock);
                browser.visit(session -> session.login("alice"));
                users.add(new Thread(() -> {
                    for (int step = 0; step < 300; step++) {
                        // Each server goes from one ring to the next; two neighbours serve at the same time.
                        int stage = Math.min(2, step / 150 + step % 2);
                        boolean signedIn = browser.through(rollout.get(stage)).<Boolean>request(session -> {
                            session.update(X, 0, n -> n + 1);
                            return session.userId() != null;
                        });
                        anonymous.addAndGet(signedIn ? 0 : 1);
                    }
                }));
            }
            users.forEach(Thread::start);
            for (Thread user : users) {
                user.join(100_000);
            }
            assertThat(anonymous).hasValue(0);
        }
    }

    @Test
    void otherCookiesHoweverOddDoNotMatter() {
        String ticket = liveTicket();
        browser()
                .header("Cookie", "a=\"; b; =c; $Version=1; " + COOKIE + "=" + ticket + "; \u00ff=1; d=\"x")
                .visit(session -> assertThat(session.get(X)).isEqualTo(1));
    }

    @Test
    void oneLiveTicketAmongDeadForgedAndBlankOnesIsUsedInEveryOrder() {
        String live = liveTicket();
        List<String> others = new ArrayList<>(List.of(
                deadTicket(), deadTicket(), deadTicket(), forge(live, 20), forge(live, 59), blankTicket(), "junk"));
        for (int at = 0; at <= others.size(); at++) {
            List<String> order = new ArrayList<>(others);
            order.add(at, live);
            sending(order.toArray(String[]::new))
                    .visit(session -> assertThat(session.get(X)).isEqualTo(1));
        }
    }

    @Test
    void theSameTicketTwiceIsOneLookUp() {
        String live = liveTicket();
        assertThat(cost(() -> sending(live, live)
                        .visit(session -> assertThat(session.get(X)).isEqualTo(1))))
                .isEqualTo(1);
    }

    @Test
    void fiveThousandCookiesOfOurNameCostFourLookUpsAtMost() {
        String[] values = new String[5_000];
        Arrays.setAll(values, i -> i < 4 ? deadTicket() : "x" + i);
        counting.reset();
        sending(values).visit(session -> assertThat(session.get(X)).isNull());
        assertThat(counting.counts().total()).isEqualTo(4);
    }

    @Test
    void moreTicketsThanAreLookedUpAreNone() {
        String[] values = {liveTicket(), deadTicket(), deadTicket(), deadTicket(), deadTicket()};
        assertThat(cost(() -> sending(values)
                        .visit(session -> assertThat(session.get(X)).isNull())))
                .isZero();
    }

    @Test
    void ofTwoLiveSessionsNeitherIsUsedAndNothingIsMade() {
        String mine = liveTicket();
        String planted = liveTicket();
        for (List<String> order : List.of(List.of(mine, planted), List.of(planted, mine))) {
            events.clear();
            counting.reset();
            TestBrowser browser = sending(order.toArray(String[]::new));
            browser.visit(session -> {
                assertThat(session.get(X)).isNull();
                assertThat(session.id()).isNull();
                session.set(X, 5);
            });
            assertThat(counting.counts().total()).isEqualTo(2);
            assertThat(browser.lastResponse().setCookies()).isEmpty();
            assertThat(kinds()).contains(Kind.DUPLICATE);
        }
        sending(mine).visit(session -> assertThat(session.get(X)).isEqualTo(1));
    }

    @Test
    void aSignInWithTwoLiveSessionsMakesTheNewOneAlone() {
        String mine = liveTicket();
        TestBrowser browser = sending(mine, liveTicket());
        browser.visit(session -> session.login("alice"));
        assertThat(browser.lastResponse().setCookies()).hasSize(1);
        String fresh = browser.cookie(COOKIE);
        sending(fresh).visit(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            assertThat(session.get(X)).isNull();
        });
    }

    @Test
    void aLogOutWithTwoLiveSessionsEndsBothAndSaysWhetherItDid() {
        String mine = liveTicket();
        String planted = liveTicket();
        TestBrowser browser = sending(mine, planted);
        faults.next(StoreVerb.END, Fault.FAIL);
        assertThat(browser.<Boolean>request(Session::logout)).isFalse();
        assertThat(browser.lastResponse().setCookies())
                .singleElement()
                .asString()
                .contains("Max-Age=0");
        for (String ticket : List.of(mine, planted)) {
            sending(ticket).visit(session -> assertThat(session.get(X)).isNull());
        }
        assertThat(sending(liveTicket(), liveTicket()).<Boolean>request(Session::logout))
                .isTrue();
        Awaitility.await().until(() -> faults.keys().isEmpty());
    }

    @Test
    void overPlainHttpStraysAreDeletedUnderEveryNameButOurOwn() {
        TestBrowser local = browser().localhost();
        local.visit(session -> session.set(X, 1));
        String mine = local.cookie("SID");
        TestBrowser other = browser().localhost();
        other.visit(session -> session.set(X, 2));
        TestBrowser both = browser()
                .at("http://localhost:8080/shop/cart/item")
                .header("Cookie", "SID=" + mine + "; SID=" + other.cookie("SID"));
        both.visit(session -> assertThat(session.get(X)).isNull());
        assertThat(both.lastResponse().setCookies())
                .isNotEmpty()
                .hasSizeLessThanOrEqualTo(16)
                .allMatch(line -> line.startsWith("SID=;") && line.contains("Max-Age=0"))
                .noneMatch(line -> line.contains("Path=/;") && !line.contains("Domain="));
    }

    /** The neighbour is a subdomain or another application of this host, and the session's cookie has a path of its own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Domain=example.org; Path=/shop/cart/item",
                "Domain=example.org; Path=/shop",
                "Domain=example.org; Path=/",
                "Domain=www.example.org; Path=/shop/cart/",
                "Path=/shop/cart",
                "Path=/"
            })
    void aLiveTicketThatANeighbourTossedInCostsOneRequestAndNotTheSession(String attributes) {
        try (SessionManager shop = node().cookiePath("/shop").build()) {
            TestBrowser browser = new TestBrowser(shop, clock).at("https://www.example.org/shop/cart/item");
            browser.visit(session -> session.login("victim"));
            TestBrowser neighbour = new TestBrowser(shop, clock).at("https://www.example.org/shop/");
            neighbour.visit(session -> session.set(X, 7));
            String planted = neighbour.cookie("__Secure-SID");
            assertThat(browser.setCookie("__Secure-SID=" + planted + "; Secure; " + attributes))
                    .isTrue();
            assertThat(browser.cookieLine()).containsSubsequence("__Secure-SID=", "__Secure-SID=");

            browser.visit(session -> {
                assertThat(session.userId()).isNull();
                assertThat(session.get(X)).isNull();
            });

            browser.visit(session -> {
                assertThat(session.userId()).isEqualTo("victim");
                assertThat(session.get(X)).isNull();
            });
        }
    }

    /** A neighbour's subdomain sets its own live ticket for the whole domain: possible where the name has not __Host-. */
    private TestBrowser tossedAt(SessionManager shop) {
        TestBrowser neighbour = new TestBrowser(shop, clock).at("https://www.example.org/shop/");
        neighbour.visit(session -> session.login("mallory"));
        TestBrowser victim = new TestBrowser(shop, clock).at("https://www.example.org/shop/cart/item");
        victim.visit(session -> session.login("alice"));
        String planted = "__Secure-SID=" + neighbour.cookie("__Secure-SID") + "; Domain=example.org; Path=%s; Secure";
        assertThat(victim.setCookie(String.format(planted, "/shop/cart"))).isTrue();
        return victim;
    }

    @Test
    void aSignInDespiteATossedCookieLastsBeyondItsOwnRequest() {
        try (SessionManager shop = node().cookiePath("/shop").build()) {
            TestBrowser victim = tossedAt(shop);
            victim.visit(session -> session.login("alice-again"));
            for (int i = 0; i < 2; i++) {
                assertThat(victim.<String>request(Session::userId)).isEqualTo("alice-again");
            }
        }
    }

    @Test
    void aBlankTicketIsNeverASession() {
        String blank = blankTicket();
        assertThat(cost(() -> sending(blank).visit(session -> {
                    assertThat(session.get(X)).isNull();
                    assertThat(session.requestedId()).isNull();
                })))
                .isZero();
    }

    @Test
    void anotherLetterCaseOfTheNameIsAnotherCookie() {
        String live = liveTicket();
        for (String name : List.of("__host-sid", "__HOST-SID", "%5F_Host-SID", "SID", "=__Host-SID", "$__Host-SID")) {
            browser()
                    .header("Cookie", name + "=" + live)
                    .visit(session -> assertThat(session.get(X)).isNull());
        }
    }

    @Test
    void neitherTicketNorIdIsInAnyKeyOrValue() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.login("alice-the-user");
            session.set(SessionKey.of("secret-name", String.class), "secret-value");
        });
        String ticket = browser.cookie(COOKIE);
        String id = browser.request(Session::id);
        browser.visit(Session::rotate);
        List<byte[]> stored = new ArrayList<>(counting.dump());
        counting.keys().forEach(key -> stored.add(key.text().getBytes(StandardCharsets.US_ASCII)));
        assertThat(stored).hasSizeGreaterThan(2);
        SecretSearch search = new SecretSearch()
                .add("the ticket", ticket)
                .add("its secret", Arrays.copyOfRange(Base64.getUrlDecoder().decode(ticket), 2, 33))
                .add("the id", id)
                .add("the user", "alice-the-user")
                .add("a name", "secret-name")
                .add("a value", "secret-value");
        search.assertAbsent("the store", stored);
        String key = counting.keys().iterator().next().text();
        for (String offered : List.of(key, "2::" + key, id, browser.<String>request(Session::id))) {
            assertThat(cost(() -> sending(offered)
                            .visit(session -> assertThat(session.userId()).isNull())))
                    .isZero();
        }
    }
}
