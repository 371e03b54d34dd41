package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Session;
import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code HttpServletRequest.getSession} and what it gives. */
abstract class HttpSessionContract extends ServletFixture {
    HttpSessionContract(Container container) {
        super(container);
    }

    /** Pages that run assertions: what fails there is a 500 here. */
    private void run(Map<String, Page> pages, String... paths) throws Exception {
        WebClient client = client(pages);
        for (String path : paths) {
            assertThat(client.get(path).status()).as(path).isEqualTo(200);
        }
    }

    /** As expression languages and frameworks do; a type that is not there in an older API would fail it. */
    @Test
    void theMethodsOfASessionCanBeListed() throws Exception {
        run(
                Map.of("/in", (request, response) -> {
                    for (Class<?> type = request.getSession().getClass(); type != null; type = type.getSuperclass()) {
                        assertThat(type.getDeclaredMethods()).isNotEmpty();
                    }
                }),
                "/in");
    }

    @Test
    void aSessionIsMadeThoughNothingIsSet() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                (request, response) -> request.getSession(),
                "/have",
                (request, response) -> response.getWriter().write("session " + (request.getSession(false) != null))));

        assertThat(client.get("/have").body()).isEqualTo("session false");
        WebReply made = client.get("/in");

        assertThat(made.cookies()).hasSize(1);
        assertThat(store.counts()).hasToString("create 1");
        assertThat(client.get("/have").body()).isEqualTo("session true");
        assertThat(client.get("/in").cookies()).isEmpty();
    }

    @Test
    void bothApisShowTheSameData() throws Exception {
        run(
                Map.of(
                        "/in",
                        (request, response) -> {
                            request.getSession().setAttribute("name", "Ann");
                            assertThat(Sessions.current(request).get(NAME)).isEqualTo("Ann");
                            Sessions.current(request).set(NAME, "Bea");
                            assertThat(request.getSession().getAttribute("name"))
                                    .isEqualTo("Bea");
                        },
                        "/next",
                        (request, response) -> {
                            HttpSession session = request.getSession(false);
                            assertThat(session.getAttribute("name")).isEqualTo("Bea");
                            assertThat(Collections.list(session.getAttributeNames()))
                                    .containsExactly("name");
                            session.setAttribute("name", null);
                            assertThat(session.getAttribute("name")).isNull();
                            session.setAttribute("number", 7L);
                            session.removeAttribute("number");
                            assertThat(session.getAttributeNames().hasMoreElements())
                                    .isFalse();
                        }),
                "/in",
                "/next");
    }

    @Test
    void aSessionKnowsItsIdAndItsTimes() throws Exception {
        List<String> ids = new ArrayList<>();
        run(
                Map.of(
                        "/in",
                        (request, response) -> {
                            HttpSession session = request.getSession();
                            assertThat(session.isNew()).isTrue();
                            assertThat(session).isSameAs(request.getSession(false));
                            assertThat(session.getServletContext()).isSameAs(request.getServletContext());
                            assertThat(request.getRequestedSessionId()).isNull();
                            assertThat(request.isRequestedSessionIdValid()).isFalse();
                            assertThat(request.isRequestedSessionIdFromCookie()).isFalse();
                            ids.add(session.getId());
                        },
                        "/next",
                        (request, response) -> {
                            HttpSession session = request.getSession();
                            assertThat(session.isNew()).isFalse();
                            assertThat(session.getId()).isEqualTo(ids.get(0)).hasSize(20);
                            assertThat(session.getCreationTime())
                                    .isLessThanOrEqualTo(session.getLastAccessedTime())
                                    .isGreaterThan(0);
                            assertThat(session.getLastAccessedTime()).isLessThanOrEqualTo(System.currentTimeMillis());
                            assertThat(request.getRequestedSessionId()).isEqualTo(ids.get(0));
                            assertThat(request.isRequestedSessionIdValid()).isTrue();
                            assertThat(request.isRequestedSessionIdFromCookie()).isTrue();
                            assertThat(request.isRequestedSessionIdFromURL()).isFalse();
                        }),
                "/in",
                "/next");
    }

    @Test
    void theIdIsNoTicketAndIsNotInUrls() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                (request, response) -> response.getWriter()
                        .write(request.getSession().getId() + " " + response.encodeURL("/a?b=c") + " "
                                + response.encodeRedirectURL("https://example.org/"))));

        String[] parts = client.get("/in").body().split(" ", -1);

        assertThat(client.jar().get("SID")).doesNotContain(parts[0]);
        assertThat(parts[1]).isEqualTo("/a?b=c");
        assertThat(parts[2]).isEqualTo("https://example.org/");
    }

    @Test
    void aTicketInThePathIsNoTicket() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                set("Ann"),
                "/have",
                (request, response) -> response.getWriter()
                        .write(request.getSession(false) + " " + request.getRequestedSessionId() + " "
                                + request.isRequestedSessionIdValid() + " " + request.isRequestedSessionIdFromURL())));
        client.get("/in");
        String ticket = client.jar().remove("SID");
        store.reset();

        for (String name : List.of("jsessionid", "JSESSIONID", "SID")) {
            WebReply reply = client.get("/have;" + name + "=" + ticket);

            // The container reports the one spelling that it knows; nobody adopts it. Undertow does not say where it
            // was.
            String reported = name.equals("jsessionid") ? ticket + " false (true|false)" : "null false false";
            assertThat(reply.body()).as(name).matches("null " + reported);
            assertThat(reply.cookies()).as(name).isEmpty();
        }
        assertThat(store.counts().total()).isZero();
    }

    @Test
    void intervalsAreKeptInSeconds() throws Exception {
        run(
                Map.of(
                        "/in",
                        (request, response) -> {
                            HttpSession session = request.getSession();
                            assertThat(session.getMaxInactiveInterval()).isEqualTo(20 * 60);
                            session.setMaxInactiveInterval(90);
                            assertThat(session.getMaxInactiveInterval()).isEqualTo(90);
                        },
                        "/next",
                        (request, response) -> {
                            HttpSession session = request.getSession();
                            assertThat(session.getMaxInactiveInterval()).isEqualTo(90);
                            session.setMaxInactiveInterval(-1);
                            assertThat(session.getMaxInactiveInterval()).isLessThanOrEqualTo(0);
                        },
                        "/none",
                        (request, response) -> assertThat(request.getSession().getMaxInactiveInterval())
                                .isLessThanOrEqualTo(0)),
                "/in",
                "/next",
                "/none");
    }

    @Test
    void theLongestAndTheShortestIntervalMeanTheAbsoluteLifetime() throws Exception {
        Map<String, Page> pages = new LinkedHashMap<>();
        pages.put("/in", set("Ann"));
        for (int seconds : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, 0}) {
            pages.put("/set" + seconds, (request, response) -> {
                HttpSession session = request.getSession();
                session.setMaxInactiveInterval(1_000);
                session.setMaxInactiveInterval(seconds);
                assertThat(session.getMaxInactiveInterval()).isZero();
            });
            pages.put("/next" + seconds, (request, response) -> {
                assertThat(request.getSession().getMaxInactiveInterval()).isZero();
                Session session = Sessions.current(request);
                assertThat(session.get(NAME)).isEqualTo("Ann");
                assertThat(session.expiresAt()).isEqualTo(session.createdAt().plus(Duration.ofHours(12)));
            });
        }
        run(pages, pages.keySet().toArray(String[]::new));
    }

    @Test
    void anInvalidatedSessionIsOfNoUse() throws Exception {
        run(
                Map.of("/in", set("Ann"), "/out", (request, response) -> {
                    HttpSession session = request.getSession();
                    String id = session.getId();
                    session.invalidate();
                    Map<String, Callable<?>> calls = new LinkedHashMap<>();
                    calls.put("getCreationTime", session::getCreationTime);
                    calls.put("getLastAccessedTime", session::getLastAccessedTime);
                    calls.put("getMaxInactiveInterval", session::getMaxInactiveInterval);
                    calls.put("getAttribute", () -> session.getAttribute("name"));
                    calls.put("getAttributeNames", session::getAttributeNames);
                    calls.put("isNew", session::isNew);
                    calls.put("setAttribute", Executors.callable(() -> session.setAttribute("name", "x")));
                    calls.put("removeAttribute", Executors.callable(() -> session.removeAttribute("name")));
                    calls.put("setMaxInactiveInterval", Executors.callable(() -> session.setMaxInactiveInterval(9)));
                    calls.put("invalidate", Executors.callable(session::invalidate));
                    calls.forEach((name, call) ->
                            assertThatThrownBy(call::call).as(name).isInstanceOf(IllegalStateException.class));
                    assertThat(session.getId()).isEqualTo(id);
                    assertThat(request.getSession(false)).isNull();
                    assertThat(request.isRequestedSessionIdValid()).isFalse();
                    HttpSession next = request.getSession(true);
                    assertThat(next.isNew()).isTrue();
                    assertThat(next.getId()).isNotEqualTo(id);
                    assertThat(next.getAttribute("name")).isNull();
                }),
                "/in",
                "/out");
    }

    @Test
    void invalidateClearsTheCookieAndEndsTheSession() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                set("Ann"),
                "/read",
                READ,
                "/out",
                (request, response) -> request.getSession().invalidate()));
        client.get("/in");
        WebClient thief = opened(client.copy(client(Map.of("/read", READ)).port()));

        WebReply out = client.get("/out");

        assertThat(out.cookies()).hasSize(1);
        assertThat(client.jar()).isEmpty();
        assertThat(thief.get("/read").body()).isEqualTo("name null");
    }

    @Test
    void aNewIdKeepsTheDataAndEndsTheOldOne() throws Exception {
        Application application =
                application(Map.of("/in", set("Ann"), "/read", READ, "/change", (request, response) -> {
                    HttpSession session = request.getSession();
                    String old = session.getId();
                    String id = request.changeSessionId();
                    assertThat(id).isNotEqualTo(old);
                    assertThat(session.getId()).isEqualTo(id);
                    assertThat(session.getAttribute("name")).isEqualTo("Ann");
                }));
        WebClient client = client(application);
        client.get("/in");
        WebClient thief = opened(client.copy(client.port()));

        WebReply changed = client.get("/change");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.cookies()).hasSize(1);
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
        assertThat(thief.get("/read").body()).isEqualTo("name null");
    }

    @Test
    void theIdIsKnownAfterTheRequest() throws Exception {
        List<HttpSession> sessions = new CopyOnWriteArrayList<>();
        List<String> ids = new CopyOnWriteArrayList<>();
        WebClient client = client(Map.of(
                "/in",
                (request, response) -> {
                    sessions.add(request.getSession());
                    request.changeSessionId();
                    ids.add(request.getSession().getId());
                },
                "/out",
                (request, response) -> {
                    sessions.add(request.getSession());
                    ids.add(request.getSession().getId());
                    request.getSession().invalidate();
                }));

        client.get("/in");
        client.get("/out");

        assertThat(sessions).extracting(HttpSession::getId).isEqualTo(ids).hasSize(2);
    }

    @Test
    void thereIsNoNewIdWithoutASession() throws Exception {
        run(
                Map.of(
                        "/change",
                        (request, response) ->
                                assertThatThrownBy(request::changeSessionId).isInstanceOf(IllegalStateException.class)),
                "/change");
    }

    @Test
    void aNewSessionAfterTheHeaderIsRefused() throws Exception {
        run(
                Map.of("/late", (request, response) -> {
                    response.flushBuffer();
                    assertThat(request.getSession(false)).isNull();
                    try {
                        request.getSession();
                        response.getWriter().write("made");
                    } catch (IllegalStateException late) {
                        assertThat(late).hasMessageContaining("getSession");
                    }
                }),
                "/late");
        assertThat(store.counts().total()).isZero();
    }

    @Test
    void whatCannotBeStoredIsRefusedWhereItIsSet() throws Exception {
        run(
                Map.of("/in", (request, response) -> {
                    HttpSession session = request.getSession();
                    assertThatThrownBy(() -> session.setAttribute("thing", new Object()))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("'thing'")
                            .hasMessageContaining("java.lang.Object");
                    assertThat(session.getAttribute("thing")).isNull();
                }),
                "/in");
    }

    // What is written, and what is not

    private WebClient counted(Map<String, Page> pages, String... first) throws Exception {
        WebClient client = client(pages);
        for (String path : first) {
            assertThat(client.get(path).status()).as(path).isEqualTo(200);
        }
        store.reset();
        return client;
    }

    @Test
    void aValueThatIsChangedInPlaceIsStored() throws Exception {
        WebClient client = counted(
                Map.of(
                        "/in",
                        (request, response) ->
                                request.getSession().setAttribute("names", new ArrayList<>(List.of("Ann"))),
                        "/add",
                        (request, response) -> {
                            @SuppressWarnings("unchecked")
                            List<String> names =
                                    (List<String>) request.getSession().getAttribute("names");
                            names.add("Bea");
                        },
                        "/read",
                        (request, response) -> response.getWriter()
                                .write("" + request.getSession().getAttribute("names"))),
                "/in",
                "/add");

        assertThat(client.get("/read").body()).isEqualTo("[Ann, Bea]");
        assertThat(client.get("/read").body()).isEqualTo("[Ann, Bea]");
        assertThat(store.counts()).hasToString("load 2");
    }

    @Test
    void whatComesToNothingIsNotWritten() throws Exception {
        Page same = (request, response) -> {
            HttpSession session = request.getSession();
            session.setAttribute("name", new String("Ann"));
            session.setAttribute("number", 7L);
            session.removeAttribute("number");
            session.setAttribute("other", "x");
            session.setAttribute("other", null);
        };
        WebClient client = counted(Map.of("/in", set("Ann"), "/same", same), "/in");

        assertThat(client.get("/same").status()).isEqualTo(200);
        assertThat(store.counts()).hasToString("load 1");
    }

    @Test
    void moreAttributesThanAreAllowedAreRefusedAndTheOldStateStays() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                set("Ann"),
                "/many",
                (request, response) -> {
                    for (int i = 0; i < 2_000; i++) {
                        request.getSession().setAttribute("number" + i, i);
                    }
                    response.getWriter().write("stored!");
                },
                "/count",
                (request, response) -> response.getWriter()
                        .write("attributes "
                                + Collections.list(request.getSession().getAttributeNames()))));
        client.get("/in");

        WebReply many = client.get("/many");

        assertThat(many.status()).isEqualTo(500);
        assertThat(many.body()).doesNotContain("stored!");
        assertThat(client.get("/count").body()).isEqualTo("attributes [name]");
    }

    @Test
    void aSessionThatIsMadeAfterAnInvalidationHasTheOneCookieOfTheAnswer() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                set("Ann"),
                "/again",
                (request, response) -> {
                    request.getSession().invalidate();
                    response.getWriter().write("x");
                    request.getSession().setAttribute("name", "Bea");
                },
                "/read",
                READ));
        client.get("/in");
        WebClient before = opened(client.copy(client.port()));

        assertThat(client.get("/again").cookies())
                .singleElement()
                .asString()
                .startsWith("SID=")
                .doesNotContain("Max-Age");
        assertThat(client.get("/read").body()).isEqualTo("name Bea");
        assertThat(before.get("/read").body()).isEqualTo("name null");
    }

    @Test
    void twoRequestsAtOnceKeepEachOthersAttributes() throws Exception {
        CountDownLatch worked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        WebClient client = client(Map.of(
                "/in",
                set("Ann"),
                "/slow",
                (request, response) -> {
                    request.getSession().setAttribute("slow", 1);
                    request.getSession().setAttribute("both", "slow");
                    worked.countDown();
                    assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
                },
                "/fast",
                (request, response) -> {
                    request.getSession().setAttribute("fast", 2);
                    request.getSession().setAttribute("both", "fast");
                },
                "/read",
                (request, response) -> {
                    HttpSession session = request.getSession();
                    for (String name : List.of("name", "slow", "fast", "both")) {
                        response.getWriter().write(session.getAttribute(name) + " ");
                    }
                }));
        client.get("/in");

        CompletableFuture<WebReply> slow = sent(opened(client.copy(client.port())), "/slow");
        assertThat(worked.await(30, TimeUnit.SECONDS)).isTrue();
        client.get("/fast");
        go.countDown();

        assertThat(slow.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
        assertThat(client.get("/read").body()).isEqualTo("Ann 1 2 slow ");
    }

    @Test
    void aSlowRequestDoesNotBringAnInvalidatedSessionBack() throws Exception {
        CountDownLatch worked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        WebClient client = client(Map.of(
                "/in",
                set("Ann"),
                "/slow",
                (request, response) -> {
                    request.getSession().setAttribute("name", "Sue");
                    worked.countDown();
                    assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
                },
                "/out",
                (request, response) -> request.getSession().invalidate(),
                "/have",
                (request, response) -> response.getWriter().write("session " + (request.getSession(false) != null))));
        client.get("/in");
        WebClient tab = opened(client.copy(client.port()));

        CompletableFuture<WebReply> slow = sent(tab, "/slow");
        assertThat(worked.await(30, TimeUnit.SECONDS)).isTrue();
        client.get("/out");
        go.countDown();

        assertThat(slow.get(30, TimeUnit.SECONDS).cookies()).isEmpty();
        assertThat(tab.get("/have").body()).isEqualTo("session false");
    }

    private static CompletableFuture<WebReply> sent(WebClient client, String path) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return client.get(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Test
    void whatWasKeptBeyondItsRequestWritesNothing() throws Exception {
        List<HttpSession> kept = new CopyOnWriteArrayList<>();
        WebClient client = client(Map.of(
                "/in",
                (request, response) -> {
                    request.getSession().setAttribute("name", "Ann");
                    kept.add(request.getSession());
                },
                "/late",
                (request, response) -> {
                    HttpSession old = kept.get(0);
                    assertThatThrownBy(() -> old.setAttribute("name", "Bea")).isInstanceOf(IllegalStateException.class);
                    assertThatThrownBy(() -> old.removeAttribute("name")).isInstanceOf(IllegalStateException.class);
                    assertThatThrownBy(old::invalidate).isInstanceOf(IllegalStateException.class);
                    assertThatThrownBy(() -> old.setMaxInactiveInterval(9)).isInstanceOf(IllegalStateException.class);
                },
                "/read",
                READ));
        client.get("/in");

        assertThat(client.get("/late").status()).isEqualTo(200);
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
        assertThat(store.counts().replace()).isZero();
    }

    @Test
    void manyThreadsOfARequestShareItsAttributes() throws Exception {
        run(
                Map.of(
                        "/in",
                        (request, response) -> {
                            HttpSession session = request.getSession();
                            ExecutorService threads = Executors.newFixedThreadPool(32);
                            List<Future<?>> all = new ArrayList<>();
                            for (int i = 0; i < 32; i++) {
                                String name = "thread" + i;
                                all.add(threads.submit(() -> {
                                    for (int n = 0; n < 20; n++) {
                                        session.setAttribute(name, n);
                                        Collections.list(session.getAttributeNames());
                                        assertThat(session.getAttribute(name)).isEqualTo(n);
                                    }
                                }));
                            }
                            for (Future<?> each : all) {
                                each.get(60, TimeUnit.SECONDS);
                            }
                            threads.shutdown();
                        },
                        "/next",
                        (request, response) -> {
                            HttpSession session = request.getSession();
                            for (int i = 0; i < 32; i++) {
                                assertThat(session.getAttribute("thread" + i)).isEqualTo(19);
                            }
                        }),
                "/in",
                "/next");
    }
}
