package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
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
}
