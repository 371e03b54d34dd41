package dev.coatcheck.store.appengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions of a manager, in each of the stores. */
class SessionsTest extends ServiceTest {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    private final KeyRing ring = KeyRing.parse(KeyRing.generate());

    enum Place {
        MEMCACHE,
        DATASTORE,
        BOTH
    }

    private SessionStore open(Place place) {
        return switch (place) {
            case MEMCACHE -> services.memcache();
            case DATASTORE -> services.datastore();
            case BOTH -> services.both();
        };
    }

    private SessionManager node(SessionStore store) {
        return SessionManager.builder()
                .store(store)
                .keyRing(ring)
                .clock(clock)
                .idleTimeout(Duration.ofMinutes(20))
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void aSessionIsServedByEveryInstance(Place place) {
        try (SessionStore here = open(place);
                SessionStore there = open(place);
                SessionManager one = node(here);
                SessionManager two = node(there)) {
            TestBrowser browser = new TestBrowser(one, clock);
            browser.visit(session -> session.login("alice"));
            browser.through(two).visit(session -> session.set(HITS, 1));
            assertThat(browser.<Integer>request(session -> session.get(HITS))).isEqualTo(1);
            assertThat(one.devices("alice")).hasSize(1);
            TestBrowser thief = browser.copyOfJar();
            assertThat(browser.through(two).<Boolean>request(Session::logout)).isTrue();
            assertThat(thief.<Boolean>request(session -> session.userId() == null))
                    .isTrue();
            assertThat(two.devices("alice")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aUserIsSignedOutEverywhere(Place place) {
        try (SessionStore store = open(place);
                SessionManager manager = node(store)) {
            TestBrowser phone = new TestBrowser(manager, clock);
            TestBrowser laptop = new TestBrowser(manager, clock);
            phone.visit(session -> session.login("alice"));
            laptop.visit(session -> session.login("alice"));
            var out = manager.signOutEverywhere("alice");
            assertThat(out.ended()).isEqualTo(2);
            assertThat(out.complete())
                    .as("a list in memcache may have been forgotten")
                    .isEqualTo(!store.mayForget());
            assertThat(phone.<Boolean>request(session -> session.userId() == null))
                    .isTrue();
            phone.visit(session -> session.login("alice"));
            assertThat(manager.devices("alice")).hasSize(1);
        }
    }

    /** Used every nineteen minutes for two hours, and in between as late as nobody notices. */
    @ParameterizedTest
    @EnumSource
    void aSessionInUseLivesAndAnIdleOneEnds(Place place) {
        try (SessionStore store = open(place);
                SessionManager manager = node(store)) {
            TestBrowser browser = new TestBrowser(manager, clock);
            browser.visit(session -> session.set(HITS, 1));
            for (int i = 0; i < 6; i++) {
                clock.advance(Duration.ofMinutes(5).minusMillis(1));
                assertThat(browser.<Integer>request(session -> session.get(HITS)))
                        .isEqualTo(1);
                clock.advance(Duration.ofSeconds(1_199));
                assertThat(browser.<Integer>request(session -> session.get(HITS)))
                        .isEqualTo(1);
            }
            clock.advance(Duration.ofMinutes(26));
            assertThat(browser.<Boolean>request(session -> session.has(HITS))).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatMemcacheForgetsIsStillInDatastoreAndWhatHasEndedIsNot(Place place) {
        try (SessionStore store = open(place);
                SessionManager manager = node(store)) {
            TestBrowser browser = new TestBrowser(manager, clock);
            browser.visit(session -> session.set(HITS, 7));
            services.forgetMemcache();
            assertThat(browser.<Boolean>request(session -> session.has(HITS))).isEqualTo(!store.mayForget());
            browser.visit(session -> session.set(HITS, 8));
            TestBrowser thief = browser.copyOfJar();
            assertThat(browser.<Boolean>request(Session::logout)).isTrue();
            services.forgetMemcache();
            assertThat(thief.<Boolean>request(session -> session.has(HITS))).isFalse();
        }
    }

    @Test
    void whileOneOfTwoTiersIsOffNoLogOutIsConfirmedAndWhatTheOtherHasIsRead() {
        try (SessionStore store = services.both();
                SessionManager manager = node(store)) {
            TestBrowser browser = new TestBrowser(manager, clock);
            browser.visit(session -> session.set(HITS, 7));

            services.switchOff("datastore_v3");
            assertThat(browser.<Integer>request(session -> session.get(HITS))).isEqualTo(7);
            assertThatThrownBy(() -> browser.visit(session -> session.set(HITS, 8)))
                    .isInstanceOf(SessionUnavailableException.class);
            assertThatThrownBy(() -> new TestBrowser(manager, clock).visit(session -> session.set(HITS, 1)))
                    .isInstanceOf(SessionUnavailableException.class);
            TestBrowser leaving = browser.copyOfJar();
            assertThat(leaving.<Boolean>request(Session::logout)).isFalse();
            assertThat(browser.<Boolean>request(session -> session.has(HITS))).isFalse();

            services.switchOff("");
            TestBrowser other = new TestBrowser(manager, clock);
            other.visit(session -> session.set(HITS, 1));
            services.switchOff("memcache");
            other.visit(session -> session.update(HITS, 0, hits -> hits + 1));
            assertThat(other.<Integer>request(session -> session.get(HITS))).isEqualTo(2);
            assertThat(other.<Boolean>request(Session::logout)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStoreNeedsAKeyRing(Place place) {
        try (SessionStore store = open(place)) {
            assertThatThrownBy(() -> SessionManager.builder().store(store).build())
                    .hasMessageContaining("keyRing");
        }
    }
}
