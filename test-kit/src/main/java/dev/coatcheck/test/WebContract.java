package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coatcheck.Session;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every web adapter keeps to, as tests over real connections. An adapter's own test extends this and says how to start
 * a server whose pages run behind the adapter:
 *
 * <pre>{@code
 * class JettyWebTest extends WebContract {
 *     protected WebServer start(SessionManager sessions, Map<String, WebHandler> pages) {
 *         return new Jetty(new SessionFilter(sessions), pages);
 *     }
 * }
 * }</pre>
 *
 * <p>What only some frameworks have (forward, asynchronous requests, HTTPS) is for the adapter's further tests.
 */
public abstract class WebContract extends WebRefusals {
    private static final int ROUNDS = 1_000;
    private static final int SMALL_WRITES = 20_000;
    private static final String REFUSED = "refused: ";

    /** For subclasses. */
    protected WebContract() {}

    // What a page costs and sends

    @Test
    void whatIsSetInOneRequestIsReadInTheNext() throws Exception {
        WebClient client = client(serve(Map.of("/count", page -> {
            int before = page.session().find(COUNT).orElse(0);
            page.session().set(COUNT, before + 1);
            page.write("count " + before);
        })));

        for (int i = 0; i < 4; i++) {
            WebReply reply = client.get("/count");

            assertThat(reply.body()).isEqualTo("count " + i);
            assertThat(reply.cookies()).hasSize(i == 0 ? 1 : 0);
        }
    }

    @Test
    void aRequestThatDoesNotTouchItsSessionCostsNothing() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in", page -> page.session().set(NAME, "Ann"), "/plain", page -> page.write("no session here"))));
        client.get("/in");
        store.reset();

        for (String method : List.of("GET", "HEAD", "OPTIONS", "POST")) {
            WebReply reply = client.send(method, "/plain");

            assertThat(reply.status()).as(method).isEqualTo(200);
            assertThat(reply.cookies()).as(method).isEmpty();
            assertThat(reply.headers("Vary")).as(method).isEmpty();
            assertThat(reply.headers("Cache-Control")).as(method).isEmpty();
        }
        assertThat(store.counts().total()).isZero();
    }

    @Test
    void aVisitorWhoseSessionIsOnlyReadGetsNoCookie() throws Exception {
        WebClient client = client(serve(Map.of("/read", WebFixture::read)));

        WebReply reply = client.get("/read");

        assertThat(reply.body()).isEqualTo("null null");
        assertThat(reply.cookies()).isEmpty();
        assertThat(reply.headers("Vary")).containsExactly("Cookie");
        assertThat(store.counts().total()).isZero();
    }

    @Test
    void cachesAreToldOnceThatTheAnswerIsPersonal() throws Exception {
        WebClient client =
                client(serve(Map.of("/in", page -> page.session().set(NAME, "Ann"), "/read", WebFixture::read)));

        WebReply first = client.get("/in");
        WebReply second = client.get("/read");

        assertThat(first.cookies()).hasSize(1);
        assertThat(first.headers("Vary")).containsExactly("Cookie");
        assertThat(first.headers("Cache-Control")).containsExactly("no-store");
        assertThat(second.cookies()).isEmpty();
        assertThat(second.headers("Vary")).containsExactly("Cookie");
        assertThat(second.headers("Cache-Control")).isEmpty();
    }

    @Test
    void theCookieOnPlainHttpAtLocalhostIsForThisHostAlone() throws Exception {
        WebClient client = client(serve(Map.of("/in", page -> page.session().set(NAME, "Ann"))));

        String line = client.get("/in").cookies().get(0);

        assertThat(line).startsWith("SID=").contains("HttpOnly", "SameSite=Lax", "Path=/");
        assertThat(line).doesNotContain("Secure", "Domain", "Max-Age", "Expires");
    }

    @Test
    void otherCookiesOfTheApplicationAreKept() throws Exception {
        WebClient client = client(serve(Map.of("/in", page -> {
            page.header("Set-Cookie", "before=1");
            page.session().set(NAME, "Ann");
            page.write("x");
            page.header("Set-Cookie", "after=2");
        })));

        assertThat(client.get("/in").cookies())
                .hasSize(3)
                .anyMatch(line -> line.startsWith("before=1"))
                .anyMatch(line -> line.startsWith("after=2"))
                .anyMatch(line -> line.startsWith("SID="));
    }

    @Test
    void theTicketIsInSetCookieAndNowhereElse() throws Exception {
        WebClient client = client(serve(Map.of("/in", page -> {
            page.session().login("ann");
            page.write(page.session() + " " + page.session().id() + " "
                    + page.session().csrfToken());
        })));

        for (int i = 0; i < 2; i++) {
            WebReply reply = client.get("/in");

            assertThat(reply.cookies()).hasSize(1);
            SecretSearch search = new SecretSearch()
                    .add("the ticket", String.valueOf(client.jar().get("SID")));
            search.assertAbsent("the body", reply.body());
            reply.headers().stream()
                    .filter(line -> !line.getKey().equalsIgnoreCase("Set-Cookie"))
                    .forEach(line -> search.assertAbsent("a header", line.getKey() + ": " + line.getValue()));
        }
    }

    // The ways in which a response begins

    /** Each way in which a response can begin: stored, with one cookie, and nothing of the body lost. */
    @TestFactory
    Stream<DynamicTest> theSessionIsStoredHoweverTheResponseBegins() {
        return WebBeginnings.all().entrySet().stream()
                .map(way -> dynamicTest("beginning with " + way.getKey(), () -> {
                    int port = serve(Map.of(
                            "/begin",
                            page -> {
                                page.session().set(NAME, "Ann");
                                way.getValue().handle(page);
                            },
                            "/read",
                            WebFixture::read));
                    WebClient client = client(port);

                    WebReply reply = client.get("/begin");

                    String body = WebBeginnings.body(way.getKey());
                    if (body != null) {
                        assertThat(reply.body()).isEqualTo(body);
                    }
                    assertThat(reply.cookies()).hasSize(1);
                    assertThat(client.get("/read").body()).isEqualTo("Ann null");
                }));
    }

    /** The handler is held after the response has begun, and does not go on before another server has shown the change. */
    @TestFactory
    Stream<DynamicTest> theSessionIsStoredBeforeTheFirstByte() {
        return Stream.of("a flush", "a flush after a little", "more than any buffer, at once")
                .map(name -> dynamicTest("beginning with " + name, () -> {
                    CountDownLatch seen = new CountDownLatch(1);
                    Map<String, WebHandler> pages = Map.of(
                            "/begin",
                            page -> {
                                page.session().set(NAME, "Ann");
                                WebBeginnings.named(name).handle(page);
                                page.flush();
                                assertThat(seen.await(30, TimeUnit.SECONDS)).isTrue();
                            },
                            "/read",
                            WebFixture::read);
                    WebClient client = client(serve(pages));
                    int second = serve(pages);

                    WebReply begun = client.begin("GET", "/begin");
                    String other = opened(client.copy(second)).get("/read").body();
                    seen.countDown();

                    assertThat(other).isEqualTo("Ann null");
                    assertThat(client.finish(begun).status()).isEqualTo(200);
                }));
    }

    /** A client that has read the last byte asks another server at once, and its write is there: every time. */
    @TestFactory
    Stream<DynamicTest> theNextRequestToAnotherServerSeesTheWrite() {
        return Stream.of(true, false)
                .map(declared -> dynamicTest(declared ? "with Content-Length" : "without", () -> {
                    Map<String, WebHandler> pages = Map.of(
                            "/set",
                            page -> {
                                page.session().set(COUNT, Integer.valueOf(page.parameter("n")));
                                if (declared) {
                                    page.contentLength(4);
                                }
                                page.write("done");
                            },
                            "/first",
                            page -> page.session().set(COUNT, 0),
                            "/read",
                            WebFixture::read);
                    WebClient writer = client(serve(pages));
                    int second = serve(pages);
                    writer.get("/first");
                    WebClient reader = opened(writer.copy(second));
                    reader.get("/read");

                    int stale = 0;
                    for (int i = 1; i <= ROUNDS; i++) {
                        assertThat(writer.get("/set?n=" + i).body()).isEqualTo("done");
                        if (!reader.get("/read").body().equals("null " + i)) {
                            stale++;
                        }
                    }

                    assertThat(stale).isZero();
                }));
    }

    // Changes after the beginning

    @Test
    void aChangeAfterTheHeaderIsStoredWithoutACookie() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> page.session().set(NAME, "Ann"),
                "/late",
                page -> {
                    page.session().get(NAME);
                    page.write("begun");
                    page.flush();
                    page.session().set(COUNT, 7);
                },
                "/read",
                WebFixture::read)));
        client.get("/in");

        WebReply late = client.get("/late");

        assertThat(late.body()).isEqualTo("begun");
        assertThat(late.cookies()).isEmpty();
        eventually(() -> client.get("/read").body().equals("Ann 7"));
    }

    @Test
    void aNewSessionAfterTheHeaderIsRefused() throws Exception {
        WebClient client = client(serve(Map.of("/late", page -> {
            page.flush();
            try {
                page.session().set(NAME, "Ann");
            } catch (IllegalStateException late) {
                page.write(REFUSED + late.getClass().getSimpleName());
            }
        })));

        WebReply reply = client.get("/late");

        assertThat(reply.body()).isEqualTo(REFUSED + "IllegalStateException");
        assertThat(reply.cookies()).isEmpty();
        assertThat(store.counts().total()).isZero();
    }

    /** What comes after the first write and before the write that makes the server send is not late. */
    @TestFactory
    Stream<DynamicTest> aChangeBetweenTwoWritesIsInTime() {
        return Stream.of("the declared length", "a full buffer", "a large write", "a flush", "the end")
                .map(sender -> dynamicTest("before " + sender, () -> {
                    WebClient client = client(serve(Map.of(
                            "/begin",
                            page -> {
                                if (sender.equals("the declared length")) {
                                    page.contentLength(6);
                                }
                                page.write("len");
                                page.session().set(NAME, "Ann");
                                switch (sender) {
                                    case "the declared length" -> page.write("gth");
                                    case "a full buffer" -> {
                                        for (int i = 0; i < SMALL_WRITES; i++) {
                                            page.write("ten chars.");
                                        }
                                    }
                                    case "a large write" -> page.write("ten chars.".repeat(SMALL_WRITES));
                                    case "a flush" -> page.flush();
                                    default -> {}
                                }
                            },
                            "/read",
                            WebFixture::read)));

                    WebReply reply = client.get("/begin");

                    assertThat(reply.body()).startsWith("len");
                    assertThat(reply.cookies()).hasSize(1);
                    assertThat(client.get("/read").body()).isEqualTo("Ann null");
                }));
    }

    @Test
    void changesBeforeAndAfterTheFirstWriteMakeOneCookie() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> {
                    page.session().set(NAME, "Ann");
                    page.write("one ");
                    page.session().set(COUNT, 2);
                    page.session().login("ann");
                    page.write("two");
                },
                "/who",
                page -> {
                    page.write(page.session().userId() + " ");
                    read(page);
                })));

        WebReply reply = client.get("/in");

        assertThat(reply.body()).isEqualTo("one two");
        assertThat(reply.cookies()).hasSize(1);
        assertThat(client.get("/who").body()).isEqualTo("ann Ann 2");
    }

    @Test
    void whatAHandlerDidBeforeItFailedIsStored() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> page.session().set(NAME, "Ann"),
                "/fail",
                page -> {
                    page.session().set(COUNT, 1);
                    throw new IllegalStateException("the test's own failure");
                },
                "/read",
                WebFixture::read)));
        client.get("/in");

        assertThat(client.get("/fail").status()).isEqualTo(500);
        assertThat(client.get("/read").body()).isEqualTo("Ann 1");
    }

    @Test
    void aClientThatHangsUpLosesNoChange() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch hungUp = new CountDownLatch(1);
        int port = serve(Map.of(
                "/in",
                page -> page.session().set(NAME, "Ann"),
                "/long",
                page -> {
                    page.session().set(COUNT, 1);
                    page.write("begun");
                    page.flush();
                    begun.countDown();
                    assertThat(hungUp.await(30, TimeUnit.SECONDS)).isTrue();
                    page.session().set(COUNT, 2);
                    for (int i = 0; i < SMALL_WRITES; i++) {
                        page.write("nobody reads this any more");
                    }
                },
                "/read",
                WebFixture::read));
        WebClient client = client(port);
        client.get("/in");
        WebClient other = opened(client.copy(port));

        client.begin("GET", "/long");
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        client.close();
        hungUp.countDown();

        eventually(() -> other.get("/read").body().equals("Ann 2"));
    }

    @Test
    void aSessionIsOfNoUseAfterItsRequest() throws Exception {
        AtomicReference<@Nullable Session> kept = new AtomicReference<>();
        WebClient client = client(serve(Map.of("/in", page -> {
            page.session().set(NAME, "Ann");
            kept.set(page.session());
        })));
        client.get("/in");

        eventually(() -> {
            try {
                Session session = kept.get();
                return session != null && session.get(NAME) == null;
            } catch (IllegalStateException over) {
                return true;
            }
        });
    }

    // Log-out

    @Test
    void aLogOutCountsAtOnceAndClearsTheCookie() throws Exception {
        CountDownLatch out = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        int port = serve(Map.of(
                "/in",
                page -> page.session().login("ann"),
                "/out",
                page -> {
                    page.session().logout();
                    out.countDown();
                    assertThat(seen.await(30, TimeUnit.SECONDS)).isTrue();
                    page.write("out");
                },
                "/who",
                page -> page.write("user " + page.session().userId())));
        WebClient client = client(port);
        client.get("/in");
        WebClient meanwhile = opened(client.copy(port));
        CompletableFuture<WebReply> leaving = CompletableFuture.supplyAsync(() -> {
            try {
                return client.get("/out");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(out.await(30, TimeUnit.SECONDS)).isTrue();

        String who = meanwhile.get("/who").body();
        seen.countDown();

        assertThat(who).isEqualTo("user null");
        assertThat(leaving.get(30, TimeUnit.SECONDS).cookies()).hasSize(1);
        assertThat(client.jar()).isEmpty();
    }
}
