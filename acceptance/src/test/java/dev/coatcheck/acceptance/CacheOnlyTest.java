package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.test.HeldRequest;
import dev.coatcheck.test.TestBrowser;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Values that no database gets, beside those that it does: through new ids, merges and a cache that forgets. */
class CacheOnlyTest extends TieredNodes {
    private static final SessionKey<Integer> CART = SessionKey.of("cart", Integer.class);
    private static final SessionKey<Integer> SEEN =
            SessionKey.of("seen", Integer.class).cacheOnly();
    private static final SessionKey<byte[]> PICTURE =
            SessionKey.of("picture", byte[].class).cacheOnly();
    private static final int LARGE = 50_000;

    private TestBrowser visitor() {
        TestBrowser browser = browser();
        browser.visit(session -> {
            session.set(CART, 1);
            session.set(SEEN, 1);
        });
        return browser;
    }

    private static List<Integer> values(TestBrowser browser) {
        return browser.request(session ->
                List.of(session.find(CART).orElse(0), session.find(SEEN).orElse(0)));
    }

    @Test
    void newIdsBringThemAlongAndTheDatabaseKeepsTheRest() {
        for (Consumer<Session> newId :
                List.<Consumer<Session>>of(session -> session.login("alice"), Session::rotate, Session::changeId)) {
            TestBrowser browser = visitor();
            browser.visit(newId);
            assertThat(values(browser)).containsExactly(1, 1);
            assertThat(values(browser.through(two))).containsExactly(1, 1);
            memcached.server.flush();
            assertThat(values(browser.through(two))).containsExactly(1, 0);
            browser.visit(newId);
            assertThat(values(browser)).containsExactly(1, 0);
            browser.visit(session -> session.set(SEEN, 2));
            assertThat(values(browser.through(two))).containsExactly(1, 2);
        }
    }

    @Test
    void aConflictMergesBothKinds() {
        TestBrowser browser = visitor();
        HeldRequest<Boolean> slow = browser.hold(session -> {
            session.update(CART, 0, n -> n + 1);
            session.update(SEEN, 0, n -> n + 1);
            return true;
        });
        browser.through(two).visit(session -> {
            session.update(CART, 0, n -> n + 1);
            session.update(SEEN, 0, n -> n + 1);
        });
        slow.release();
        assertThat(values(browser)).containsExactly(3, 3);
        assertThat(values(browser.through(two))).containsExactly(3, 3);
        memcached.server.flush();
        assertThat(values(browser.through(two))).containsExactly(3, 0);
    }

    @Test
    void aConflictWithASignInKeepsWhatTheSlowRequestSet() {
        TestBrowser browser = visitor();
        HeldRequest<Boolean> slow = browser.hold(session -> {
            session.update(CART, 0, n -> n + 1);
            session.update(SEEN, 0, n -> n + 1);
            return true;
        });
        browser.through(two).visit(Session::rotate);
        slow.release();
        assertThat(values(browser)).containsExactly(2, 2);
        assertThat(values(browser.through(two))).containsExactly(2, 2);
    }

    @Test
    void aChangeOfTheRestAfterTheCacheForgotBringsNoneOfThemBack() {
        TestBrowser browser = visitor();
        HeldRequest<Boolean> slow = browser.hold(session -> {
            session.update(CART, 0, n -> n + 1);
            return true;
        });
        memcached.server.flush();
        slow.release();
        assertThat(values(browser).get(0)).isEqualTo(2);
        assertThat(values(browser.through(two)).get(0)).isEqualTo(2);
    }

    @Test
    void noByteOfThemReachesTheDatabase() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(CART, 1));
        long small = bytes();
        browser.visit(session -> session.set(PICTURE, "canary".repeat(LARGE / 6).getBytes(StandardCharsets.US_ASCII)));
        browser.visit(session -> session.set(CART, 2));
        browser.visit(Session::rotate);
        assertThat(browser.<byte[]>request(session -> session.get(PICTURE))).hasSize(LARGE / 6 * 6);
        assertThat(bytes()).isBetween(small, small + 1_000);
    }

    private long bytes() {
        return database.number("SELECT MAX(OCTET_LENGTH(content)) FROM $table");
    }
}
