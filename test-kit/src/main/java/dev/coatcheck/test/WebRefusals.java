package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore.Fault;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The part of {@link WebContract} about what is refused: stores that are away, conflicts, connections, cookies. */
abstract class WebRefusals extends WebAnswers {
    private static final SessionKey<String> CODE = SessionKey.of("code", String.class);

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
                WebFixture::read)));
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
        WebClient client = client(serve(Map.of("/in", page -> page.session().set(NAME, "Ann"), "/caught", page -> {
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
    void aSignInBeyondTheLimitIsAnsweredWith409AndTheSessionStaysAsItWas() throws Exception {
        SessionManager sessions =
                builder().maxSessionsPerUser(1, WhenFull.REFUSE).build();
        int port = serve(
                sessions,
                Map.of(
                        "/in",
                        page -> page.session().set(NAME, "Ann"),
                        "/login",
                        page -> {
                            page.session().login("alice");
                            page.write("welcome");
                        },
                        "/read",
                        page -> page.write(
                                page.session().get(NAME) + " " + page.session().userId())));
        client(port).get("/login");
        WebClient second = client(port);
        second.get("/in");

        WebReply refused = second.get("/login");

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).isNotEmpty().doesNotContain("welcome", "alice");
        assertThat(refused.cookies()).isEmpty();
        assertThat(second.get("/read").body()).isEqualTo("Ann null");
        assertThat(sessions.devices("alice")).hasSize(1);
    }

    @Test
    void theAddressOfADeviceIsThatOfItsConnection() throws Exception {
        SessionManager sessions = builder().deviceAddress(true).build();
        client(serve(sessions, Map.of("/login", page -> page.session().login("alice"))))
                .get("/login");
        assertThat(sessions.devices("alice"))
                .singleElement()
                .satisfies(device -> assertThat(device.address()).isIn("127.0.0.1", "0:0:0:0:0:0:0:1", "::1"));
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

    /** A fault of the application, so 500: nothing of the page goes out, and what was stored before stays. */
    @Test
    void aSessionThatIsTooLargeIsAnsweredWith500AndTheOldStateStays() throws Exception {
        SessionKey<String> large = SessionKey.of("large", String.class);
        WebHandler tooMuch = page -> {
            page.session().set(NAME, "Bea");
            page.session().set(large, "x".repeat(200_000));
            page.session().set(SessionKey.of("more", String.class), "y".repeat(100_000));
            page.write("stored!");
        };
        WebClient client = client(serve(Map.of(
                "/in", page -> page.session().set(NAME, "Ann"), "/too-much", tooMuch, "/read", WebFixture::read)));

        WebReply visitor = client.get("/too-much");
        client.get("/in");
        WebReply known = client.get("/too-much");

        for (WebReply refused : List.of(visitor, known)) {
            assertThat(refused.status()).isEqualTo(500);
            assertThat(refused.cookies()).isEmpty();
            assertThat(refused.body()).doesNotContain("stored!", "xxx", "yyy");
        }
        assertThat(client.get("/read").body()).isEqualTo("Ann null");
        assertThat(store.counts().create()).isEqualTo(1);
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

                    WebReply reply =
                            client.get("/in", from.subList(1, from.size()).toArray(String[]::new));

                    assertThat(reply.status()).isEqualTo(200);
                    assertThat(reply.body()).isEqualTo("served");
                    assertThat(reply.cookies()).isEmpty();
                    assertThat(store.counts().total()).isZero();
                }));
    }

    @TestFactory
    Stream<DynamicTest> aBadCookieIsNoSession() {
        return WebCookies.bad().stream()
                .map(cookie -> dynamicTest("Cookie: " + cookie.substring(0, Math.min(30, cookie.length())), () -> {
                    WebClient client = client(
                            serve(Map.of("/in", page -> page.session().set(NAME, "Ann"), "/read", WebFixture::read)));
                    client.get("/in");
                    String ticket = client.jar().remove("SID");
                    store.reset();

                    WebReply reply = client.get("/read", "Cookie: " + cookie.replace("T", ticket));

                    if (!refusals().contains(reply.status())) {
                        assertThat(reply.status()).isEqualTo(200);
                        assertThat(reply.body()).isEqualTo("null null");
                    }
                    assertThat(reply.cookies()).isEmpty();
                    assertThat(store.counts().create()).isZero();
                    assertThat(store.counts().total()).isLessThanOrEqualTo(1);
                }));
    }

    @TestFactory
    Stream<DynamicTest> aGoodCookieIsFoundAmongOthers() {
        return WebCookies.good().stream()
                .map(cookie -> dynamicTest(cookie.replace("\r\n", " and "), () -> {
                    WebClient client = client(
                            serve(Map.of("/in", page -> page.session().set(NAME, "Ann"), "/read", WebFixture::read)));
                    client.get("/in");
                    String ticket = client.jar().remove("SID");

                    WebReply reply = client.get("/read", "Cookie: " + cookie.replace("T", ticket));

                    assertThat(reply.body()).isEqualTo("Ann null");
                    assertThat(reply.cookies()).isEmpty();
                }));
    }

    /** By the path that the browser asked for: a cookie is deleted only under the path that it was set with. */
    @Test
    void ofTwoLiveTicketsNeitherIsUsedAndStraysAreDeletedPathByPath() throws Exception {
        WebClient client =
                client(serve(Map.of("/in", page -> page.session().set(NAME, "Ann"), "/shop/cart/x", WebFixture::read)));
        client.get("/in");
        String mine = client.jar().remove("SID");
        client.get("/in");
        String other = client.jar().remove("SID");

        for (String cookie : List.of("SID=" + mine + "; SID=" + other, "SID=" + other + "; SID=" + mine)) {
            WebReply reply = client.get("/shop/cart/x?a=/b/c", "Cookie: " + cookie);

            assertThat(reply.body()).isEqualTo("null null");
            assertThat(reply.headers("Cache-Control")).containsExactly("no-store");
            assertThat(reply.cookies()).allMatch(line -> line.startsWith("SID=;") && line.contains("Max-Age=0"));
            assertThat(reply.cookies().stream().map(line -> line.replaceAll(".*; Path=([^;]*).*", "$1")))
                    .containsExactly("/shop", "/shop/", "/shop/cart", "/shop/cart/", "/shop/cart/x");
        }
    }

    @Test
    void aTicketInTheUrlIsNoTicket() throws Exception {
        WebClient client =
                client(serve(Map.of("/in", page -> page.session().set(NAME, "Ann"), "/read", WebFixture::read)));
        client.get("/in");
        String ticket = client.jar().remove("SID");

        WebReply reply = client.get("/read?SID=" + ticket + "&jsessionid=" + ticket, "Authorization: " + ticket);

        assertThat(reply.body()).isEqualTo("null null");
    }
}
