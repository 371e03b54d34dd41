package dev.coatcheck.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionManager;
import dev.coatcheck.httpserver.SessionFilter;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.FaultyStore;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs for the JDK's server that the documents show, asked by curl. */
class RecipeTest {
    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private final FaultyStore store =
            new FaultyStore(new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock));
    private final SessionManager sessions = SessionManager.builder()
            .store(store)
            .clock(clock)
            .idleTimeout(Duration.ofMinutes(20))
            .build();
    private HttpServer server;
    private Curl curl;

    @BeforeEach
    void serve() throws IOException {
        server = Recipe.serve(sessions, 0);
        curl = new Curl(folder.resolve("jar"), server.getAddress().getPort());
    }

    @AfterEach
    void close() {
        server.stop(0);
        sessions.close();
        store.close();
    }

    @Test
    void aSessionIsADictionary() throws Exception {
        assertThat(curl.get("/")).isEqualTo("[]");
        assertThat(curl.put("/coat", "blue")).isEqualTo("blue");
        assertThat(curl.put("/hat", "green")).isEqualTo("green");
        assertThat(curl.get("/coat")).isEqualTo("blue");
        assertThat(curl.get("/")).isEqualTo("[coat, hat]");
        assertThat(curl.delete("/hat")).isEqualTo("nothing");
        assertThat(curl.get("/")).isEqualTo("[coat]");
        assertThat(curl.get("/scarf")).isEqualTo("nothing");
    }

    @Test
    void itLives1200SecondsFromTheLastAccess() throws Exception {
        curl.put("/coat", "blue");
        for (int i = 0; i < 5; i++) {
            clock.advance(Duration.ofSeconds(1199));
            assertThat(curl.get("/coat")).isEqualTo("blue");
        }

        clock.advance(Duration.ofSeconds(1201));

        assertThat(curl.get("/coat")).isEqualTo("nothing");
        assertThat(curl.get("/")).isEqualTo("[]");
    }

    @Test
    void itIsDestroyedForGood() throws Exception {
        curl.put("/coat", "blue");
        Curl old = curl.copy(folder.resolve("old"));
        assertThat(old.get("/coat")).isEqualTo("blue");

        assertThat(curl.delete("/")).isEqualTo("[]");

        assertThat(old.get("/coat")).isEqualTo("nothing");
        assertThat(old.put("/hat", "green")).isEqualTo("green");
        assertThat(curl.get("/")).isEqualTo("[]");
        assertThat(old.get("/")).isEqualTo("[hat]");
    }

    @Test
    void aSlowerRequestDoesNotBringItBack() throws Exception {
        curl.put("/coat", "blue");
        Curl old = curl.copy(folder.resolve("old"));
        Curl slow = curl.copy(folder.resolve("slow"));
        store.next(StoreVerb.REPLACE, Fault.STALL);
        Curl.Request underWay = slow.beginPut("/hat", "green");
        store.awaitStalled(1);

        curl.delete("/");
        store.release();

        assertThat(underWay.body()).isEqualTo("green");
        assertThat(old.get("/")).isEqualTo("[]");
        assertThat(slow.get("/")).isEqualTo("[]");
        assertThat(store.keys()).isEmpty();
    }

    @Test
    void twoRequestsAtOnceBothKeepTheirItem() throws Exception {
        curl.put("/coat", "blue");
        Curl slow = curl.copy(folder.resolve("slow"));
        store.next(StoreVerb.REPLACE, Fault.STALL);
        Curl.Request underWay = slow.beginPut("/hat", "green");
        store.awaitStalled(1);

        assertThat(curl.put("/scarf", "red")).isEqualTo("red");
        store.release();

        assertThat(underWay.body()).isEqualTo("green");
        assertThat(curl.get("/")).isEqualTo("[coat, hat, scarf]");
        assertThat(curl.get("/hat")).isEqualTo("green");
        assertThat(curl.get("/scarf")).isEqualTo("red");
    }

    /** What the recipe's own cookie lacked. */
    @Test
    void theCookieIsReadByBrowsersAndByNoScript() throws Exception {
        Path header = folder.resolve("header");
        curl.begin("/coat", "--request", "PUT", "--data", "blue", "--dump-header", header.toString())
                .body();

        assertThat(Files.readAllLines(header))
                .filteredOn(line -> line.startsWith("Set-cookie:"))
                .singleElement()
                .asString()
                .matches("Set-cookie: SID=[\\w-]+; Path=/; HttpOnly; SameSite=Lax");
    }

    @Test
    void visitsAreCountedOnEitherThread() throws Exception {
        SessionFilter filter = new SessionFilter(sessions);
        HttpServer visits = Visits.serve(filter, 0);
        visits.createContext("/later", LaterVisits::later).getFilters().add(filter);
        try {
            Curl visitor =
                    new Curl(folder.resolve("visitor"), visits.getAddress().getPort());

            assertThat(visitor.get("/")).isEqualTo("Visit number 1");
            assertThat(visitor.get("/later")).isEqualTo("Visit number 2");
            assertThat(visitor.get("/")).isEqualTo("Visit number 3");
        } finally {
            visits.stop(0);
        }
    }
}
