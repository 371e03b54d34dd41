package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coatcheck.Session;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.StoreVerb;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Sessions through every kind of dispatch and every way in which only servlets answer. */
abstract class DispatchContract extends ServletFixture {
    private static final byte[] TEXT = "text".getBytes(StandardCharsets.US_ASCII);

    DispatchContract(Container container) {
        super(container);
    }

    /** Pages at /begin, each of which makes a session and answers with the status 200, 404 or 500. */
    private static Map<String, Page> ways() {
        Map<String, Page> ways = new LinkedHashMap<>();
        ways.put("forward, set before", (request, response) -> {
            set("Ann").serve(request, response);
            response.getWriter().write("is taken back");
            request.getRequestDispatcher("/text").forward(request, response);
        });
        ways.put(
                "forward, set by the target",
                (request, response) ->
                        request.getRequestDispatcher("/set-and-text").forward(request, response));
        ways.put(
                "forward to a target without a body",
                (request, response) -> request.getRequestDispatcher("/set").forward(request, response));
        ways.put(
                "forward by the context",
                (request, response) ->
                        request.getServletContext().getRequestDispatcher("/set").forward(request, response));
        ways.put("include, set by the target", (request, response) -> {
            request.getRequestDispatcher("/set-and-text").include(request, response);
            response.getOutputStream().write(TEXT);
        });
        ways.put("include by the context, set by the target", (request, response) -> {
            request.getServletContext().getRequestDispatcher("/set-and-text").include(request, response);
            response.getOutputStream().write(TEXT);
        });
        ways.put(
                "include by the context without a body",
                (request, response) ->
                        request.getServletContext().getRequestDispatcher("/set").include(request, response));
        ways.put(
                "include without a body",
                (request, response) -> request.getRequestDispatcher("/set").include(request, response));
        ways.put("include that flushes", (request, response) -> {
            set("Ann").serve(request, response);
            request.getRequestDispatcher("/flush").include(request, response);
        });
        ways.put("error page that reads", (request, response) -> {
            set("Ann").serve(request, response);
            response.sendError(404);
        });
        ways.put("error page that sets", (request, response) -> response.sendError(409));
        ways.put("exception with an error page", (request, response) -> {
            set("Ann").serve(request, response);
            throw new ServletException("the test's own failure");
        });
        ways.put("async, completed by another thread", (request, response) -> {
            AsyncContext async = request.startAsync();
            thread(() -> {
                set("Ann").serve(request, response);
                response.getOutputStream().write(TEXT);
                async.complete();
            });
        });
        ways.put("async, completed without a body", (request, response) -> {
            AsyncContext async = request.startAsync(request, response);
            async.start(() -> {
                Sessions.current(request).set(NAME, "Ann");
                request.getAsyncContext().complete();
            });
        });
        ways.put("async, dispatched", (request, response) -> {
            Sessions.current(request).set(NAME, "Bea");
            AsyncContext async = request.startAsync();
            thread(() -> async.dispatch("/set-and-text"));
        });
        ways.put("async, dispatched at once", (request, response) -> {
            Sessions.current(request).set(NAME, "Ann");
            request.startAsync().dispatch("/text");
        });
        ways.put("async, not blocking", (request, response) -> {
            set("Ann").serve(request, response);
            AsyncContext async = request.startAsync();
            response.getOutputStream().setWriteListener(new Pieces(response.getOutputStream(), async));
        });
        ways.put("async, timed out", (request, response) -> {
            set("Ann").serve(request, response);
            AsyncContext async = request.startAsync();
            async.setTimeout(50);
            async.addListener(new OnTimeout());
        });
        ways.put("reset after a write", (request, response) -> {
            set("Ann").serve(request, response);
            response.setHeader("X-Gone", "1");
            response.getWriter().write("is taken back");
            response.reset();
            response.getOutputStream().write(TEXT);
        });
        ways.put("resetBuffer after a write", (request, response) -> {
            set("Ann").serve(request, response);
            response.getOutputStream().print("is taken back");
            response.resetBuffer();
            response.getOutputStream().print("text");
        });
        ways.put("headers overwritten after a write", (request, response) -> {
            set("Ann").serve(request, response);
            response.getOutputStream().write('t');
            response.setHeader("Set-Cookie", "other=1");
            response.setHeader("Vary", "Accept");
            response.setHeader("Cache-Control", "public");
            response.getOutputStream().write(TEXT, 1, 3);
        });
        ways.put("a small byte buffer", (request, response) -> {
            set("Ann").serve(request, response);
            response.getOutputStream().write(ByteBuffer.wrap(TEXT));
        });
        ways.put("the length by header", (request, response) -> {
            set("Ann").serve(request, response);
            response.setHeader("Content-Length", "4");
            response.getWriter().print("te");
            response.getWriter().print("xt");
        });
        ways.put("the length as a number in a header", (request, response) -> {
            set("Ann").serve(request, response);
            response.setIntHeader("Content-Length", 4);
            response.getOutputStream().write(TEXT);
        });
        ways.put("the length after the body", (request, response) -> {
            set("Ann").serve(request, response);
            response.getOutputStream().write(TEXT);
            response.setContentLength(TEXT.length);
        });
        ways.put("a closed stream", (request, response) -> {
            set("Ann").serve(request, response);
            response.getOutputStream().close();
        });
        ways.put("a closed writer", (request, response) -> {
            set("Ann").serve(request, response);
            response.getWriter().close();
        });
        ways.put("a flushed buffer", (request, response) -> {
            set("Ann").serve(request, response);
            response.flushBuffer();
        });
        ways.put("an error with a message", (request, response) -> {
            set("Ann").serve(request, response);
            response.sendError(404, "not here");
        });
        ways.put("a redirect that keeps its body", (request, response) -> {
            set("Ann").serve(request, response);
            response.getOutputStream().write(TEXT);
            response.sendRedirect("/read", 303, false);
        });
        ways.put("a redirect by status", (request, response) -> {
            set("Ann").serve(request, response);
            response.sendRedirect("/read", 307);
        });
        ways.put("a redirect that clears", (request, response) -> {
            set("Ann").serve(request, response);
            response.sendRedirect("/read", true);
        });
        return ways;
    }

    private Application deployed(Page begin) {
        Application application = application(Map.of(
                "/begin",
                begin,
                "/text",
                (request, response) -> response.getWriter().write("text"),
                "/set",
                set("Ann"),
                "/set-and-text",
                (request, response) -> {
                    set("Ann").serve(request, response);
                    response.getOutputStream().write(TEXT);
                },
                "/flush",
                (request, response) -> response.flushBuffer(),
                "/error",
                (request, response) -> response.getWriter()
                        .write("sorry " + Sessions.current(request).get(NAME)),
                "/error-that-sets",
                set("Ann"),
                "/read",
                READ));
        application.errorPages.put(404, "/error");
        application.errorPages.put(500, "/error");
        application.errorPages.put(409, "/error-that-sets");
        return application;
    }

    @TestFactory
    Stream<DynamicTest> eachDispatchStoresTheSessionAndSendsOneCookie() {
        return ways().entrySet().stream()
                .map(way -> dynamicTest(way.getKey(), () -> {
                    WebClient client = client(deployed(way.getValue()));

                    WebReply reply = client.get("/begin");

                    assertThat(reply.status()).isIn(200, 303, 307, 302, 404, 409, 500);
                    assertThat(reply.cookies().stream().filter(line -> line.startsWith("SID=")))
                            .hasSize(1);
                    assertThat(reply.headers("Vary")).contains("Cookie").doesNotHaveDuplicates();
                    assertThat(reply.headers("Cache-Control"))
                            .contains("no-store")
                            .doesNotHaveDuplicates();
                    assertThat(reply.header("X-Gone")).isNull();
                    assertThat(reply.body()).doesNotContain("taken back");
                    assertThat(client.get("/read").body()).isEqualTo("name Ann");
                }));
    }

    @TestFactory
    Stream<DynamicTest> eachDispatchSendsANewTicketOnceAndTheOldOneNotAgain() {
        return ways().entrySet().stream()
                .map(way -> dynamicTest(way.getKey(), () -> {
                    WebClient client = client(deployed((request, response) -> {
                        if (request.getParameter("signIn") != null) {
                            Sessions.current(request).rotate();
                            Sessions.current(request).login("ann");
                        }
                        way.getValue().serve(request, response);
                    }));
                    client.get("/begin");

                    WebReply again = client.get("/begin");
                    WebReply signedIn = client.get("/begin?signIn=");

                    assertThat(again.cookies()).noneMatch(line -> line.startsWith("SID="));
                    assertThat(signedIn.cookies().stream().filter(line -> line.startsWith("SID=")))
                            .hasSize(1);
                    assertThat(client.get("/read").body()).isEqualTo("name Ann");
                }));
    }

    @TestFactory
    Stream<DynamicTest> twoFiltersMakeOneSessionAndOneCookie() {
        return ways().entrySet().stream()
                .map(way -> dynamicTest(way.getKey(), () -> {
                    Application application = deployed(way.getValue());
                    application.filter(new SessionFilter(manager()));
                    WebClient client = client(application);

                    WebReply reply = client.get("/begin");

                    assertThat(reply.cookies().stream().filter(line -> line.startsWith("SID=")))
                            .hasSize(1);
                    assertThat(client.get("/read").body()).isEqualTo("name Ann");
                }));
    }

    @Test
    void anErrorWithoutAPageOfItsOwnKeepsTheCookieAndIsNotCached() throws Exception {
        WebClient client = client(Map.of("/read", READ, "/begin", (request, response) -> {
            set("Ann").serve(request, response);
            response.sendError(404);
        }));

        WebReply reply = client.get("/begin");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.cookies()).hasSize(1);
        assertThat(String.join(",", reply.headers("Cache-Control"))).contains("no-store");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void anErrorPageSeesTheSessionOfTheRequest() throws Exception {
        WebClient client = client(deployed((request, response) -> {
            set("Ann").serve(request, response);
            response.sendError(404);
        }));

        assertThat(client.get("/begin").body()).isEqualTo("sorry Ann");
        assertThat(store.counts()).hasToString("create 1");
    }

    @Test
    void whatIsChangedAfterAnErrorIsStored() throws Exception {
        Application application = application(Map.of("/in", set("Ann"), "/read", READ, "/late", (request, response) -> {
            Session session = Sessions.current(request);
            session.get(NAME);
            response.sendError(404);
            session.set(NAME, "Bea");
        }));
        WebClient client = client(application);
        client.get("/in");

        assertThat(client.get("/late").status()).isEqualTo(404);
        assertThat(client.get("/read").body()).isEqualTo("name Bea");
    }

    @Test
    void anOutageIsFoundInTheCauseOfAnException() throws Exception {
        WebClient client = client(Map.of("/in", set("Ann"), "/wrapped", (request, response) -> {
            try {
                Sessions.current(request).get(NAME);
            } catch (SessionUnavailableException away) {
                throw new ServletException("the template failed", new IOException(away));
            }
        }));
        client.get("/in");
        faults.always(Fault.FAIL);

        WebReply reply = client.get("/wrapped");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("Retry-After")).isEqualTo("1");
        assertThat(reply.cookies()).isEmpty();
    }

    @Test
    void anOutageAtTheEndOfAnAsynchronousRequestIsA503() throws Exception {
        WebClient client = client(Map.of("/begin", (request, response) -> {
            AsyncContext async = request.startAsync();
            thread(() -> {
                Sessions.current(request).set(NAME, "Ann");
                async.complete();
            });
        }));
        faults.next(StoreVerb.CREATE, Fault.FAIL);

        WebReply reply = client.get("/begin");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("Retry-After")).isEqualTo("1");
        assertThat(reply.cookies()).isEmpty();
    }

    @Test
    void anOutageInAnIncludedPageIsA503() throws Exception {
        WebClient client = client(Map.of("/in", set("Ann"), "/read", READ, "/outer", (request, response) -> {
            response.getWriter().write("outer");
            request.getRequestDispatcher("/read").include(request, response);
        }));
        client.get("/in");
        faults.next(StoreVerb.LOAD, Fault.FAIL);

        WebReply reply = client.get("/outer");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.body()).doesNotContain("outer");
    }

    @Test
    void whatWasRefusedIsNotStoredBehindTheAnswer() throws Exception {
        WebClient client = client(Map.of("/in", set("Ann"), "/read", READ, "/set", (request, response) -> {
            Sessions.current(request).set(NAME, "Bea");
            throw new SessionUnavailableException("something else is away", null);
        }));
        client.get("/in");

        assertThat(client.get("/set").status()).isEqualTo(503);
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void anAsynchronousRequestEndsItsSessionOnce() throws Exception {
        AtomicReference<Session> session = new AtomicReference<>();
        AtomicInteger completed = new AtomicInteger();
        WebClient client = client(Map.of("/begin", (request, response) -> {
            set("Ann").serve(request, response);
            session.set(Sessions.current(request));
            AsyncContext async = request.startAsync();
            async.addListener(new OnTimeout() {
                @Override
                public void onComplete(AsyncEvent event) {
                    completed.incrementAndGet();
                }
            });
            thread(async::complete);
        }));

        client.get("/begin");

        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            try {
                return session.get().id() == null;
            } catch (IllegalStateException over) {
                return true;
            }
        });
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> completed.get() == 1);
        assertThat(store.counts()).hasToString("create 1");
    }

    @Test
    void anAnswerThatIsClosedTwiceIsSavedOnce() throws Exception {
        WebClient client = client(Map.of("/read", READ, "/begin", (request, response) -> {
            set("Ann").serve(request, response);
            response.getOutputStream().write(TEXT);
            response.getOutputStream().close();
            response.getOutputStream().close();
            response.flushBuffer();
        }));

        WebReply reply = client.get("/begin");

        assertThat(reply.cookies()).hasSize(1);
        assertThat(reply.body()).isEqualTo("text");
        assertThat(store.counts()).hasToString("create 1");
    }

    @Test
    void aStreamOfEventsThatReadAtItsStartUndoesNothingAndWritesNothing() throws Exception {
        CountDownLatch changed = new CountDownLatch(1);
        WebClient client = client(Map.of(
                "/in", set("Ann"), "/change", set("Bea"), "/read", READ, "/events", (request, response) -> {
                    AsyncContext async = request.startAsync();
                    thread(() -> {
                        response.setContentType("text/event-stream");
                        String name = Sessions.current(request).get(NAME);
                        response.getOutputStream().print("data: " + name + "\n\n");
                        response.flushBuffer();
                        assertThat(changed.await(30, TimeUnit.SECONDS)).isTrue();
                        response.getOutputStream().print("data: end\n\n");
                        async.complete();
                    });
                }));
        client.get("/in");
        WebClient stream = opened(client.copy(client.port()));

        WebReply begun = stream.begin("GET", "/events");
        client.get("/change");
        store.reset();
        changed.countDown();

        assertThat(stream.finish(begun).body()).isEqualTo("data: Ann\n\ndata: end\n\n");
        assertThat(store.counts().total()).isZero();
        assertThat(client.get("/read").body()).isEqualTo("name Bea");
    }

    @Test
    void aClientThatHangsUpOnAnAsynchronousAnswerLosesNoChange() throws Exception {
        CountDownLatch hungUp = new CountDownLatch(1);
        WebClient client = client(Map.of("/in", set("Ann"), "/read", READ, "/stream", (request, response) -> {
            AsyncContext async = request.startAsync();
            thread(() -> {
                Session session = Sessions.current(request);
                session.get(NAME);
                response.getOutputStream().print("begun");
                response.flushBuffer();
                assertThat(hungUp.await(30, TimeUnit.SECONDS)).isTrue();
                session.set(NAME, "Bea");
                try {
                    for (int i = 0; i < 1_000; i++) {
                        response.getOutputStream().write(new byte[1_000]);
                    }
                    async.complete();
                } catch (IOException clientIsGone) {
                    completeUnlessCompleted(async);
                }
            });
        }));
        client.get("/in");
        WebClient other = opened(client.copy(client.port()));

        client.begin("GET", "/stream");
        client.close();
        hungUp.countDown();

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> other.get("/read").body().equals("name Bea"));
    }

    @Test
    void anInterimAnswerHasNoCookieAndTheFinalOneHasIt() throws Exception {
        int port = opened(container.start(application(Map.of("/in", (request, response) -> {
                    set("Ann").serve(request, response);
                    byte[] body = request.getInputStream().readAllBytes();
                    response.getOutputStream().write(body);
                }))))
                .port();
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoTimeout(30_000);
            String header = String.join(
                    "\r\n",
                    "POST /in HTTP/1.1",
                    "Host: localhost",
                    "Expect: 100-continue",
                    "Content-Length: 4",
                    "Connection: close",
                    "",
                    "");
            socket.getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));
            StringBuilder interim = new StringBuilder();
            while (interim.indexOf("\r\n\r\n") < 0) {
                interim.append((char) socket.getInputStream().read());
            }
            socket.getOutputStream().write(TEXT);
            String last = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

            assertThat(interim).startsWith("HTTP/1.1 100").doesNotContain("Set-Cookie");
            assertThat(last).startsWith("HTTP/1.1 200").endsWith("text").containsOnlyOnce("Set-Cookie: SID=");
        }
    }

    @Test
    void httpsGetsTheCookieThatNoNeighbourCanSet() throws Exception {
        Application application = application(Map.of("/in", set("Ann"), "/read", READ));
        application.tls = true;
        int port = opened(container.start(application)).port();
        WebClient client =
                opened(new WebClient(port, Localhost.CERTIFICATE.trusting().getSocketFactory()));

        WebReply reply = client.get("/in");

        assertThat(reply.cookies()).hasSize(1);
        assertThat(reply.cookies().get(0))
                .startsWith("__Host-SID=")
                .contains("Secure", "HttpOnly", "SameSite=Lax", "Path=/")
                .doesNotContain("Domain", "Max-Age", "Expires");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");

        String ticket = client.jar().remove("__Host-SID");
        client.jar().put("SID", ticket);
        assertThat(client.get("/read").body()).isEqualTo("name null");
    }

    @Test
    void theFilterSaysWhereItIsMissing() throws Exception {
        Application application = new Application().servlet("/page", (request, response) -> {
            try {
                Sessions.current(request);
            } catch (IllegalStateException missing) {
                response.getWriter().write(String.valueOf(missing.getMessage()));
            }
        });
        WebClient client = client(application);

        assertThat(client.get("/page").body()).contains("SessionFilter", "REQUEST");
    }

    /** After a failed write Tomcat does it by itself. */
    private static void completeUnlessCompleted(AsyncContext async) {
        try {
            async.complete();
        } catch (IllegalStateException completed) {
            assertThat(completed.getMessage()).matches(".*(complete|after an error had occurred).*");
        }
    }

    /** Runs on a thread of its own; what it throws fails the answer that the client waits for. */
    private static void thread(Work work) {
        new Thread(() -> {
                    try {
                        work.run();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                })
                .start();
    }

    private interface Work {
        void run() throws Exception;
    }

    /** Writes 300 pieces whenever the client takes one. */
    private static final class Pieces implements WriteListener {
        private final ServletOutputStream out;
        private final AsyncContext async;
        private int left = 300;

        Pieces(ServletOutputStream out, AsyncContext async) {
            this.out = out;
            this.async = async;
        }

        @Override
        public void onWritePossible() throws IOException {
            while (left > 0 && out.isReady()) {
                left--;
                out.write(new byte[1_000]);
            }
            if (left == 0 && out.isReady()) {
                left--;
                async.complete();
            }
        }

        @Override
        public void onError(Throwable failure) {
            async.complete();
        }
    }

    private static class OnTimeout implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {}

        @Override
        public void onTimeout(AsyncEvent event) {
            ((HttpServletRequest) event.getSuppliedRequest()).getAsyncContext().complete();
        }

        @Override
        public void onError(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }
}
