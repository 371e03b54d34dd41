package dev.coatcheck.demo.appengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.appengine.api.datastore.DatastoreServiceFactory;
import com.google.appengine.api.datastore.Entity;
import com.google.appengine.api.datastore.FetchOptions;
import com.google.appengine.api.datastore.Query;
import com.google.appengine.api.memcache.MemcacheServiceFactory;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The war over HTTP, with its sessions in Memcache and Datastore. */
class WarTest {
    private static final Pattern TOKEN = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");
    private static final int ROUNDS = 50;
    private static final int WRITERS = 4;

    private static WarServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new WarServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
    }

    private static WebReply post(WebClient client, String path, String... fields) throws IOException {
        Matcher token = TOKEN.matcher(client.get("/").body());
        assertThat(token.find()).as("a token in the page").isTrue();
        return send(client, path, token.group(1), fields);
    }

    private static WebReply send(WebClient client, String path, String token, String... fields) throws IOException {
        StringBuilder query = new StringBuilder("?csrf=").append(encoded(token));
        for (int i = 0; i < fields.length; i += 2) {
            query.append('&').append(fields[i]).append('=').append(encoded(fields[i + 1]));
        }
        return client.send("POST", path + query);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static WebClient signedIn() throws IOException {
        WebClient client = new WebClient(server.port());
        assertThat(post(client, "/sign-in", "user", "ann").status()).isEqualTo(302);
        return client;
    }

    @Test
    void theRuntimesOwnSessionsAreOff() {
        assertThat(server.said("sessions-enabled")).isEqualTo("false");
        assertThat(server.said("app-engine-apis")).isEqualTo("true");
    }

    @Test
    void whoSignsInKeepsNotesUntilTheySignOut() throws Exception {
        try (WebClient client = signedIn()) {
            assertThat(client.get("/").body()).contains("Signed in as <strong>ann</strong>");
            assertThat(post(client, "/notes", "name", "milk", "text", "two <pints>")
                            .status())
                    .isEqualTo(302);
            assertThat(client.get("/").body()).contains("<dt>milk</dt><dd>two &lt;pints&gt;</dd>");
            try (WebClient thief = client.copy(server.port())) {
                assertThat(post(client, "/sign-out").status()).isEqualTo(302);
                assertThat(client.get("/").body()).contains("Your name").doesNotContain("milk");
                assertThat(thief.get("/").body()).as("the old cookie").contains("Your name");
            }
        }
    }

    @Test
    void theCookieIsTheFiltersAndOnlyThat() throws Exception {
        try (WebClient client = new WebClient(server.port())) {
            List<String> cookies = post(client, "/sign-in", "user", "ann").cookies();
            assertThat(cookies)
                    .singleElement()
                    .asString()
                    .startsWith("__Host-")
                    .contains("HttpOnly", "Secure", "SameSite");
        }
    }

    @Test
    void memcacheMayBeFlushedAndNothingIsLost() throws Exception {
        try (WebClient client = signedIn()) {
            post(client, "/notes", "name", "milk", "text", "kept");
            server.asRequest(() -> {
                MemcacheServiceFactory.getMemcacheService().clearAll();
                return null;
            });
            assertThat(client.get("/").body()).contains("<dt>milk</dt><dd>kept</dd>");
        }
    }

    @Test
    void fourWritersAtOnceKeepFourNotesInEachOfFiftyRounds() throws Exception {
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try (WebClient client = signedIn()) {
            Matcher token = TOKEN.matcher(client.get("/").body());
            assertThat(token.find()).isTrue();
            for (int round = 0; round < ROUNDS; round++) {
                CyclicBarrier start = new CyclicBarrier(WRITERS);
                List<Future<Integer>> statuses = new ArrayList<>();
                for (int writer = 0; writer < WRITERS; writer++) {
                    String name = "r" + round + "-w" + writer;
                    statuses.add(writers.submit((Callable<Integer>) () -> {
                        try (WebClient own = client.copy(server.port())) {
                            start.await();
                            return send(own, "/notes", token.group(1), "name", name, "text", name)
                                    .status();
                        }
                    }));
                }
                for (Future<Integer> status : statuses) {
                    assertThat(status.get()).isEqualTo(302);
                }
                String page = client.get("/").body();
                for (int writer = 0; writer < WRITERS; writer++) {
                    assertThat(page).contains("<dt>r" + round + "-w" + writer + "</dt>");
                }
            }
        } finally {
            writers.shutdownNow();
        }
    }

    @Test
    void aFormOfAnotherSessionAndOneOfNobodyAreRefused() throws Exception {
        try (WebClient client = signedIn();
                WebClient stranger = new WebClient(server.port())) {
            Matcher token = TOKEN.matcher(stranger.get("/").body());
            assertThat(token.find()).isTrue();
            assertThat(send(client, "/notes", token.group(1), "name", "a", "text", "b")
                            .status())
                    .isEqualTo(403);
            assertThat(post(stranger, "/notes", "name", "a", "text", "b").status())
                    .isEqualTo(403);
            assertThat(post(client, "/notes", "name", "<a>", "text", "b").status())
                    .isEqualTo(400);
            assertThat(post(client, "/sign-in", "user", "").status()).isEqualTo(400);
            assertThat(client.get("/nowhere").status()).isEqualTo(404);
        }
    }

    @Test
    void cronAloneEndsWhatHasExpired() throws Exception {
        try (WebClient client = signedIn()) {
            List<Entity> living = entities();
            Entity expired = new Entity("CoatcheckSession", "cc:" + "A".repeat(32));
            expired.setPropertiesFrom(living.get(0));
            expired.setIndexedProperty("expiresAt", Date.from(Instant.now().minusSeconds(60)));
            server.asRequest(() -> DatastoreServiceFactory.getDatastoreService().put(expired));
            assertThat(client.get("/tasks/sweep").status()).isEqualTo(403);
            assertThat(entities()).contains(expired);
            WebReply swept = client.get("/tasks/sweep", "X-Appengine-Cron: true");
            assertThat(swept.status()).isEqualTo(200);
            assertThat(swept.body()).isEqualTo("1 sessions had expired\n");
            assertThat(entities()).doesNotContain(expired).containsAll(living);
            assertThat(client.get("/").body()).contains("Signed in");
        }
    }

    private static List<Entity> entities() throws Exception {
        return server.asRequest(() -> DatastoreServiceFactory.getDatastoreService()
                .prepare(new Query("CoatcheckSession"))
                .asList(FetchOptions.Builder.withDefaults()));
    }
}
