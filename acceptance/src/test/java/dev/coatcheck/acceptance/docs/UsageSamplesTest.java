package dev.coatcheck.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Device;
import dev.coatcheck.SerializableTypes;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionLimitException;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.SignedOut;
import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.test.TestBrowser;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The usage that the documents show, compiled and run. */
class UsageSamplesTest {
    record Reply(int status, Object body) {}

    record Cart(List<String> items) {
        static final Cart EMPTY = new Cart(List.of());

        Cart with(String item) {
            List<String> more = new ArrayList<>(items);
            more.add(item);
            return new Cart(more);
        }
    }

    static final SessionKey<Cart> CART = SessionKey.of("cart", Cart.class);
    static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    private final SessionManager sessions = SessionManager.builder().build();
    private final TestBrowser browser = new TestBrowser(sessions);

    // 1 sign-in form

    static String form(Session session) {
        String field = "<input name=_csrf value=" + session.csrfToken() + ">"; // no record is made
        return field;
    }

    static Reply signIn(Session session, Map<String, String> form, String name, boolean known) {
        if (!session.isCsrfValid(form.get("_csrf"))) return new Reply(403, "Please load the form again");
        if (!known) return new Reply(422, "Name or password is wrong");
        session.login(name);
        session.flash("Welcome, " + name);
        return new Reply(303, "/");
    }

    @Test
    void signInForm() {
        String field = browser.request(UsageSamplesTest::form);
        Map<String, String> form = Map.of("_csrf", field.replaceAll(".*value=|>", ""));
        assertThat(browser.post()
                        .<Reply>request(session -> signIn(session, form, "alice", false))
                        .status())
                .isEqualTo(422);
        assertThat(browser.post()
                        .<Reply>request(session -> signIn(session, Map.of(), "alice", true))
                        .status())
                .isEqualTo(403);
        assertThat(browser.post().<Reply>request(session -> signIn(session, form, "alice", true)))
                .isEqualTo(new Reply(303, "/"));
        assertThat(browser.<List<String>>request(Session::takeFlash)).containsExactly("Welcome, alice");
    }

    // 2 cart

    static int addToCart(Session session, String item) {
        session.update(CART, Cart.EMPTY, cart -> cart.with(item));
        int size = session.find(CART).map(c -> c.items().size()).orElse(0);
        return size;
    }

    @Test
    void cart() {
        assertThat(browser.<Integer>request(session -> addToCart(session, "coat")))
                .isEqualTo(1);
        assertThat(browser.<Integer>request(session -> addToCart(session, "hat")))
                .isEqualTo(2);
    }

    // a one-time value

    static final SessionKey<String> OAUTH_STATE = SessionKey.of("oauth-state", String.class);

    static @Nullable String callback(Session session) {
        String state = session.take(OAUTH_STATE);
        session.commit(); // throws where another request took it
        return state;
    }

    @Test
    void oneTimeValue() {
        browser.visit(session -> session.set(OAUTH_STATE, "s1"));
        assertThat(browser.<String>request(UsageSamplesTest::callback)).isEqualTo("s1");
        assertThat(browser.<String>request(UsageSamplesTest::callback)).isNull();
    }

    // a manager made in code

    @Test
    void typesByName() {
        SessionManager sessions = SessionManager.builder()
                .type("cart", Cart.class) // may be stored by setAttribute
                .keys(HITS) // may be read by getAttribute
                .build();
        TestBrowser shopper = new TestBrowser(sessions);
        shopper.visit(session -> {
            session.untyped().set("cart", Cart.EMPTY.with("coat"));
            session.set(HITS, 3);
        });
        shopper.visit(session -> {
            assertThat(session.get(CART)).isEqualTo(Cart.EMPTY.with("coat"));
            assertThat(session.untyped().get("hits")).isEqualTo(3);
        });
    }

    static SessionManager withSerializable() {
        SessionManager sessions = SessionManager.builder()
                .serializable(SerializableTypes.springSecurity())
                .serializable(SerializableTypes.of("com.shop.Cart", "com.shop.model.*"))
                .build();
        return sessions;
    }

    @Test
    void objectsOfListedClasses() {
        try (SessionManager sessions = withSerializable()) {
            new TestBrowser(sessions).visit(session -> {
                session.untyped().set("locale", Locale.GERMANY);
                assertThat(session.untyped().get("locale")).isEqualTo(Locale.GERMANY);
            });
        }
    }

    // 3 JSON API

    static Reply api(Session session, @Nullable String csrfHeader, String item) {
        if (session.userId() == null) return new Reply(401, Map.of("error", "sign in"));
        if (!session.isCsrfValid(csrfHeader)) return new Reply(403, Map.of("error", "csrf"));
        return new Reply(200, session.update(CART, Cart.EMPTY, cart -> cart.with(item)));
    }

    @Test
    void jsonApi() {
        assertThat(browser.post()
                        .<Reply>request(session -> api(session, null, "coat"))
                        .status())
                .isEqualTo(401);
        browser.visit(session -> session.login("alice"));
        assertThat(browser.post()
                        .<Reply>request(session -> api(session, null, "coat"))
                        .status())
                .isEqualTo(403);
        String token = browser.request(Session::csrfToken);
        assertThat(browser.post().<Reply>request(session -> api(session, token, "coat")))
                .isEqualTo(new Reply(200, new Cart(List.of("coat"))));
    }

    // 4 log-out, after isCsrfValid

    static Reply signOut(Session session) {
        return new Reply(303, session.logout() ? "/" : "/signed-out-here-only");
    }

    @Test
    void logOut() {
        browser.visit(session -> session.login("alice"));
        assertThat(browser.<Reply>request(UsageSamplesTest::signOut)).isEqualTo(new Reply(303, "/"));
        assertThat(browser.<String>request(Session::userId)).isNull();
    }

    // devices

    static Reply newPassword(SessionManager sessions, Session session) {
        session.rotate(); // this device goes on under a new id
        SignedOut out = sessions.signOutOthers(session);
        session.flash(out.ended() + " other devices are signed out");
        return new Reply(303, "/account");
    }

    static String devices(SessionManager sessions, Session session) {
        StringBuilder list = new StringBuilder();
        for (Device device : sessions.devices(session)) {
            list.append(device.current() ? "here" : device.label()).append(", ").append(device.lastSeenAt());
        }
        return list.toString();
    }

    static Reply signOutThere(SessionManager sessions, Session session, Map<String, String> form) {
        String user = session.userId();
        if (user == null) return new Reply(401, "/sign-in");
        if (!session.isCsrfValid(form.get("_csrf"))) return new Reply(403, "Please load the form again");
        sessions.signOut(user, form.get("device")); // looked up among this user's own
        return new Reply(303, "/devices");
    }

    static Reply signInWithinTheLimit(Session session, String name) {
        session.login(name);
        try {
            session.commit();
        } catch (SessionLimitException full) {
            return new Reply(409, "Please sign out on another device first");
        }
        return new Reply(303, "/");
    }

    static SessionManager limited() {
        SessionManager sessions = SessionManager.builder()
                .maxSessionsPerUser(3, WhenFull.REFUSE)
                .deviceAddress(true)
                .build();
        return sessions;
    }

    @Test
    void devices() {
        browser.visit(session -> session.login("alice"));
        TestBrowser other = new TestBrowser(sessions);
        other.visit(session -> session.login("alice"));
        String id = browser.request(Session::id);
        assertThat(browser.<Reply>request(session -> newPassword(sessions, session)))
                .isEqualTo(new Reply(303, "/account"));
        assertThat(browser.<String>request(Session::id)).isNotEqualTo(id);
        assertThat(other.<String>request(Session::userId)).isNull();
        assertThat(browser.<String>request(session -> devices(sessions, session)))
                .startsWith("here, ");
        String device = sessions.devices("alice").get(0).id();
        String token = browser.request(Session::csrfToken);
        assertThat(browser.post()
                        .<Reply>request(
                                session -> signOutThere(sessions, session, Map.of("_csrf", token, "device", device))))
                .isEqualTo(new Reply(303, "/devices"));
        assertThat(browser.<String>request(Session::userId)).isNull();
    }

    @Test
    void aLimit() {
        try (SessionManager sessions = limited()) {
            for (int i = 0; i < 4; i++) {
                int status = new TestBrowser(sessions)
                        .<Reply>request(session -> signInWithinTheLimit(session, "alice"))
                        .status();
                assertThat(status).isEqualTo(i < 3 ? 303 : 409);
            }
        }
    }

    // 5 counter

    static String counter(Session session) {
        if (!session.isAvailable()) return "The counter rests";
        return session.update(HITS, 0, n -> n + 1) + " visits";
    }

    @Test
    void counter() {
        assertThat(browser.<String>request(UsageSamplesTest::counter)).isEqualTo("1 visits");
        assertThat(browser.<String>request(UsageSamplesTest::counter)).isEqualTo("2 visits");
    }

    // 6 test

    @Test
    void aThiefIsSignedOutToo() {
        TestBrowser alice = new TestBrowser(sessions);
        alice.visit(session -> session.login("alice"));
        TestBrowser thief = alice.copyOfJar();
        alice.visit(Session::logout);
        if (thief.<Boolean>request(session -> session.userId() != null)) throw new AssertionError();
    }

    // health

    static Reply health(SessionManager sessions) {
        StoreHealth health = sessions.health();
        int status = health.state() == StoreHealth.State.DOWN ? 503 : 200;
        return new Reply(status, health.toString());
    }

    @Test
    void aHealthPage() {
        assertThat(health(sessions)).isEqualTo(new Reply(200, "UP\nembedded UP {evictions=0}"));
    }
}
