package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.SignedOut;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A user's sessions in the embedded store, whose leases run by the clock. */
class EmbeddedDeviceTest extends DeviceCases {
    private static final SessionKey<byte[]> FILL = SessionKey.of("fill", byte[].class);

    @Override
    SessionStore open() {
        return new EmbeddedSessionStore(1 << 20, clock);
    }

    @Test
    void withoutAKeyRingAManagerOfTheSameProcessFindsTheSameIndex() {
        try (SessionManager a =
                        SessionManager.builder().store(store).clock(clock).build();
                SessionManager b =
                        SessionManager.builder().store(store).clock(clock).build()) {
            TestBrowser browser = signedIn(a, "alice");
            assertThat(b.devices("alice")).hasSize(1);
            assertThat(b.signOutEverywhere("alice")).isEqualTo(new SignedOut(1, true));
            assertThat(isIn(browser)).isFalse();
        }
    }

    @Test
    void aSignOutIsCompleteAsLongAsNothingWasEverThrownOut() {
        TestBrowser browser = signedIn("alice");
        assertThat(one.signOut("alice", "unknown")).isEqualTo(new SignedOut(0, true));
        assertThat(one.signOutEverywhere("nobody")).isEqualTo(new SignedOut(0, true));
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(1, true));
        assertThat(isIn(browser)).isFalse();
    }

    @Test
    void withAnIndexThatWasThrownOutASignOutIsNotComplete() {
        signedIn("alice");
        for (int i = 0; i < 20; i++) {
            browser().visit(session -> session.set(FILL, new byte[200_000]));
        }
        assertThat(events).extracting(event -> event.kind().name()).contains("EVICTED");
        TestBrowser again = signedIn("alice");
        assertThat(one.signOut("alice", "unknown").complete()).isFalse();
        assertThat(one.signOut("alice", current(again))).isEqualTo(new SignedOut(1, true));
        assertThat(one.signOutEverywhere("alice").complete()).isFalse();
        assertThat(one.signOutEverywhere("nobody").complete()).isFalse();
    }

    @Test
    void anIndexAsOldAsALifetimeIsComplete() {
        for (int i = 0; i < 20; i++) {
            browser().visit(session -> session.set(FILL, new byte[200_000]));
        }
        signedIn("alice");
        clock.advance(Duration.ofDays(15));
        signedIn("alice");
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(1, false));
        clock.advance(Duration.ofDays(15));
        signedIn("alice");
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(1, true));
    }

    @Test
    void anIdleSessionIsSeenWhenItWasSeenAndListingDoesNotKeepItAlive() {
        TestBrowser browser = signedIn("alice");
        clock.advance(Duration.ofMinutes(15));
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofMinutes(1));
            assertThat(one.devices("alice").get(0).lastSeenAt())
                    .isEqualTo(clock.instant().minus(Duration.ofMinutes(16 + i)));
        }
        clock.advance(Duration.ofMinutes(3));
        assertThat(one.devices("alice")).isEmpty();
        assertThat(isIn(browser)).isFalse();
    }
}
