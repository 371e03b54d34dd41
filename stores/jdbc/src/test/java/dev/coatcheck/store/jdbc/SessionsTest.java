package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.TestBrowser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions of a manager, in each database. */
class SessionsTest {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    @ParameterizedTest
    @EnumSource
    void aSessionIsServedByEveryNode(TestDatabase database) {
        String keys = KeyRing.generate();
        try (SessionStore one = SessionStore.open(database.url("coatcheck.table=sessions"));
                SessionStore two = SessionStore.open(database.url("coatcheck.table=sessions"));
                SessionManager first = SessionManager.builder()
                        .store(one)
                        .keyRing(KeyRing.parse(keys))
                        .build();
                SessionManager second = SessionManager.builder()
                        .store(two)
                        .keyRing(KeyRing.parse(keys))
                        .build()) {
            TestBrowser browser = TestBrowser.signedInAs(first, "alice");
            browser.through(second).visit(session -> session.set(HITS, 1));
            assertThat(browser.through(first)
                            .<Integer>request(session -> session.find(HITS).orElse(0)))
                    .isEqualTo(1);
            browser.through(second).visit(Session::logout);
            assertThat(browser.through(first).<Boolean>request(session -> session.userId() == null))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "H2_MEMORY", mode = EnumSource.Mode.EXCLUDE)
    void aDatabaseNeedsAKeyRing(TestDatabase database) {
        try (SessionStore store = database.open("coatcheck.table=sessions")) {
            assertThatThrownBy(() -> SessionManager.builder().store(store).build())
                    .hasMessageContaining("keyRing");
        }
    }
}
