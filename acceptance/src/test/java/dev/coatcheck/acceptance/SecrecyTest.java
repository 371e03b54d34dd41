package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.FaultyStore;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.TestBrowser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Tickets, users, names and values are in no log line, exception or text of ours. */
class SecrecyTest extends EmbeddedNodes {
    private static final String USER = "canary-user-1c2d";
    private static final String VALUE = "canary-value-1c2d";
    private static final SessionKey<String> KEY = SessionKey.of("note", String.class);

    private final List<String> texts = new ArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger("dev.coatcheck");
    private final Level level = root.getLevel();

    @BeforeEach
    void listen() {
        root.setLevel(Level.TRACE);
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        root.detachAppender(log);
        root.setLevel(level);
    }

    private void visit(TestBrowser browser, Consumer<Session> handler) {
        try {
            browser.visit(session -> {
                texts.add(session.toString());
                handler.accept(session);
                texts.add(session.toString());
            });
        } catch (RuntimeException e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace, true));
            texts.add(trace.toString());
        }
    }

    @Test
    void nothingSecretIsSaidWhateverGoesWrong() {
        TestBrowser browser = browser();
        visit(browser, session -> {
            session.login(USER);
            session.set(KEY, VALUE);
            session.flash(VALUE);
        });
        String ticket = browser.cookie(COOKIE);
        visit(browser, session -> session.get(SessionKey.of("note", Integer.class)));
        visit(browser, session -> session.set(KEY, VALUE.repeat(30_000)));
        visit(
                browser,
                session -> session.update(KEY, "", value -> {
                    throw new IllegalStateException("the application's own");
                }));
        visit(browser.header("Cookie", COOKIE + "=" + ticket.substring(1) + "x"), Session::userId);
        for (StoreVerb verb : StoreVerb.values()) {
            for (Fault fault : List.of(Fault.FAIL, Fault.UNKNOWN_APPLIED)) {
                boolean isWrite = verb == StoreVerb.CREATE || verb == StoreVerb.REPLACE || verb == StoreVerb.END;
                if (fault == Fault.FAIL || isWrite) {
                    faults.always(fault, verb);
                    visit(browser, session -> session.set(KEY, VALUE + "2"));
                    visit(browser, Session::rotate);
                    visit(browser.copyOfJar(), session -> texts.add("ended: " + session.logout()));
                    faults.heal();
                    visit(browser, session -> session.login(USER));
                }
            }
        }
        faults.tamper(value -> new byte[100]);
        visit(browser, Session::userId);
        faults.tamper(value -> value);
        SessionManager.Builder wrong = node().application(VALUE + "\n").cookieName(VALUE + ";");
        try {
            wrong.build();
        } catch (IllegalArgumentException e) {
            texts.add("refused"); // settings are no secrets
        }
        events.forEach(event -> texts.add(event.toString()));
        texts.add(one.stats().toString());
        texts.add(one.toString());
        texts.add(ring.toString());
        texts.add(store.toString());
        log.list.forEach(event -> texts.add(event.getFormattedMessage() + event.getThrowableProxy()));
        counting.keys().forEach(key -> texts.add(key.toString()));
        List<String> secrets = new ArrayList<>(List.of(USER, VALUE, ticket, ticket.substring(4, 40)));
        counting.keys().forEach(key -> secrets.add(key.text()));
        assertThat(texts).hasSizeGreaterThan(40);
        for (String text : texts) {
            assertThat(secrets).noneMatch(text::contains);
        }
        assertThat(log.list).isNotEmpty();
    }

    @Test
    void aFloodOfForgedCookiesIsOneLineAMinute() {
        for (int i = 0; i < 1_000; i++) {
            visit(browser().header("Cookie", COOKIE + "=forged" + i), Session::userId);
        }
        clock.advance(Duration.ofSeconds(61));
        visit(browser().header("Cookie", COOKIE + "=forged\r\n\u001b[31m"), Session::userId);
        assertThat(log.list.stream()
                        .map(ILoggingEvent::getFormattedMessage)
                        .filter(line -> line.contains("none of ours")))
                .hasSize(2)
                .noneMatch(line -> line.contains("forged") || line.contains("\n"));
        assertThat(one.stats().rejected()).isEqualTo(1_001);
        assertThat(counting.counts().total()).isZero();
    }

    @Test
    void tamperedRecordsAreOneLineAMinuteWithoutTheirContent() {
        TestBrowser browser = browser();
        visit(browser, session -> session.set(KEY, VALUE));
        faults.tamper(value -> VALUE.repeat(10).getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 100; i++) {
            visit(browser, Session::userId);
        }
        clock.advance(Duration.ofSeconds(61));
        visit(browser, Session::userId);
        assertThat(log.list.stream().filter(event -> event.getLevel() == Level.WARN))
                .extracting(ILoggingEvent::getFormattedMessage)
                .hasSize(2)
                .allMatch(line -> line.contains("not what was sealed"))
                .noneMatch(line -> line.contains(VALUE) || line.contains("\n"));
        assertThat(one.stats().corrupt()).isEqualTo(101);
    }

    @Test
    void plainHttpElsewhereIsOneLineThatNamesTheSetting() {
        for (int i = 0; i < 10; i++) {
            visit(browser().at("http://example.org/"), Session::userId);
        }
        assertThat(log.list.stream().map(ILoggingEvent::getFormattedMessage).filter(line -> line.contains("plainHttp")))
                .hasSize(1);
    }

    @Test
    void goingWithoutAKeyRingOnASharedStoreIsAWarningAtEveryStart() {
        try (FaultyStore shared = new FaultyStore(new EmbeddedSessionStore())) {
            SessionManager.builder().store(shared).withoutKeyRing().build().close();
            assertThat(log.list).noneMatch(event -> event.getLevel() == Level.WARN);
            shared.leavesProcess(true);
            for (int start = 1; start <= 2; start++) {
                SessionManager.builder().store(shared).withoutKeyRing().build().close();
                assertThat(log.list.stream().filter(event -> event.getLevel() == Level.WARN))
                        .hasSize(start)
                        .allMatch(event -> event.getFormattedMessage().contains("can sign in as anybody"));
            }
        }
    }

    @Test
    void aKeyRingsTextNeverShowsItsKeys() {
        String text = KeyRing.generate();
        assertThat(KeyRing.parse(text).toString()).doesNotContain(text.substring(2, 12));
    }
}
