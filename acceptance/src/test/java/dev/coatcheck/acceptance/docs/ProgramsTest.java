package dev.coatcheck.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.KeyRing;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.PostgresServer;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that the pages of the stores and of the servlet adapter show, run as their readers run them. */
class ProgramsTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final String keys = KeyRing.generate();
    private WebClient browser = new WebClient(0);

    @AfterEach
    void leave() throws IOException {
        browser.close();
    }

    private WebReply visit(Program program) throws IOException {
        return visit(program, "/");
    }

    private WebReply visit(Program program, String path) throws IOException {
        if (browser.port() != program.port()) {
            browser.close();
            browser = browser.copy(program.port());
        }
        return browser.get(path);
    }

    private void isServed(Program program, String text) throws IOException {
        WebReply reply = visit(program);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.body()).contains(text);
    }

    @Test
    void sessionsOfTheEmbeddedStoreEndWithTheProcess() throws IOException {
        try (Program program = Program.start(EmbeddedHello.class, "")) {
            isServed(program, "Visit number 1 ");
            isServed(program, "Visit number 2 ");
        }
        try (Program again = Program.start(EmbeddedHello.class, "")) {
            isServed(again, "Visit number 1 ");
        }
    }

    @Test
    void sessionsInMemcachedAreServedByAllOutliveTheProcessAndWaitForTheirNode() throws IOException {
        try (MemcachedServer memcached = MemcachedServer.start()) {
            String url = "memcached://" + memcached.address() + "?timeout=5s";
            try (Program one = Program.start(MemcachedHello.class, keys, url);
                    Program two = Program.start(MemcachedHello.class, keys, url)) {
                isServed(one, "Visit number 1 ");
                isServed(two, "Visit number 2 ");
                memcached.freeze();
                WebReply away = visit(one);
                assertThat(away.status()).isEqualTo(503);
                assertThat(away.body()).startsWith("DOWN").contains("memcached " + memcached.address());
                memcached.thaw();
                await().atMost(SOON).until(() -> visit(one).body().contains("Visit number 3 "));
            }
            try (Program afterwards = Program.start(MemcachedHello.class, keys, url)) {
                isServed(afterwards, "Visit number 4 ");
            }
        }
    }

    @Test
    void withTwoCopiesOnThreeNodesNothingIsLostWhenOneIsKilled() throws IOException {
        try (MemcachedServer first = MemcachedServer.start();
                MemcachedServer second = MemcachedServer.start();
                MemcachedServer third = MemcachedServer.start();
                Program program = Program.start(
                        MemcachedHello.class,
                        keys,
                        "memcached://" + first.address() + "," + second.address() + "," + third.address()
                                + "?copies=2&timeout=5s")) {
            isServed(program, "Visit number 1 ");
            (second.keys().isEmpty() ? first : second).kill(); // one of the two that have it
            isServed(program, "Visit number 2 ");
        }
    }

    @Test
    void sessionsInAFileOfH2OutliveTheProcess(@TempDir Path folder) throws IOException {
        outlivesTheProcess("jdbc:h2:file:" + folder.resolve("sessions") + ";coatcheck.timeout=10s");
    }

    @Test
    void sessionsInPostgresOutliveTheProcess() throws IOException {
        try (PostgresServer database = PostgresServer.start()) {
            outlivesTheProcess(database.url() + "&coatcheck.timeout=10s");
        }
    }

    private void outlivesTheProcess(String url) throws IOException {
        try (Program program = Program.start(JdbcHello.class, keys, url)) {
            isServed(program, "Visit number 1 ");
            isServed(program, "Visit number 2 ");
        }
        try (Program again = Program.start(JdbcHello.class, keys, url)) {
            isServed(again, "Visit number 3 ");
        }
    }

    @Test
    void inFrontOfADatabaseAKilledMemcachedLosesNoVisitAndNeitherDoesAChangeOfTheStore() throws IOException {
        try (MemcachedServer memcached = MemcachedServer.start();
                PostgresServer database = PostgresServer.start()) {
            String cache = "memcached://" + memcached.address() + "?timeout=5s";
            String durable = database.url() + "&coatcheck.timeout=10s";
            try (Program before = Program.start(JdbcHello.class, keys, durable)) {
                isServed(before, "Visit number 1 ");
            }
            try (Program program = Program.start(TieredHello.class, keys, cache, durable)) {
                isServed(program, "Hello, visit number 2");
                isServed(program, "Welcome back, visit number 3");
                memcached.kill();
                isServed(program, "Hello, visit number 4");
            }
            try (Program afterwards = Program.start(JdbcHello.class, keys, durable)) {
                isServed(afterwards, "Visit number 5 ");
            }
        }
    }

    @Test
    void aServletThatKnowsNothingOfCoatcheckHasItsSessionsAndItsListener() throws IOException {
        try (Program program = Program.start(ServletHello.class, "")) {
            isServed(program, "Visit number 1");
            assertThat(visit(program, "/bye").body()).contains("Visit number 2");
            await().atMost(SOON).until(() -> program.said().contains("Gone after 2 visits"));
            isServed(program, "Visit number 1");
        }
    }
}
