package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
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
public abstract class WebContract {
    private static final SessionKey<Integer> COUNT = SessionKey.of("count", Integer.class);
    private static final SessionKey<String> NAME = SessionKey.of("name", String.class);
    private static final SessionKey<String> CODE = SessionKey.of("code", String.class);
    private static final int ROUNDS = 1_000;
    private static final int LARGE = 200_000;
    private static final String REFUSED = "refused: ";

    private final FaultyStore faults = new FaultyStore(new EmbeddedSessionStore());
    private final CountingStore store = new CountingStore(faults);
    private final List<AutoCloseable> opened = new ArrayList<>();

    /** For subclasses. */
    protected WebContract() {}

    /**
     * Starts a server on this machine, on a free port.
     *
     * @param sessions what the adapter works with; not to be closed by the server
     * @param pages by path; a request for another path is not asked for
     */
    protected abstract WebServer start(SessionManager sessions, Map<String, WebHandler> pages) throws Exception;

    /** Closes servers and clients, the last one first. */
    @AfterEach
    void closeAll() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
        store.close();
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    private int serve(Map<String, WebHandler> pages) throws Exception {
        SessionManager sessions = opened(SessionManager.builder().store(store).build());
        return opened(start(sessions, pages)).port();
    }

    private WebClient client(int port) {
        return opened(new WebClient(port));
    }

    private static String read(WebPage page) throws IOException {
        Session session = page.session();
        String text = session.get(NAME) + " " + session.get(COUNT);
        page.write(text);
        return text;
    }

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
        WebClient client = client(serve(Map.of("/read", WebContract::read)));

        WebReply reply = client.get("/read");

        assertThat(reply.body()).isEqualTo("null null");
        assertThat(reply.cookies()).isEmpty();
        assertThat(reply.headers("Vary")).containsExactly("Cookie");
        assertThat(store.counts().total()).isZero();
    }

    @Test
    void cachesAreToldOnceThatTheAnswerIsPersonal() throws Exception {
        WebClient client =
                client(serve(Map.of("/in", page -> page.session().set(NAME, "Ann"), "/read", WebContract::read)));

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

    // The ways in which a response begins

    private static Map<String, WebHandler> beginnings() {
        Map<String, WebHandler> all = new LinkedHashMap<>();
        all.put("nothing", page -> {});
        all.put("a little", page -> page.write("little"));
        all.put("more than any buffer, at once", page -> page.write("x".repeat(LARGE)));
        all.put("more than any buffer, in small pieces", page -> {
            for (int i = 0; i < LARGE / 100; i++) {
                page.write("y".repeat(100));
            }
        });
        all.put("a little, then too much", page -> {
            page.write("z".repeat(100));
            page.write("z".repeat(LARGE));
        });
        all.put("a flush", WebPage::flush);
        all.put("a flush after a little", page -> {
            page.write("little");
            page.flush();
            page.write("more");
        });
        all.put("its declared length", page -> {
            page.contentLength(6);
            page.write("length");
        });
        all.put("its declared length, in two pieces", page -> {
            page.contentLength(6);
            page.write("len");
            page.write("gth");
        });
        all.put("a redirect", page -> page.redirect("/elsewhere"));
        all.put("an error", page -> page.error(404));
        all.put("status 204", page -> page.status(204));
        all.put("status 304", page -> page.status(304));
        return all;
    }

    /** The body that the beginning of this name makes; null where the server writes it. */
    private static @Nullable String body(String name) {
        return switch (name) {
            case "a little" -> "little";
            case "more than any buffer, at once" -> "x".repeat(LARGE);
            case "more than any buffer, in small pieces" -> "y".repeat(LARGE);
            case "a little, then too much" -> "z".repeat(LARGE + 100);
            case "a flush after a little" -> "littlemore";
            case "its declared length", "its declared length, in two pieces" -> "length";
            case "a redirect", "an error" -> null;
            default -> "";
        };
    }

    /** Each way in which a response can begin: stored, with one cookie, and nothing of the body lost. */
    @TestFactory
    Stream<DynamicTest> theSessionIsStoredHoweverTheResponseBegins() {
        return beginnings().entrySet().stream().map(way -> dynamicTest("beginning with " + way.getKey(), () -> {
            int port = serve(Map.of(
                    "/begin",
                    page -> {
                        page.session().set(NAME, "Ann");
                        way.getValue().handle(page);
                    },
                    "/read",
                    WebContract::read));
            WebClient client = client(port);

            WebReply reply = client.get("/begin");

            String body = body(way.getKey());
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
                                beginnings().get(name).handle(page);
                                page.flush();
                                assertThat(seen.await(30, TimeUnit.SECONDS)).isTrue();
                            },
                            "/read",
                            WebContract::read);
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
        return Stream.of(true, false).map(declared -> dynamicTest(declared ? "with Content-Length" : "without", () -> {
            Map<String, WebHandler> pages = Map.of(
                    "/set",
                    page -> {
                        page.session().set(COUNT, Integer.valueOf(page.parameter("n")));
                        if (declared) {
                            page.contentLength(4);
                        }
                        page.write("done");
                    },
                    "/read",
                    WebContract::read);
            WebClient writer = client(serve(pages));
            int second = serve(pages);
            writer.get("/set?n=0");
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
                WebContract::read)));
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
                WebContract::read)));
        client.get("/in");

        assertThat(client.get("/fail").status()).isEqualTo(500);
        assertThat(client.get("/read").body()).isEqualTo("Ann 1");
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

    // A store that is away, and lost conflicts

    @Test
    void aStoreThatIsAwayIsAnsweredWith503AndNobodyIsLoggedOut() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> page.session().set(NAME, "Ann"),
                "/read",
                page -> {
                    page.header("Set-Cookie", "other=1");
                    page.write("part of a page ");
                    read(page);
                },
                "/careful",
                page -> page.write(page.session().isAvailable() ? "open" : "closed"))));
        client.get("/in");
        faults.always(Fault.FAIL);

        WebReply away = client.get("/read");
        WebReply careful = client.get("/careful");
        faults.heal();

        assertThat(away.status()).isEqualTo(503);
        assertThat(away.headers("Retry-After")).containsExactly("1");
        assertThat(away.cookies()).isEmpty();
        assertThat(away.body()).isNotEmpty().doesNotContain("part of a page");
        assertThat(careful.status()).isEqualTo(200);
        assertThat(careful.body()).isEqualTo("closed");
        assertThat(careful.cookies()).isEmpty();
        assertThat(client.get("/read").body()).isEqualTo("part of a page Ann null");
    }

    @Test
    void changesThatCannotBeStoredAreAnsweredWith503AndNothingOfThePage() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> page.session().set(NAME, "Ann"),
                "/set",
                page -> {
                    page.session().set(NAME, "Bea");
                    page.write("stored!");
                },
                "/read",
                WebContract::read)));
        faults.next(StoreVerb.CREATE, Fault.FAIL);

        WebReply visitor = client.get("/in");
        client.get("/in");
        faults.next(StoreVerb.REPLACE, Fault.FAIL);
        WebReply known = client.get("/set");

        for (WebReply away : List.of(visitor, known)) {
            assertThat(away.status()).isEqualTo(503);
            assertThat(away.headers("Retry-After")).containsExactly("1");
            assertThat(away.cookies()).isEmpty();
            assertThat(away.body()).doesNotContain("stored!");
        }
        assertThat(client.get("/read").body()).isEqualTo("Ann null");
    }

    @Test
    void anOutageThatTheApplicationCaughtIsItsOwnAffair() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> page.session().set(NAME, "Ann"),
                "/caught",
                page -> {
                    try {
                        page.session().get(NAME);
                    } catch (SessionUnavailableException away) {
                        page.write("without");
                    }
                })));
        client.get("/in");
        faults.always(Fault.FAIL);

        WebReply reply = client.get("/caught");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("without");
        assertThat(reply.cookies()).isEmpty();
    }

    @Test
    void whoTakesWhatSomebodyElseTookIsAnsweredWith409() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        int port = serve(Map.of(
                "/in",
                page -> page.session().set(CODE, "once"),
                "/slow",
                page -> {
                    page.session().take(CODE);
                    taken.countDown();
                    assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
                    page.write("taken");
                },
                "/fast",
                page -> {
                    page.session().take(CODE);
                    page.write("taken");
                }));
        WebClient slow = client(port);
        slow.get("/in");
        WebClient fast = opened(slow.copy(port));
        CompletableFuture<WebReply> second = CompletableFuture.supplyAsync(() -> {
            try {
                return slow.get("/slow");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(taken.await(30, TimeUnit.SECONDS)).isTrue();

        WebReply first = fast.get("/fast");
        gone.countDown();

        assertThat(first.body()).isEqualTo("taken");
        assertThat(second.get(30, TimeUnit.SECONDS).status()).isEqualTo(409);
        assertThat(second.get().body()).doesNotContain("taken");
        assertThat(second.get().cookies()).isEmpty();
    }

    // What a connection and a cookie are good for

    @TestFactory
    Stream<DynamicTest> plainHttpFromElsewhereGetsNoSession() {
        return Stream.of(
                        List.of("example.org"),
                        List.of("localhost", "X-Forwarded-For: 192.0.2.1"),
                        List.of("localhost", "X-Forwarded-Proto: https"),
                        List.of("localhost", "Forwarded: for=192.0.2.1;proto=https"),
                        List.of("localhost", "Origin: https://example.org"))
                .map(from -> dynamicTest(String.join(", ", from), () -> {
                    WebClient client = client(serve(Map.of("/in", page -> {
                                page.session().set(NAME, "Ann");
                                page.write("served");
                            })))
                            .host(from.get(0));

                    WebReply reply = client.get(
                            "/in", from.subList(1, from.size()).toArray(String[]::new));

                    assertThat(reply.status()).isEqualTo(200);
                    assertThat(reply.body()).isEqualTo("served");
                    assertThat(reply.cookies()).isEmpty();
                    assertThat(store.counts().total()).isZero();
                }));
    }

    /** The cookies of which nothing may come, with T for a live ticket. */
    private static List<String> badCookies() {
        return List.of(
                "",
                "   ",
                ";".repeat(2_000),
                "SID",
                "=SID=T",
                "SID==T",
                "sid=T",
                "%53ID=T",
                "SID=\"T\"",
                "a=1,SID=T",
                "SID=T\u0001",
                "SID=T\u007f",
                "SID=T T",
                "SID=T=",
                "SID=T+/",
                "SID=Tx",
                "__Host-SID=T",
                "SID=../../etc/passwd",
                "SID=" + "A".repeat(44),
                "SID=" + "_".repeat(60),
                "SID=" + "A".repeat(4_000),
                "SID=\u00ff\u00fe",
                "JSESSIONID=T");
    }

    @TestFactory
    Stream<DynamicTest> aBadCookieIsNoSession() {
        return badCookies().stream()
                .map(cookie -> dynamicTest(cookie.substring(0, Math.min(30, cookie.length())), () -> {
                    WebClient client = client(serve(
                            Map.of("/in", page -> page.session().set(NAME, "Ann"), "/read", WebContract::read)));
                    client.get("/in");
                    String ticket = client.jar().remove("SID");
                    store.reset();

                    WebReply reply = client.get("/read", "Cookie: " + cookie.replace("T", ticket));

                    // A server may refuse such a header by itself.
                    assertThat(reply.status()).isIn(200, 400);
                    if (reply.status() == 200) {
                        assertThat(reply.body()).isEqualTo("null null");
                    }
                    assertThat(reply.cookies()).isEmpty();
                    assertThat(store.counts().create()).isZero();
                    assertThat(store.counts().total()).isLessThanOrEqualTo(1);
                }));
    }

    @TestFactory
    Stream<DynamicTest> aGoodCookieIsFoundAmongOthers() {
        return Stream.of(
                        "SID=T",
                        "SID=T ",
                        "a=b; SID=T; c",
                        "a=\"b; SID=T; c\"",
                        "$Version=1; SID=T; $Path=/",
                        "SID=T; SID=T",
                        "SID=garbage; SID=T",
                        "SID=T; SID=garbage",
                        "x=1\r\nCookie: SID=T")
                .map(cookie -> dynamicTest(cookie.replace("\r\n", " and "), () -> {
                    WebClient client = client(serve(
                            Map.of("/in", page -> page.session().set(NAME, "Ann"), "/read", WebContract::read)));
                    client.get("/in");
                    String ticket = client.jar().remove("SID");

                    WebReply reply = client.get("/read", "Cookie: " + cookie.replace("T", ticket));

                    assertThat(reply.body()).isEqualTo("Ann null");
                    assertThat(reply.cookies()).isEmpty();
                }));
    }

    @Test
    void aTicketInTheUrlIsNoTicket() throws Exception {
        WebClient client = client(serve(Map.of("/in", page -> page.session().set(NAME, "Ann"), "/read", WebContract::read)));
        client.get("/in");
        String ticket = client.jar().remove("SID");

        WebReply reply = client.get("/read?SID=" + ticket + "&jsessionid=" + ticket, "Authorization: " + ticket);

        assertThat(reply.body()).isEqualTo("null null");
    }

    /** A question that may be answered some time after a response is out. */
    private interface Question {
        boolean ask() throws Exception;
    }

    private static void eventually(Question question) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!question.ask()) {
            assertThat(System.nanoTime()).as("30 seconds have passed").isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
