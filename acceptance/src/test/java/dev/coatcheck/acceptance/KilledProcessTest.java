package dev.coatcheck.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.TestBrowser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An application's process that is killed (SIGKILL) while it stores: another node has each commit whole, or not at all. */
class KilledProcessTest extends TieredNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final SessionKey<Integer> SAME = SessionKey.of("same", Integer.class);
    private static final int BROWSERS = 4;
    private static final int ANSWERS = 600;

    private final String keys = KeyRing.generate();

    /** What a browser was told last, before its server died. */
    private static final class Told {
        private int x;
        private String cookie;

        Told(String cookie) {
            this.cookie = cookie;
        }
    }

    @Override
    SessionManager.Builder node() {
        return super.node().keyRing(KeyRing.parse(keys));
    }

    @Test
    void whatWasAnsweredIsThereAndNothingByHalves() throws Exception {
        List<Told> told = storeUntilKilled("tiered:");
        for (Told last : told) {
            int x = wholeValue(last);
            memcached.server.flush();
            assertThat(wholeValue(last)).as("from the database").isEqualTo(x);
            goesOn(last, x);
        }
    }

    @Test
    void whatWaitedForTheDatabaseIsInTheCacheAndGoesThereWithTheNextChange() throws Exception {
        List<Told> told = storeUntilKilled("tiered:writeBehind=60s,");
        for (Told last : told) {
            goesOn(last, wholeValue(last));
        }
        memcached.server.flush();
        for (Told last : told) {
            assertThat(browser(last).<Integer>request(session -> session.get(X)))
                    .isGreaterThan(last.x);
        }
    }

    private TestBrowser browser(Told last) {
        TestBrowser browser = new TestBrowser(two, clock);
        browser.setCookie(COOKIE + "=" + last.cookie + "; Path=/; Secure");
        return browser;
    }

    /** The user tries again at the other node. */
    private int wholeValue(Told last) {
        return browser(last).request(session -> {
            assertThat(session.userId()).isEqualTo("alice");
            int x = session.find(X).orElseThrow();
            assertThat(x).isBetween(last.x, last.x + 1);
            assertThat(session.get(SAME)).isEqualTo(x);
            return x;
        });
    }

    private void goesOn(Told last, int x) {
        TestBrowser browser = browser(last);
        browser.visit(session -> session.update(X, 0, n -> n + 1));
        assertThat(browser.<Integer>request(session -> session.get(X))).isEqualTo(x + 1);
        assertThat(browser.through(one).<Integer>request(session -> session.get(X)))
                .isEqualTo(x + 1);
    }

    private List<Told> storeUntilKilled(String scheme) throws IOException, InterruptedException {
        List<Told> told = new ArrayList<>();
        for (int i = 0; i < BROWSERS; i++) {
            TestBrowser browser = browser();
            browser.visit(session -> {
                session.login("alice");
                session.set(X, 0);
                session.set(SAME, 0);
            });
            told.add(new Told(browser.cookie(COOKIE)));
        }
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (PrintStream to = new PrintStream(victim.getOutputStream(), true, US_ASCII);
                BufferedReader from = new BufferedReader(new InputStreamReader(victim.getInputStream(), US_ASCII))) {
            to.println(scheme + "memcached://mc1=" + memcached.server.address() + "?timeout=5s+"
                    + database.url("coatcheck.timeout=5s"));
            to.println(keys);
            told.forEach(last -> to.println(last.cookie));
            int answers = 0;
            for (String line = from.readLine(); line != null && line.endsWith("."); line = from.readLine()) {
                String[] answer = line.split(" ");
                Told last = told.get(Integer.parseInt(answer[0]));
                last.x = Integer.parseInt(answer[1]);
                last.cookie = answer[2];
                if (++answers == ANSWERS) {
                    // Unlike the process's own method this leaves what it has said to be read.
                    victim.toHandle().destroyForcibly();
                }
            }
            assertThat(answers).isGreaterThanOrEqualTo(ANSWERS);
            assertThat(victim.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(victim.exitValue()).as("SIGKILL").isEqualTo(128 + 9);
        } finally {
            victim.destroyForcibly();
        }
        return told;
    }

    /** A node that stores for several browsers at once, and says after each answer what the browser got. */
    static final class Victim {
        public static void main(String[] arguments) throws IOException {
            BufferedReader from = new BufferedReader(new InputStreamReader(System.in, US_ASCII));
            SessionManager node = SessionManager.builder()
                    .store(SessionStore.open(from.readLine()))
                    .keyRing(KeyRing.parse(from.readLine()))
                    .build();
            PrintStream to = System.out;
            for (int i = 0; i < BROWSERS; i++) {
                int number = i;
                TestBrowser browser = new TestBrowser(node);
                browser.setCookie(COOKIE + "=" + from.readLine() + "; Path=/; Secure");
                new Thread(() -> {
                            for (int x = 1; ; x++) {
                                int next = x;
                                browser.visit(session -> store(session, number, next));
                                to.println(number + " " + x + " " + browser.cookie(COOKIE) + " .");
                            }
                        })
                        .start();
            }
        }

        /** Every other browser gets a new id with each change. */
        private static void store(Session session, int number, int x) {
            session.set(X, x);
            session.set(SAME, x);
            if (number % 2 == 1) {
                session.rotate();
            }
        }
    }
}
