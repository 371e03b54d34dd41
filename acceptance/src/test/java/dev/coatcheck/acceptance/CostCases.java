package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What requests cost, counted at the store or by it. */
abstract class CostCases extends TwoNodes {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);
    private static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    private TestBrowser browser;

    CostCases() {}

    CostCases(FakeClock clock) {
        super(clock);
    }

    /** How many commands the store was sent meanwhile. */
    abstract int commands(Runnable work);

    @BeforeEach
    final void openBrowser() {
        browser = browser();
    }

    private int cost(TestBrowser who, Consumer<Session> request) {
        return commands(() -> who.visit(request));
    }

    private int cost(Consumer<Session> request) {
        return cost(browser, request);
    }

    @Test
    void aRequestThatDoesNotTouchItsSessionCostsNothing() {
        browser.visit(session -> session.set(HITS, 1));
        assertThat(cost(session -> {})).isZero();
        assertThat(cost(Session::requestedId)).isZero();
    }

    @Test
    void aVisitorWhoOnlyReadsCostsNothing() {
        assertThat(cost(session -> assertThat(session.get(NAME)).isNull())).isZero();
        assertThat(cost(session -> assertThat(session.userId()).isNull())).isZero();
    }

    @Test
    void aVisitorsFormCostsNothing() {
        assertThat(cost(Session::csrfToken)).isZero();
        assertThat(cost(Session::csrfToken)).isZero();
    }

    @Test
    void aSignInByAVisitorsFormCostsItsCreateAndTheIndex() {
        String[] token = new String[1];
        assertThat(cost(session -> token[0] = session.csrfToken())).isZero();
        assertThat(cost(browser.post(), session -> {
                    assertThat(session.isCsrfValid(token[0])).isTrue();
                    session.login("alice");
                }))
                .isEqualTo(3);
        assertThat(one.stats().created()).isEqualTo(1);
    }

    @Test
    void aForgedTicketCostsNothing() {
        browser.visit(session -> session.set(HITS, 1));
        String ticket = browser.cookie("__Host-SID");
        String forged = (ticket.charAt(7) == 'A' ? ticket.substring(0, 7) + "B" : ticket.substring(0, 7) + "A")
                + ticket.substring(8);
        TestBrowser forger = browser();
        forger.setCookie("__Host-SID=" + forged + "; Path=/; Secure");
        assertThat(cost(forger, session -> assertThat(session.get(HITS)).isNull()))
                .isZero();
        assertThat(one.stats().rejected()).isEqualTo(1);
    }

    @Test
    void anUnknownTicketCostsOneCommandAndThenNoneForFiveSeconds() {
        browser.visit(session -> session.set(HITS, 1));
        TestBrowser stale = browser.copyOfJar();
        browser.visit(Session::logout);
        assertThat(cost(stale, session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(1);
        assertThat(cost(stale, session -> assertThat(session.get(HITS)).isNull()))
                .isZero();
        clock.advance(Duration.ofSeconds(5));
        assertThat(cost(stale, session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(1);
    }

    @Test
    void aNewSessionCostsOne() {
        assertThat(cost(session -> session.set(HITS, 1))).isEqualTo(1);
    }

    @Test
    void aReadCostsOneHoweverOften() {
        browser.visit(session -> session.set(HITS, 1));
        assertThat(cost(session -> {
                    assertThat(session.get(HITS)).isEqualTo(1);
                    assertThat(session.find(NAME)).isEmpty();
                    assertThat(session.isNew()).isFalse();
                    assertThat(session.keys()).containsExactly("hits");
                }))
                .isEqualTo(1);
    }

    @Test
    void aChangeCostsTwoHoweverMany() {
        browser.visit(session -> session.set(HITS, 1));
        assertThat(cost(session -> {
                    session.update(HITS, 0, n -> n + 1);
                    session.set(NAME, "x");
                    session.flash("hello");
                }))
                .isEqualTo(2);
    }

    @Test
    void aChangeThatChangesNothingCostsOne() {
        browser.visit(session -> session.set(HITS, 1));
        assertThat(cost(session -> session.set(HITS, 1))).isEqualTo(1);
    }

    @Test
    void aRotationCostsThreeAndWithAUserTwoMore() {
        browser.visit(session -> session.set(HITS, 1));
        assertThat(cost(Session::rotate)).isEqualTo(3);
        assertThat(cost(Session::changeId)).isEqualTo(3);
        assertThat(cost(session -> assertThat(session.get(HITS)).isEqualTo(1))).isEqualTo(1);
        browser.visit(session -> session.login("alice"));
        assertThat(cost(Session::rotate)).isEqualTo(5);
        assertThat(cost(Session::changeId)).isEqualTo(5);
    }

    @Test
    void aSignInCostsThreeForAVisitorAndFiveForASession() {
        assertThat(cost(session -> session.login("alice"))).isEqualTo(3);
        assertThat(cost(session -> session.login("alice"))).isEqualTo(5);
        TestBrowser other = browser();
        other.visit(session -> session.set(HITS, 1));
        assertThat(cost(other, session -> session.login("alice"))).isEqualTo(5);
    }

    @Test
    void withoutAnIndexASignInCostsOneForAVisitorAndThreeForASession() {
        try (SessionManager node = node().devices(false).build()) {
            TestBrowser plain = new TestBrowser(node, clock);
            assertThat(cost(plain, session -> session.login("alice"))).isEqualTo(1);
            assertThat(cost(plain, session -> session.login("alice"))).isEqualTo(3);
            assertThat(cost(plain, Session::rotate)).isEqualTo(3);
            assertThat(cost(plain, Session::logout)).isEqualTo(2);
        }
    }

    @Test
    void aLogOutCostsTwoAndWithAUserTwoMore() {
        browser.visit(session -> session.set(HITS, 1));
        TestBrowser stale = browser.copyOfJar();
        assertThat(cost(Session::logout)).isEqualTo(2);
        assertThat(cost(Session::logout)).isZero();
        assertThat(cost(stale, Session::logout)).as("to find nothing").isEqualTo(1);
        browser.visit(session -> session.login("alice"));
        assertThat(cost(Session::logout)).isEqualTo(4);
    }

    @Test
    void aListCostsOneAndOneForEachSession() {
        for (int i = 0; i < 3; i++) {
            browser().visit(session -> session.login("alice"));
        }
        assertThat(commands(() -> assertThat(one.devices("alice")).hasSize(3))).isEqualTo(4);
        assertThat(commands(() -> assertThat(one.devices("bob")).isEmpty())).isEqualTo(1);
    }

    @Test
    void signingOutCostsTwoAndTwoForEachSession() {
        for (int i = 0; i < 3; i++) {
            browser().visit(session -> session.login("alice"));
        }
        String device = one.devices("alice").get(0).id();
        assertThat(commands(() -> one.signOut("alice", device))).isEqualTo(4);
        assertThat(commands(() -> one.signOutEverywhere("alice"))).isEqualTo(6);
        assertThat(commands(() -> one.signOutEverywhere("alice"))).isEqualTo(1);
    }

    @Test
    void aSessionThatIsFoundDeadCostsTwo() {
        browser.visit(session -> {
            session.set(HITS, 1);
            session.expireIn(Duration.ofMinutes(1));
        });
        clock.advance(Duration.ofMinutes(2));
        assertThat(cost(session -> assertThat(session.get(HITS)).isNull())).isEqualTo(2);
    }
}
