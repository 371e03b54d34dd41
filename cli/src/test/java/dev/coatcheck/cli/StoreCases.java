package dev.coatcheck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Device;
import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.TestBrowser;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The commands beside an application on the same store; each kind of store has a subclass. */
abstract class StoreCases {
    private static final String RING = KeyRing.generate();

    final Map<String, String> environment = new HashMap<>();
    private SessionManager application;

    /** The store's URL. */
    abstract String url();

    /** The names of its parts. */
    abstract List<String> parts();

    /** Ends the servers, or some of them, so that no session can be found. */
    abstract void kill();

    @BeforeEach
    void open() {
        environment.putAll(Map.of("COATCHECK_STORE", url(), "COATCHECK_KEYS", RING, "COATCHECK_APPLICATION", "shop"));
        application = SessionManager.builder()
                .store(url())
                .keyRing(KeyRing.parse(RING))
                .application("shop")
                .deviceLabel(agent -> "The label of " + agent)
                .build();
    }

    @AfterEach
    void close() {
        application.close();
    }

    private Typed typed(String... words) {
        return Typed.in(environment, words);
    }

    static String done(Typed typed) {
        assertThat(typed.exitCode()).as(typed.err()).isZero();
        assertThat(typed.err()).isEmpty();
        return typed.out();
    }

    TestBrowser signedIn(String user) {
        TestBrowser browser = new TestBrowser(application).header("User-Agent", "Firefox");
        browser.visit(session -> session.login(user));
        return browser;
    }

    static boolean isIn(TestBrowser browser) {
        return browser.<Boolean>request(session -> session.userId() != null);
    }

    private List<String> devices(String user) {
        return application.devices(user).stream().map(Device::id).toList();
    }

    @Test
    void pingHasALineForEachPart() {
        List<String> lines = done(typed("ping")).lines().skip(1).toList();
        assertThat(lines).hasSameSizeAs(parts());
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).startsWith(parts().get(i) + " ").matches(".* [0-9]+[.][0-9]{2} ms");
        }
    }

    @Test
    void statsAsksEachPartAHundredTimes() {
        assertThat(done(typed("stats")).lines().skip(1))
                .hasSameSizeAs(parts())
                .allMatch(line -> line.contains("100 of 100"));
    }

    @Test
    void aUsersSessionsAreListedAndNothingThatOpensThem() {
        TestBrowser one = signedIn("alice");
        TestBrowser other = signedIn("alice");
        signedIn("bob");
        String out = done(typed("sessions", "alice"));
        assertThat(out.lines().skip(1).map(line -> line.split(" ")[0])).containsExactlyElementsOf(devices("alice"));
        assertThat(out).contains("The label of Firefox");
        for (TestBrowser browser : List.of(one, other)) {
            String line = browser.cookieLine();
            assertThat(line).isNotNull().contains("=");
            assertThat(out).doesNotContain(line.substring(line.indexOf('=') + 1));
        }
        assertThat(isIn(one)).isTrue();
    }

    @Test
    void whoIsUnknownHasNoSessions() {
        signedIn("alice");
        assertThat(done(typed("sessions", "bob"))).startsWith("There is no session of this user");
        environment.put("COATCHECK_APPLICATION", "another");
        assertThat(done(typed("sessions", "alice"))).startsWith("There is no session of this user");
        environment.put("COATCHECK_APPLICATION", "shop");
        environment.put("COATCHECK_KEYS", KeyRing.generate());
        assertThat(done(typed("sessions", "alice"))).startsWith("There is no session of this user");
    }

    @Test
    void oneDeviceIsSignedOut() {
        TestBrowser lost = signedIn("alice");
        String device = devices("alice").get(0);
        TestBrowser kept = signedIn("alice");
        assertThat(done(typed("sign-out", "alice", device))).isEqualTo("1 session ended.\n");
        assertThat(isIn(lost)).isFalse();
        assertThat(isIn(kept)).isTrue();
        assertThat(typed("sign-out", "bob", devices("alice").get(0)).out())
                .isEqualTo("No session was there to be ended.\n");
        assertThat(isIn(kept)).isTrue();
    }

    @Test
    void allDevicesAreSignedOut() {
        List<TestBrowser> devices = List.of(signedIn("alice"), signedIn("alice"));
        TestBrowser bob = signedIn("bob");
        assertThat(typed("sign-out", "alice").out()).isEqualTo("2 sessions ended.\n");
        assertThat(devices).noneMatch(StoreCases::isIn);
        assertThat(isIn(bob)).isTrue();
    }

    @Test
    void aStoreThatIsAwayIsOneLine() {
        kill();
        for (List<String> words : List.of(
                List.of("ping"), List.of("stats"), List.of("sessions", "alice"), List.of("sign-out", "alice"))) {
            Typed typed = typed(words.toArray(String[]::new));
            assertThat(typed.exitCode()).as("%s", words).isEqualTo(Coatcheck.FAILED);
            assertThat(typed.err().lines())
                    .singleElement()
                    .asString()
                    .startsWith("coatcheck: ")
                    .doesNotContain("dev.coatcheck");
            assertThat(typed.out() + typed.err()).doesNotContain("canary-password", RING.substring(2));
        }
    }
}
