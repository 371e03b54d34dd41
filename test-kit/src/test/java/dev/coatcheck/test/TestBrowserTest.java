package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TestBrowserTest {
    private static final SessionKey<String> NAME = SessionKey.of("name", String.class);
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    private final FakeClock clock = new FakeClock();
    private final FaultyStore store =
            new FaultyStore(new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock));
    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private final SessionManager sessions = manager();
    private final TestBrowser alice = new TestBrowser(sessions, clock);

    private SessionManager manager() {
        return SessionManager.builder().store(store).keyRing(ring).clock(clock).build();
    }

    @AfterEach
    void close() {
        sessions.close();
        store.close();
    }

    /** The test of the API sheet. */
    @Test
    void aCopiedCookieIsWorthNothingAfterLogout() {
        TestBrowser alice = new TestBrowser(sessions);
        alice.visit(session -> session.login("alice"));
        TestBrowser thief = alice.copyOfJar();
        assertThat(thief.<String>request(Session::userId)).isEqualTo("alice");
        alice.visit(Session::logout);
        if (thief.request(session -> session.userId() != null)) {
            throw new AssertionError();
        }
    }

    @Test
    void theCookieGoesToHttpsOfItsHostAlone() {
        alice.visit(session -> session.set(NAME, "Alice"));
        assertThat(alice.cookie("__Host-SID")).isNotNull();
        assertThat(alice.cookieLine()).startsWith("__Host-SID=");
        assertThat(alice.at("https://other.example/").cookieLine()).isNull();
        assertThat(alice.lastResponse().setCookies()).hasSize(1);
        assertThat(alice.lastResponse().headers("cache-control")).containsExactly("no-store");
        alice.at("/cart").visit(session -> SessionAssert.assertThat(session).hasAttribute(NAME, "Alice"));
    }

    @Test
    void onLocalhostThereIsASessionWithoutTls() {
        TestBrowser developer = alice.localhost();
        developer.visit(session -> session.set(NAME, "Dev"));
        assertThat(developer.cookie("SID")).isNotNull();
        assertThat(developer.<String>request(session -> session.get(NAME))).isEqualTo("Dev");
        TestBrowser strange = alice.copyOfJar().at("http://app.example/").loopbackPeer(true);
        strange.visit(session -> session.set(NAME, "nobody"));
        assertThat(strange.lastResponse().setCookies()).isEmpty();
    }

    @Test
    void formsOfThisSiteAreToldFromOthers() {
        String token = alice.request(Session::csrfToken);
        assertThat(alice.post().<Boolean>request(session -> session.isCsrfValid(token)))
                .isTrue();
        assertThat(alice.post().<Boolean>request(session -> session.isCsrfValid("no")))
                .isFalse();
        assertThat(alice.postFrom("https://evil.example").<Boolean>request(session -> session.isCsrfValid(token)))
                .isFalse();
        assertThat(alice.post().header("X-More", "1").exchange().requestHeaders("x-more"))
                .containsExactly("1");
        assertThat(alice.method("PUT").exchange().method()).isEqualTo("PUT");
    }

    @Test
    void twoNodesShareOneJar() {
        try (SessionManager second = manager()) {
            alice.visit(session -> session.set(NAME, "Alice"));
            alice.through(second).visit(Session::rotate);
            assertThat(alice.<String>request(session -> session.get(NAME))).isEqualTo("Alice");
        }
    }

    @Test
    void aRestartEndsASessionThatWasNotRemembered() {
        alice.visit(session -> session.login("alice"));
        alice.restart();
        assertThat(alice.cookieLine()).isNull();
        alice.visit(session -> {
            session.login("alice");
            session.rememberMe();
        });
        alice.restart();
        clock.advance(Duration.ofDays(10));
        assertThat(alice.<String>request(Session::userId)).isEqualTo("alice");
    }

    @Test
    void cookiesCanBeTossedIn() {
        assertThat(alice.setCookie("__Host-SID=rubbish; Secure; Path=/")).isTrue();
        assertThat(alice.<Boolean>request(Session::isNew)).isTrue();
        assertThat(alice.setCookie("__Host-SID=rubbish; Path=/app")).isFalse();
        List<String> lines = alice.header("Cookie", "a=1").exchange().requestHeaders("Cookie");
        assertThat(lines).containsExactly("__Host-SID=rubbish", "a=1");
    }

    @Test
    void aStartStateIsOneRequest() {
        TestBrowser browser = TestBrowser.withSession(sessions, session -> session.set(HITS, 7));
        assertThat(browser.<Integer>request(session -> session.update(HITS, 0, n -> n + 1)))
                .isEqualTo(8);
        TestBrowser bob = TestBrowser.signedInAs(sessions, "bob");
        bob.visit(session -> SessionAssert.assertThat(session).isSignedInAs("bob"));
    }

    @Test
    void afterTheFirstByteNoCookieCanBeSent() {
        alice.visit(
                session -> assertThat(session.get(NAME)).isNull(),
                session ->
                        assertThatThrownBy(() -> session.set(NAME, "late")).isInstanceOf(IllegalStateException.class));
        alice.visit(session -> session.set(NAME, "in time"), session -> session.set(NAME, "later"));
        assertThat(alice.<String>request(session -> session.get(NAME))).isEqualTo("later");
        TestExchange exchange = alice.exchange();
        exchange.send();
        assertThatThrownBy(() -> exchange.addResponseHeader("Set-Cookie", "a=1"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatAHandlerThrowsComesOutAndItsChangesAreKept() {
        assertThatThrownBy(() -> alice.visit(session -> {
                    session.set(NAME, "kept");
                    throw new IllegalArgumentException("the handler's own");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the handler's own");
        assertThat(alice.<String>request(session -> session.get(NAME))).isEqualTo("kept");
    }

    @Test
    void aSessionIsOverWithItsRequest() {
        Session late = alice.request(session -> session);
        assertThatThrownBy(() -> late.get(NAME)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aHeldRequestCommitsWhenReleased() {
        alice.visit(session -> session.login("alice"));
        HeldRequest<Integer> slow = alice.hold(session -> session.update(HITS, 0, n -> n + 1));
        assertThat(alice.<Integer>request(session -> session.update(HITS, 0, n -> n + 1)))
                .as("a fast one passes")
                .isEqualTo(1);
        assertThat(slow.release()).as("what it saw when it ran").isEqualTo(1);
        assertThat(alice.<Integer>request(session -> session.get(HITS))).isEqualTo(2);
    }

    @Test
    void aLogoutOutlivesASlowRequest() {
        alice.visit(session -> session.login("alice"));
        HeldRequest<String> slow = alice.hold(session -> {
            session.set(NAME, "late");
            return "done";
        });
        alice.visit(Session::logout);
        assertThat(slow.release()).isEqualTo("done");
        assertThat(slow.response().setCookies()).isEmpty();
        alice.visit(session -> SessionAssert.assertThat(session).doesNotExist());
    }

    @Test
    void aHeldRequestsFailureComesOutAtItsRelease() {
        alice.visit(session -> session.set(NAME, "once"));
        HeldRequest<String> slow = alice.hold(session -> session.take(NAME));
        assertThat(alice.<String>request(session -> session.take(NAME))).isEqualTo("once");
        slow.releaseFailing(SessionConflictException.class);
        HeldRequest<String> broken = alice.hold(session -> {
            throw new IllegalArgumentException("the handler's own");
        });
        assertThatThrownBy(broken::release).isInstanceOf(IllegalArgumentException.class);
        HeldRequest<String> fine = alice.hold(session -> "fine");
        assertThatThrownBy(() -> fine.releaseFailing(IllegalStateException.class))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("it threw nothing");
    }

    @Test
    void aStoreThatIsAwayLogsNobodyOut() {
        alice.visit(session -> session.login("alice"));
        store.always(Fault.FAIL);
        assertThatThrownBy(() -> alice.visit(Session::userId)).isInstanceOf(SessionUnavailableException.class);
        assertThat(alice.lastResponse().setCookies()).isEmpty();
        store.heal();
        alice.visit(session -> SessionAssert.assertThat(session).isSignedInAs("alice"));
        store.forgetAll();
        alice.visit(session -> SessionAssert.assertThat(session).isAnonymous());
    }

    @Test
    void theManagerCanBeDrivenByHand() {
        TestExchange exchange = alice.exchange();
        sessions.current(exchange).set(NAME, "by hand");
        sessions.commit(exchange);
        alice.receive(exchange);
        sessions.finish(exchange);
        assertThat(alice.<String>request(session -> session.get(NAME))).isEqualTo("by hand");
    }

    @Test
    void textsHideCookies() {
        alice.visit(session -> session.set(NAME, "Alice"));
        SecretSearch search = new SecretSearch().add("the cookie", String.valueOf(alice.cookie("__Host-SID")));
        search.assertAbsent(
                "a text",
                List.of(alice, alice.jar(), alice.jar().all(), alice.lastResponse(), alice.exchange())
                        .toString());
    }

    @Test
    void withoutARequestThereIsNoResponse() {
        assertThatThrownBy(alice::lastResponse).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> alice.at("mailto:alice@app.example")).isInstanceOf(IllegalArgumentException.class);
    }
}
