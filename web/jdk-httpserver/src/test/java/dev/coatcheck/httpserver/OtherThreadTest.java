package dev.coatcheck.httpserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.coatcheck.Session;
import dev.coatcheck.SessionLimitException;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Handlers that return, and leave the answer to another thread: the test's own. */
class OtherThreadTest extends ServerFixture {
    private final BlockingQueue<HttpExchange> left = new LinkedBlockingQueue<>();

    /** The handler has returned, or is about to: it does nothing after this. */
    private final HttpHandler leave = left::add;

    private WebClient client() throws Exception {
        WebClient client = client(Map.of("/in", IN, "/read", READ, "/leave", leave));
        client.get("/in");
        return client;
    }

    private HttpExchange left() throws InterruptedException {
        HttpExchange exchange = left.poll(30, TimeUnit.SECONDS);
        assertThat(exchange).isNotNull();
        return exchange;
    }

    private static CompletableFuture<WebReply> get(WebClient client, String path) {
        CompletableFuture<WebReply> reply = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        reply.complete(client.get(path));
                    } catch (IOException e) {
                        reply.completeExceptionally(e);
                    }
                })
                .start();
        return reply;
    }

    @Test
    void theSessionIsSavedAheadOfAnAnswerOnAnotherThread() throws Exception {
        WebClient client = opened(new WebClient(client().port()));
        CompletableFuture<WebReply> reply = get(client, "/leave");
        HttpExchange exchange = left();

        Sessions.current(exchange).set(NAME, "Bea");
        answer(exchange, "left");

        assertThat(reply.get(30, TimeUnit.SECONDS).cookies()).hasSize(1);
        assertThat(client.get("/read").body()).isEqualTo("name Bea");
    }

    @Test
    void theSessionLastsUntilTheAnswerIsOverAndWhatChangesMeanwhileIsSaved() throws Exception {
        WebClient client = client();
        CompletableFuture<WebReply> reply = get(client, "/leave");
        HttpExchange exchange = left();
        Session session = Sessions.current(exchange);

        exchange.sendResponseHeaders(200, 0);
        OutputStream body = exchange.getResponseBody();
        body.write('x');
        body.flush();
        session.set(NAME, "Bea");
        body.close();
        // The handler may return a little later than this.
        Awaitility.await()
                .untilAsserted(
                        () -> assertThatThrownBy(() -> session.get(NAME)).isInstanceOf(IllegalStateException.class));

        assertThat(reply.get(30, TimeUnit.SECONDS).body()).isEqualTo("x");
        Awaitility.await()
                .untilAsserted(() -> assertThat(client.get("/read").body()).isEqualTo("name Bea"));
    }

    @Test
    void aStoreThatIsAwayIsAnsweredForTheThreadThatCannot() throws Exception {
        WebClient client = client();
        CompletableFuture<WebReply> reply = get(client, "/leave");
        HttpExchange exchange = left();
        Sessions.current(exchange).set(NAME, "Bea");
        faults.next(StoreVerb.REPLACE, Fault.FAIL);

        assertThatThrownBy(() -> answer(exchange, "left")).isInstanceOf(SessionUnavailableException.class);

        assertThat(reply.get(30, TimeUnit.SECONDS).status()).isEqualTo(503);
        exchange.close();
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void aSignInTooManyIsAnsweredForTheThreadThatCannot() throws Exception {
        SessionManager manager = opened(SessionManager.builder()
                .store(store)
                .maxSessionsPerUser(1, WhenFull.REFUSE)
                .build());
        HttpHandler login = exchange -> {
            Sessions.current(exchange).login("alice");
            answer(exchange, "in");
        };
        WebClient client =
                client(JdkServer.plain().started(new SessionFilter(manager), Map.of("/login", login, "/leave", leave)));
        client.get("/login");
        WebClient second = opened(new WebClient(client.port()));
        CompletableFuture<WebReply> reply = get(second, "/leave");
        HttpExchange exchange = left();
        Sessions.current(exchange).login("alice");

        assertThatThrownBy(() -> answer(exchange, "left")).isInstanceOf(SessionLimitException.class);

        assertThat(reply.get(30, TimeUnit.SECONDS).status()).isEqualTo(409);
        exchange.close();
        assertThat(manager.devices("alice")).hasSize(1);
    }

    @Test
    void aHandlerThatWaitsForSuchAThreadAddsNothingToItsAnswer() throws Exception {
        HttpHandler waits = exchange -> {
            Sessions.current(exchange).set(NAME, "Bea");
            faults.next(StoreVerb.CREATE, Fault.FAIL);
            CompletableFuture<Void> answered = new CompletableFuture<>();
            new Thread(() -> {
                        try {
                            answer(exchange, "answered");
                            answered.complete(null);
                        } catch (IOException | RuntimeException e) {
                            answered.completeExceptionally(e);
                        }
                    })
                    .start();
            answered.join();
        };
        CompletableFuture<Boolean> quiet = new CompletableFuture<>();
        Filter ahead = Filter.afterHandler("the test's own", exchange -> quiet.complete(true));
        JdkServer server = JdkServer.plain();
        server.server().createContext("/wait", waits).getFilters().addAll(List.of(ahead, filter()));

        WebReply reply = client(server.started()).get("/wait");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.headers("Connection")).isEmpty();
        assertThat(reply.cookies()).isEmpty();
        assertThat(quiet.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatWasChangedIsSavedThoughTheExchangeIsClosedWithoutAnAnswer() throws Exception {
        WebClient client = client();
        WebClient other = opened(client.copy(client.port()));
        CompletableFuture<WebReply> reply = get(client, "/leave");
        HttpExchange exchange = left();
        Sessions.current(exchange).set(NAME, "Bea");

        exchange.close();

        assertThat(reply).failsWithin(20, TimeUnit.SECONDS);
        Awaitility.await()
                .untilAsserted(() -> assertThat(other.get("/read").body()).isEqualTo("name Bea"));
    }

    @Test
    void ofAnExchangeThatNobodyAnswersNorClosesNothingIsSavedAndItsClientWaits() throws Exception {
        CompletableFuture<Boolean> returned = new CompletableFuture<>();
        Filter ahead = Filter.afterHandler("the test's own", exchange -> returned.complete(true));
        HttpHandler forgets = exchange -> Sessions.current(exchange).set(NAME, "Ann");
        JdkServer server = JdkServer.plain();
        server.server().createContext("/forget", forgets).getFilters().addAll(List.of(ahead, filter()));
        CompletableFuture<WebReply> reply = get(client(server.started()), "/forget");

        assertThat(returned.get(30, TimeUnit.SECONDS)).isTrue();

        assertThat(store.counts().create()).isZero();
        assertThat(reply).isNotDone();
    }
}
