package dev.coatcheck.httpserver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.coatcheck.Session;
import dev.coatcheck.SessionException;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The filter among others, and what it answers in a handler's place. */
class FilterTest extends ServerFixture {
    private static final HttpHandler FAIL = exchange -> {
        throw new IllegalStateException("the test's own failure");
    };

    private WebClient client(HttpHandler handler, Filter... filters) throws IOException {
        JdkServer server = JdkServer.plain();
        server.server().createContext("/in", handler).getFilters().addAll(List.of(filters));
        return client(server.started());
    }

    @FunctionalInterface
    interface Step {
        void take(HttpExchange exchange, Filter.Chain chain) throws IOException;
    }

    private static Filter filter(Step step) {
        return new Filter() {
            @Override
            public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
                step.take(exchange, chain);
            }

            @Override
            public String description() {
                return "the test's own";
            }
        };
    }

    // Where it stands

    @Test
    void twiceInOneChainItGivesOneSessionAndOneCookie() throws Exception {
        SessionFilter filter = filter();

        WebReply reply = client(IN, filter, filter).get("/in");

        assertThat(reply.body()).isEqualTo("in");
        assertThat(reply.cookies()).hasSize(1);
        assertThat(store.counts().create()).isEqualTo(1);
    }

    @Test
    void twoManagersInOneChainAreRefused() throws Exception {
        WebReply reply = client(IN, filter(), filter()).get("/in");

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.cookies()).isEmpty();
    }

    @Test
    void withoutItThereIsNoSessionAndTheMessageNamesTheContext() throws Exception {
        List<String> said = new ArrayList<>();
        JdkServer server = JdkServer.plain();
        server.server().createContext("/with", IN).getFilters().add(filter());
        server.server().createContext("/without", exchange -> {
            try {
                Sessions.current(exchange);
            } catch (IllegalStateException none) {
                said.add(none.getMessage());
            }
            answer(exchange, "none");
        });
        WebClient client = client(server.started());
        client.get("/with");

        assertThat(client.get("/without").body()).isEqualTo("none");
        assertThat(said).singleElement().asString().contains("SessionFilter", "/without");
    }

    /** The server's own attributes belong to the context: what is kept there for one request is seen by the next. */
    @Test
    void nothingOfARequestStaysInTheContext() throws Exception {
        HttpContext[] context = new HttpContext[1];
        JdkServer server = JdkServer.plain();
        context[0] = server.server().createContext("/in", exchange -> {
            exchange.setAttribute("of the application", "kept");
            IN.handle(exchange);
        });
        context[0].getFilters().add(filter());

        client(server.started()).get("/in");

        assertThat(context[0].getAttributes()).containsOnlyKeys("of the application");
    }

    @Test
    void aFilterBehindItMayWrapTheExchangeAgain() throws Exception {
        Filter wraps = filter((exchange, chain) -> chain.doFilter(new WrappedExchange(exchange)));

        WebClient client = client(IN, filter(), wraps);

        assertThat(client.get("/in").cookies()).hasSize(1);
    }

    @Test
    void aFilterBehindItMayReplaceTheStreamsOfWhichARefusalKnowsNothing() throws Exception {
        Filter upper = filter((exchange, chain) -> {
            exchange.setStreams(null, new UpperCase(exchange.getResponseBody()));
            chain.doFilter(exchange);
        });
        WebClient client = client(IN, filter(), upper);
        WebClient other = opened(client.copy(client.port()));

        WebReply reply = client.get("/in");
        faults.next(StoreVerb.CREATE, Fault.FAIL);
        WebReply away = other.get("/in");

        assertThat(reply.body()).isEqualTo("IN");
        assertThat(reply.cookies()).hasSize(1);
        assertThat(away.status()).isEqualTo(503);
        assertThat(away.body()).isEqualTo("The service is not available at the moment. Please try again.\n");
    }

    private static final class UpperCase extends FilterOutputStream {
        UpperCase(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(Character.toUpperCase(b));
        }
    }

    @Test
    void theServersAuthenticatorRunsAheadOfAHandlerThatItIsPutAround() throws Exception {
        BasicAuthenticator passwords = new BasicAuthenticator("here") {
            @Override
            public boolean checkCredentials(String user, String password) {
                return user.equals("ann") && password.equals("pass");
            }
        };
        HttpHandler who = exchange -> {
            Sessions.current(exchange).set(NAME, exchange.getPrincipal().getUsername());
            answer(exchange, exchange.getPrincipal().getUsername());
        };
        JdkServer server = JdkServer.plain();
        server.server().createContext("/around", filter().around(who)).setAuthenticator(passwords);
        HttpContext behind = server.server().createContext("/behind", who);
        behind.setAuthenticator(passwords);
        behind.getFilters().add(filter());
        WebClient client = client(server.started());
        String right = "Authorization: Basic " + Base64.getEncoder().encodeToString("ann:pass".getBytes(US_ASCII));

        assertThat(client.get("/around").status()).isEqualTo(401);
        List<ILoggingEvent> log = log();
        assertThat(client.get("/behind", right).status()).isEqualTo(500);
        assertThat(log).singleElement().asString().contains("/behind has an Authenticator", "around(handler)");
        WebReply reply = client.get("/around", right);

        assertThat(reply.body()).isEqualTo("ann");
        assertThat(reply.cookies()).hasSize(1);
    }

    @Test
    void withoutAnExecutorRequestsAreServedOneAfterTheOther() throws Exception {
        JdkServer server = JdkServer.plain();
        server.server().setExecutor(null);
        WebClient client = client(server.started(filter(), Map.of("/in", IN, "/read", READ)));
        client.get("/in");

        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    // The header

    @Test
    void theCookieIsThereWhateverTheHandlerDidToTheHeader() throws Exception {
        WebClient client = client(
                exchange -> {
                    Session session = Sessions.current(exchange);
                    session.set(NAME, "Ann");
                    session.commit();
                    exchange.getResponseHeaders().clear();
                    exchange.getResponseHeaders().set("Set-Cookie", "own=1");
                    answer(exchange, "in");
                },
                filter());

        assertThat(client.get("/in").cookies()).hasSize(2).contains("own=1").anyMatch(line -> line.startsWith("SID="));
    }

    @Test
    void whatTheHandlerSaidAlreadyIsNotSaidTwice() throws Exception {
        WebClient client = client(
                exchange -> {
                    exchange.getResponseHeaders().set("Vary", "Cookie");
                    IN.handle(exchange);
                },
                filter());

        assertThat(client.get("/in").headers("Vary")).containsExactly("Cookie");
    }

    @Test
    void aHeaderThatFailsAndIsSentAgainHasTheLastIdAlone() throws Exception {
        Filter failsOnce = filter((exchange, chain) -> chain.doFilter(new WrappedExchange(exchange) {
            private boolean failed;

            @Override
            public void sendResponseHeaders(int status, long length) throws IOException {
                if (!failed) {
                    failed = true;
                    throw new IOException("the test's own failure");
                }
                super.sendResponseHeaders(status, length);
            }
        }));
        HttpHandler triesAgain = exchange -> {
            Sessions.current(exchange).set(NAME, "Ann");
            try {
                answer(exchange, "first");
            } catch (IOException e) {
                Sessions.current(exchange).changeId();
                answer(exchange, "second");
            }
        };

        WebReply reply = client(triesAgain, failsOnce, filter()).get("/in");

        assertThat(reply.body()).isEqualTo("second");
        assertThat(reply.cookies()).hasSize(1);
    }

    @Test
    void whatFiltersAheadPutIntoTheHeaderStaysInARefusal() throws Exception {
        Filter ahead = filter((exchange, chain) -> {
            exchange.getResponseHeaders().set("Strict-Transport-Security", "max-age=1");
            chain.doFilter(exchange);
        });
        HttpHandler handler = exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "image/png");
            exchange.getResponseHeaders().set("Set-Cookie", "own=1");
            exchange.getResponseHeaders().set("Strict-Transport-Security", "max-age=2");
            IN.handle(exchange);
        };
        faults.next(StoreVerb.CREATE, Fault.FAIL);

        WebReply away = client(handler, ahead, filter()).get("/in");

        assertThat(away.status()).isEqualTo(503);
        assertThat(away.headers("Strict-Transport-Security")).containsExactly("max-age=1");
        assertThat(away.headers("Content-Type")).containsExactly("text/plain;charset=US-ASCII");
        assertThat(away.headers("Content-Encoding")).isEmpty();
        assertThat(away.cookies()).isEmpty();
    }

    // A handler that fails

    @Test
    void aHandlerThatClosesTheExchangeOnItsWayOutIsStillAnsweredFor() throws Exception {
        WebClient client = client(
                exchange -> {
                    try {
                        IN.handle(exchange);
                    } finally {
                        exchange.close();
                    }
                },
                filter());
        faults.next(StoreVerb.CREATE, Fault.FAIL);

        assertThat(client.get("/in").status()).isEqualTo(503);
        assertThat(client.get("/in").body()).isEqualTo("in");
    }

    @Test
    void whatTheStoreCouldNotDoIsFoundInTheCauseOfAnException() throws Exception {
        SessionManager manager = opened(SessionManager.builder()
                .store(store)
                .maxSessionsPerUser(1, WhenFull.REFUSE)
                .build());
        HttpHandler wraps = exchange -> {
            try {
                Sessions.current(exchange).login("alice");
                answer(exchange, "in");
            } catch (SessionException e) {
                throw new IllegalStateException("the template failed", new IOException(e));
            }
        };
        WebClient client = client(wraps, new SessionFilter(manager));
        WebClient other = opened(client.copy(client.port()));
        faults.next(StoreVerb.CREATE, Fault.FAIL);

        assertThat(client.get("/in").status()).isEqualTo(503);
        assertThat(client.get("/in").status()).isEqualTo(200);
        assertThat(other.get("/in").status()).as("one session too many").isEqualTo(409);
    }

    @Test
    void aHandlerThatAnswersEveryFailureItselfIsLeftAlone() throws Exception {
        WebClient client = client(
                exchange -> {
                    try {
                        IN.handle(exchange);
                    } catch (SessionUnavailableException e) {
                        exchange.sendResponseHeaders(502, -1);
                    }
                },
                filter());
        faults.next(StoreVerb.CREATE, Fault.FAIL);

        WebReply away = client.get("/in");

        assertThat(away.status()).isEqualTo(502);
        assertThat(away.cookies()).isEmpty();
        assertThat(store.counts().create()).isEqualTo(1);
    }

    @Test
    void aFilterAheadSeesWhatTheHandlerThrew() throws Exception {
        List<Throwable> seen = new CopyOnWriteArrayList<>();
        Filter ahead = filter((exchange, chain) -> {
            try {
                chain.doFilter(exchange);
            } catch (RuntimeException | Error e) {
                seen.add(e);
            }
        });
        WebClient failing = client(FAIL, ahead, filter());
        WebClient worse = client(
                exchange -> {
                    throw new AssertionError("the test's own error");
                },
                ahead,
                filter());

        for (WebClient client : List.of(failing, worse)) {
            WebReply reply = client.get("/in");
            assertThat(reply.status()).isEqualTo(500);
            assertThat(reply.body()).isEqualTo("Something went wrong here.\n");
            assertThat(reply.headers("Connection")).containsExactly("close");
        }
        Awaitility.await()
                .untilAsserted(() -> assertThat(seen)
                        .extracting(Throwable::getMessage)
                        .containsExactly("the test's own failure", "the test's own error"));
    }

    @Test
    void aFailureThatCannotBeSavedNorAnsweredIsStillTheOneThatIsThrown() throws Exception {
        List<Throwable> seen = new CopyOnWriteArrayList<>();
        Filter ahead = filter((exchange, chain) -> {
            try {
                chain.doFilter(exchange);
            } catch (IllegalStateException e) {
                seen.add(e);
                throw e;
            }
        });
        WebClient client = client(
                exchange -> {
                    Sessions.current(exchange).set(NAME, "Ann");
                    FAIL.handle(exchange);
                },
                ahead,
                filter());
        faults.always(Fault.FAIL);

        WebReply reply = client.get("/in");

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.cookies()).isEmpty();
        Awaitility.await()
                .untilAsserted(() -> assertThat(seen)
                        .singleElement()
                        .satisfies(failure -> assertThat(failure.getSuppressed())
                                .singleElement()
                                .isInstanceOf(SessionUnavailableException.class)));
    }

    @Test
    void aHeadRequestIsRefusedWithoutABody() throws Exception {
        WebClient client = client(IN, filter());
        faults.next(StoreVerb.CREATE, Fault.FAIL);

        WebReply away = client.send("HEAD", "/in");

        assertThat(away.status()).isEqualTo(503);
        assertThat(client.get("/in").body()).isEqualTo("in");
    }

    @Test
    void aHandlerThatClosesTheExchangeWithoutAnAnswerGivesNone() throws Exception {
        WebClient client = client(HttpExchange::close, filter());

        assertThatThrownBy(() -> client.get("/in"))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void whatIsChangedBehindAnAnswerWithoutABodyIsSaved() throws Exception {
        WebClient client = client(Map.of("/in", IN, "/read", READ, "/late", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            Sessions.current(exchange).set(NAME, "Bea");
        }));
        client.get("/in");

        assertThat(client.get("/late").status()).isEqualTo(204);

        Awaitility.await()
                .untilAsserted(() -> assertThat(client.get("/read").body()).isEqualTo("name Bea"));
    }

    @Test
    void whatIsChangedBehindTheAnswerAndCannotBeSavedHarmsNobody() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        WebClient client = client(Map.of("/in", IN, "/read", READ, "/late", exchange -> {
            answer(exchange, "late");
            Sessions.current(exchange).set(NAME, "Bea");
            faults.next(StoreVerb.REPLACE, Fault.FAIL);
            sent.countDown();
        }));
        List<ILoggingEvent> log = log();
        client.get("/in");

        assertThat(client.get("/late").body()).isEqualTo("late");
        assertThat(sent.await(30, TimeUnit.SECONDS)).isTrue();

        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(log).singleElement().asString().contains("WARN", "changed", "could not be saved"));
        assertThat(store.counts().replace()).isEqualTo(1);
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    // The manager

    @Test
    void aFilterWithoutAManagerMakesOneOfTheSettingsAndClosesIt() throws Exception {
        System.setProperty("coatcheck.cookieName", "HAT");
        try {
            SessionFilter filter = opened(new SessionFilter());
            WebClient client = client(IN, filter);
            assertThat(client.get("/in").cookies()).singleElement().asString().startsWith("HAT=");
            System.setProperty("coatcheck.cookieName", "no name");
            assertThatThrownBy(SessionFilter::new)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("system property coatcheck.cookieName");
            filter.close();
            assertThat(client.get("/in").status()).as("its store is closed").isEqualTo(503);
        } finally {
            System.clearProperty("coatcheck.cookieName");
        }
    }

    @Test
    void aManagerThatWasGivenStaysOpen() throws Exception {
        SessionManager manager = manager();
        SessionFilter filter = new SessionFilter(manager);
        filter.close();

        assertThat(client(IN, filter).get("/in").cookies()).hasSize(1);
        assertThat(filter.description()).isEqualTo("Coatcheck sessions");
    }
}
