package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.TestBrowser;
import org.junit.jupiter.api.Test;

/** A user's sessions in a real memcached, through two nodes with connections of their own. */
class MemcachedDeviceTest extends DeviceCases {
    private final OneMemcached memcached = new OneMemcached();

    MemcachedDeviceTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return memcached.direct();
    }

    @Override
    SessionStore openSecond() {
        return memcached.direct();
    }

    @Override
    void stopServers() {
        memcached.stop();
    }

    @Test
    void anIndexThatWasLostAndMadeAnewDoesNotLookComplete() {
        TestBrowser forgotten = signedIn("alice");
        String cookie = forgotten.cookie(COOKIE);
        assertThat(cookie).isNotNull();
        memcached.server.flush();
        TestBrowser known = signedIn("alice");
        SessionManager.SignedOut signedOut = one.signOutEverywhere("alice");
        assertThat(signedOut.ended()).isEqualTo(1);
        assertThat(signedOut.complete()).isFalse();
        assertThat(isIn(known)).isFalse();
    }

    @Test
    void withoutAKeyRingNothingIsIndexed() {
        try (SessionManager node = SessionManager.builder()
                .store(store)
                .withoutKeyRing()
                .clock(clock)
                .build()) {
            long before = memcached.server.dump().size();
            TestBrowser browser = signedIn(node, "alice");
            assertThat(memcached.server.dump()).hasSize((int) before + 1);
            browser.visit(session -> assertThatThrownBy(() -> node.signOutOthers(session))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("keyRing"));
            assertThatThrownBy(() -> node.devices("alice"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("keyRing");
        }
        assertThatThrownBy(() -> SessionManager.builder()
                        .store(store)
                        .withoutKeyRing()
                        .maxSessionsPerUser(2, WhenFull.REFUSE)
                        .build())
                .hasMessageContaining("maxSessionsPerUser")
                .hasMessageContaining("keyRing");
    }
}
