package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What requests cost two tiers, by the counters of memcached and of PostgreSQL. */
class TieredCostTest extends TieredNodes {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);
    private static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    /** Commands to memcached and statements of the database. */
    private record Cost(long commands, long statements) {}

    private Cost cost(TestBrowser who, Consumer<Session> request) {
        long before = database.statements();
        long commands = memcached.server.during(() -> who.visit(request)).total();
        return new Cost(commands, database.statements() - before);
    }

    /** With what follows behind the answer. */
    private Cost costInAll(TestBrowser who, Consumer<Session> request, long statements) {
        long before = database.statements();
        long commands = memcached.server.during(() -> who.visit(request)).total();
        await().until(() -> database.statements() - before >= statements);
        return new Cost(commands, database.statements() - before);
    }

    private TestBrowser session() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(HITS, 1));
        return browser;
    }

    @Test
    void whatDoesNotTouchASessionCostsNothing() {
        TestBrowser browser = session();
        assertThat(cost(browser, session -> {})).isEqualTo(new Cost(0, 0));
        assertThat(cost(browser, Session::requestedId)).isEqualTo(new Cost(0, 0));
        assertThat(cost(browser(), session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(new Cost(0, 0));
        assertThat(cost(browser(), Session::csrfToken)).isEqualTo(new Cost(0, 0));
    }

    @Test
    void aForgedTicketCostsNothing() {
        TestBrowser browser = session();
        String ticket = browser.cookie(COOKIE);
        TestBrowser forger = browser();
        forger.setCookie(COOKIE + "=" + ticket.substring(0, 9) + (ticket.charAt(9) == 'A' ? "B" : "A")
                + ticket.substring(10) + "; Path=/; Secure");
        assertThat(cost(forger, session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(new Cost(0, 0));
    }

    @Test
    void anUnknownTicketCostsAClaimAndAQueryAndThenNothingForFiveSeconds() {
        TestBrowser browser = session();
        database.execute("DELETE FROM $table");
        memcached.server.flush();
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(new Cost(1, 1));
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(new Cost(0, 0));
        clock.advance(Duration.ofSeconds(5));
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull())
                        .statements())
                .isEqualTo(1);
    }

    @Test
    void aNewSessionCostsOneOfEach() {
        assertThat(cost(browser(), session -> session.set(HITS, 1))).isEqualTo(new Cost(1, 1));
    }

    @Test
    void aReadCostsNoStatementWhereTheNodeHasWrittenTheSession() {
        TestBrowser browser = session();
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isEqualTo(1)))
                .isEqualTo(new Cost(1, 0));
    }

    @Test
    void aReadCostsAnotherNodeOneStatementAndThenNone() {
        TestBrowser browser = session().through(two);
        assertThat(costInAll(browser, session -> session.get(HITS), 1)).isEqualTo(new Cost(1, 1));
        assertThat(cost(browser, session -> session.get(HITS))).isEqualTo(new Cost(1, 0));
    }

    @Test
    void aChangeCostsOneStatementHoweverMany() {
        TestBrowser browser = session();
        assertThat(cost(browser, session -> {
                    session.update(HITS, 0, n -> n + 1);
                    session.set(NAME, "x");
                }))
                .isEqualTo(new Cost(2, 1));
        assertThat(cost(browser, session -> session.set(HITS, 2))).isEqualTo(new Cost(1, 0));
    }

    @Test
    void aSessionThatTheCacheForgotCostsOneQuery() {
        TestBrowser browser = session();
        memcached.server.flush();
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isEqualTo(1)))
                .isEqualTo(new Cost(2, 1));
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isEqualTo(1)))
                .isEqualTo(new Cost(1, 0));
    }

    @Test
    void aSessionThatTheCacheForgotCostsAnotherNodeTheRenewalOfTheRowToo() {
        TestBrowser browser = session().through(two);
        memcached.server.flush();
        long queries = database.queries();
        assertThat(costInAll(browser, session -> assertThat(session.get(HITS)).isEqualTo(1), 2))
                .isEqualTo(new Cost(2, 2));
        assertThat(database.queries() - queries).isEqualTo(1);
    }

    @Test
    void aRotationCostsTwoStatements() {
        TestBrowser browser = session();
        assertThat(cost(browser, Session::rotate)).isEqualTo(new Cost(3, 2));
        assertThat(cost(browser, Session::changeId)).isEqualTo(new Cost(3, 2));
    }

    @Test
    void aLogOutCostsOneStatement() {
        TestBrowser browser = session();
        assertThat(cost(browser, Session::logout)).isEqualTo(new Cost(2, 1));
        assertThat(database.sessions()).isZero();
    }

    @Test
    void aSessionThatIsFoundDeadCostsOneStatement() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.set(HITS, 1);
            session.expireIn(Duration.ofMinutes(1));
        });
        clock.advance(Duration.ofMinutes(2));
        assertThat(cost(browser, session -> assertThat(session.get(HITS)).isNull()))
                .isEqualTo(new Cost(2, 1));
        assertThat(database.sessions()).isZero();
    }

    @Test
    void whetherACachedSessionIsThereCostsNoQueryAtAnyNode() {
        TestBrowser browser = session();
        long queries = database.queries();
        assertThat(browser.<Boolean>request(session -> session.find(HITS).isPresent() && !session.isNew()))
                .isTrue();
        assertThat(browser.through(two).<Boolean>request(session -> !session.isNew()))
                .isTrue();
        assertThat(browser.through(two).<Boolean>request(session -> !session.isNew()))
                .isTrue();
        assertThat(database.queries()).isEqualTo(queries);
    }

    @Test
    void ofManyRequestsAtOnceForAForgottenSessionOneAsksTheDatabase() {
        TestBrowser browser = session();
        browser.through(two).visit(session -> session.get(HITS));
        // Whoever waited 50 ms for the refill on a busy machine asks too: in a calmer moment it is tried again.
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            memcached.server.flush();
            long queries = database.queries();
            List<Integer> hits = DeviceCases.together(
                    24,
                    i -> browser.copyOfJar()
                            .through(i % 2 == 0 ? one : two)
                            .<Integer>request(session -> session.get(HITS)));
            assertThat(hits).containsOnly(1);
            assertThat(database.queries() - queries).isBetween(1L, 6L);
        });
    }

    // Of a user: with the list of devices.

    private TestBrowser signedIn(String user) {
        TestBrowser browser = browser();
        browser.visit(session -> session.login(user));
        return browser;
    }

    /** The user's list is in the cache: the first sign-in of all leaves it in the database alone. */
    private void listIsCached(String user) {
        signedIn(user);
        signedIn(user);
    }

    @Test
    void aUsersFirstSignInCostsThreeStatements() {
        assertThat(cost(browser(), session -> session.login("alice"))).isEqualTo(new Cost(4, 3));
        assertThat(cost(browser(), session -> session.login("alice")))
                .as("the list comes into the cache")
                .isEqualTo(new Cost(4, 3));
    }

    @Test
    void aSignInCostsTwoStatementsAndOneMoreOverASession() {
        listIsCached("alice");
        TestBrowser browser = browser();
        assertThat(cost(browser, session -> session.login("alice"))).isEqualTo(new Cost(3, 2));
        assertThat(cost(browser, session -> session.login("alice"))).isEqualTo(new Cost(5, 3));
        assertThat(cost(session(), session -> session.login("alice"))).isEqualTo(new Cost(5, 3));
    }

    @Test
    void aUsersNewIdCostsThreeStatements() {
        listIsCached("alice");
        TestBrowser browser = signedIn("alice");
        assertThat(cost(browser, Session::rotate)).isEqualTo(new Cost(5, 3));
        assertThat(cost(browser, Session::changeId)).isEqualTo(new Cost(5, 3));
        memcached.server.flush();
        assertThat(cost(browser, Session::rotate))
                .as("the cache has forgotten the session and the list")
                .isEqualTo(new Cost(7, 5));
    }

    @Test
    void aUsersLogOutCostsTwoStatements() {
        listIsCached("alice");
        assertThat(cost(signedIn("alice"), Session::logout)).isEqualTo(new Cost(4, 2));
        TestBrowser only = signedIn("bob");
        assertThat(cost(only, Session::logout))
                .as("of the first session of all")
                .isEqualTo(new Cost(5, 3));
    }

    @Test
    void withoutAListASignInCostsOneStatement() {
        try (SessionManager node = node().devices(false).build()) {
            TestBrowser browser = browser().through(node);
            assertThat(cost(browser, session -> session.login("alice"))).isEqualTo(new Cost(1, 1));
            assertThat(cost(browser, Session::rotate)).isEqualTo(new Cost(3, 2));
            assertThat(cost(browser, Session::logout)).isEqualTo(new Cost(2, 1));
        }
    }

    @Test
    void aListCostsNoStatement() {
        listIsCached("alice");
        signedIn("alice");
        assertThat(cost(browser(), session -> assertThat(one.devices("alice")).hasSize(3)))
                .isEqualTo(new Cost(4, 0));
    }

    @Test
    void signingOutCostsTwoStatementsAndOneForEachSession() {
        listIsCached("alice");
        signedIn("alice");
        String device = one.devices("alice").get(0).id();
        assertThat(cost(browser(), session -> one.signOut("alice", device)))
                .as("the list is read from the database and compared with the cache's")
                .isEqualTo(new Cost(4, 3));
        assertThat(cost(browser(), session -> one.signOutEverywhere("alice"))).isEqualTo(new Cost(6, 4));
    }
}
