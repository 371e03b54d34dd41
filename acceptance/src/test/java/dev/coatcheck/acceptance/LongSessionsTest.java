package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.TestBrowser;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Idle times on a real memcached, by the clocks of this machine: the store tells them, from what is left of the lease. */
class LongSessionsTest {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    private final OneMemcached memcached = new OneMemcached();
    private final SessionStore store = memcached.direct();

    @AfterEach
    void stop() {
        store.close();
        memcached.stop();
    }

    private SessionManager node(KeyRing ring, Clock clock, Duration idle) {
        return SessionManager.builder()
                .store(store)
                .keyRing(ring)
                .clock(clock)
                .idleTimeout(idle)
                .absoluteLifetime(Duration.ofDays(400))
                .build();
    }

    /** From 30 days on memcached is sent a date. */
    @Test
    void sessionsThatMayBeIdleForMonthsAreThereAfterCreateReadAndChange() {
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        for (int days : new int[] {14, 29, 30, 31, 90, 400}) {
            try (SessionManager sessions = node(ring, Clock.systemUTC(), Duration.ofDays(days))) {
                TestBrowser browser = TestBrowser.signedInAs(sessions, "alice");
                for (int i = 0; i < 5; i++) {
                    int before = i;
                    browser.visit(session -> {
                        assertThat(session.userId())
                                .as("%d days, request %d", days, before)
                                .isEqualTo("alice");
                        assertThat(session.update(HITS, 0, hits -> hits + 1)).isEqualTo(before + 1);
                    });
                    assertThat(browser.<Integer>request(session -> session.get(HITS)))
                            .isEqualTo(i + 1);
                }
            }
        }
    }

    @Test
    void clocksThatDifferByFiveMinutesEndNoSession() {
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        for (Duration idle : List.of(Duration.ofMinutes(20), Duration.ofDays(60))) {
            try (SessionManager fast = node(ring, Clock.offset(Clock.systemUTC(), Duration.ofMinutes(5)), idle);
                    SessionManager slow = node(ring, Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-5)), idle)) {
                TestBrowser browser = TestBrowser.signedInAs(fast, "alice");
                for (SessionManager node : List.of(slow, fast, slow, fast)) {
                    browser.through(node).visit(session -> {
                        assertThat(session.userId()).isEqualTo("alice");
                        session.update(HITS, 0, hits -> hits + 1);
                    });
                }
                assertThat(browser.<Integer>request(session -> session.get(HITS)))
                        .isEqualTo(4);
            }
        }
    }

    @Test
    void theLastAccessIsRightWithinTwoSeconds() {
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        try (SessionManager short20 = node(ring, Clock.systemUTC(), Duration.ofMinutes(20));
                SessionManager long60 = node(ring, Clock.systemUTC(), Duration.ofDays(60))) {
            Instant begun = Instant.now();
            List<TestBrowser> browsers =
                    List.of(TestBrowser.signedInAs(short20, "alice"), TestBrowser.signedInAs(long60, "bob"));
            Instant used = Instant.now();
            Awaitility.await().until(() -> Instant.now().isAfter(used.plusSeconds(3)));
            for (TestBrowser browser : browsers) {
                Instant told = browser.request(Session::lastAccessedAt);
                assertThat(told).isBetween(begun.minusSeconds(2), used.plusSeconds(2));
                assertThat(browser.<Instant>request(Session::lastAccessedAt)).isAfter(used.plusMillis(1_000));
            }
        }
    }
}
