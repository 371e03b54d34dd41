package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Sessions that are used where the container calls back, in the application's own wrappers, late, and beside a body. */
abstract class CallbackContract extends ServletFixture {
    private final List<String> log = new CopyOnWriteArrayList<>();

    CallbackContract(Container container) {
        super(container);
    }

    private static String name(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session == null ? "nobody" : "" + session.getAttribute("name");
    }

    private static void name(HttpServletRequest request, String name) {
        request.getSession().setAttribute("name", name);
    }

    private static void eventually(WebClient client, String body) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(client.get("/read").body()).isEqualTo(body));
    }

    /** Sends a body, with the cookies of a client. */
    private static HttpResponse<String> post(WebClient client, String path, String type, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + client.port() + path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", type)
                .header("Cookie", "SID=" + client.jar().get("SID"))
                .POST(BodyPublishers.ofString(body))
                .build();
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(request, BodyHandlers.ofString());
    }

    // What the container calls back

    @Test
    void aWriteListenerMakesTheSessionAndChangesItLate() throws Exception {
        WebClient client = client(Map.of("/read", READ, "/begin", (request, response) -> {
            AsyncContext async = request.startAsync();
            response.getOutputStream().setWriteListener(new Steps(request, response.getOutputStream(), async));
        }));

        WebReply reply = client.get("/begin");

        assertThat(reply.body()).isEqualTo("begun");
        assertThat(reply.cookies()).hasSize(1);
        eventually(client, "name Ann and Bea");
    }

    /** Makes a session, writes, flushes, and changes the session. */
    private record Steps(HttpServletRequest request, ServletOutputStream out, AsyncContext async, List<Integer> done)
            implements WriteListener {
        Steps(HttpServletRequest request, ServletOutputStream out, AsyncContext async) {
            this(request, out, async, new CopyOnWriteArrayList<>());
        }

        @Override
        public void onWritePossible() throws IOException {
            while (done.size() < 3 && out.isReady()) {
                done.add(done.size());
                switch (done.size()) {
                    case 1 -> {
                        name(request, "Ann");
                        out.print("begun");
                    }
                    case 2 -> out.flush();
                    default -> {
                        name(request, name(request) + " and Bea");
                        async.complete();
                    }
                }
            }
        }

        @Override
        public void onError(Throwable failure) {
            async.complete();
        }
    }

    @Test
    void aReadListenerHasTheSession() throws Exception {
        WebClient client = client(Map.of("/in", set("Ann"), "/read", READ, "/begin", (request, response) -> {
            AsyncContext async = request.startAsync();
            ServletInputStream in = request.getInputStream();
            in.setReadListener(new ReadListener() {
                @Override
                public void onDataAvailable() throws IOException {
                    while (in.isReady() && !in.isFinished()) {
                        int sent = in.read();
                        if (sent >= 0) {
                            log.add(name(request) + " sent " + (char) sent);
                        }
                    }
                }

                @Override
                public void onAllDataRead() {
                    name(request, "Bea");
                    async.complete();
                }

                @Override
                public void onError(Throwable failure) {
                    async.complete();
                }
            });
        }));
        client.get("/in");

        assertThat(post(client, "/begin", "text/plain", "x").statusCode()).isEqualTo(200);

        assertThat(log).containsExactly("Ann sent x");
        assertThat(client.get("/read").body()).isEqualTo("name Bea");
    }

    /** Listeners are called in the order in which they came, and the session is there for all of them. */
    @TestFactory
    Stream<DynamicTest> anAsyncListenerReadsAndChangesTheSessionAtTheEnd() {
        Map<String, Page> ends = new LinkedHashMap<>();
        ends.put("completed", (request, response) -> thread(request.getAsyncContext()::complete));
        ends.put("completed, with a body that is out", (request, response) -> {
            response.getWriter().print("body");
            response.flushBuffer();
            thread(request.getAsyncContext()::complete);
        });
        ends.put("dispatched", (request, response) -> request.getAsyncContext().dispatch("/text"));
        ends.put("timed out", (request, response) -> request.getAsyncContext().setTimeout(50));
        return ends.entrySet().stream()
                .map(end -> dynamicTest(end.getKey(), () -> {
                    log.clear();
                    WebClient client = client(Map.of(
                            "/in",
                            set("Ann"),
                            "/read",
                            READ,
                            "/text",
                            (request, response) -> response.getWriter().print("text"),
                            "/begin",
                            (request, response) -> {
                                AsyncContext async = request.startAsync();
                                async.addListener(new Ends("first", request));
                                request.getAsyncContext().addListener(new Ends("second", request));
                                end.getValue().serve(request, response);
                            }));
                    client.get("/in");

                    assertThat(client.get("/begin").status()).isEqualTo(200);

                    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> log.size() == 2);
                    eventually(client, "name Ann, first, second");
                    assertThat(log).containsExactly("first had Ann", "second had Ann, first");
                }));
    }

    /** Adds its name to the session's. */
    private final class Ends implements AsyncListener {
        private final String own;
        private final HttpServletRequest request;

        Ends(String own, HttpServletRequest request) {
            this.own = own;
            this.request = request;
        }

        @Override
        public void onComplete(AsyncEvent event) {
            log.add(own + " had " + name(request));
            name(request, name(request) + ", " + own);
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            if (own.equals("first")) {
                request.getAsyncContext().complete();
            }
        }

        @Override
        public void onError(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }

    private static void thread(Runnable work) {
        new Thread(work).start();
    }

    // The application's own wrappers

    /** Whatever a page does first makes the session, in a wrapper of the response that the application puts around ours. */
    @TestFactory
    Stream<DynamicTest> aResponseWrapperMakesTheSessionAheadOfTheFirstByte() {
        Map<String, Page> pages = new LinkedHashMap<>();
        pages.put("flushBuffer", (request, response) -> response.flushBuffer());
        pages.put("getWriter", (request, response) -> response.getWriter().print("text"));
        pages.put("sendError", (request, response) -> response.sendError(404));
        pages.put("sendRedirect", (request, response) -> response.sendRedirect("/read"));
        pages.put("setStatus", (request, response) -> response.setStatus(204));
        return pages.entrySet().stream()
                .map(page -> dynamicTest(page.getKey(), () -> {
                    Application application = application(Map.of("/read", READ, "/begin", page.getValue()))
                            .filter((request, response, chain) -> {
                                HttpServletRequest in = (HttpServletRequest) request;
                                chain.doFilter(
                                        in,
                                        in.getServletPath().equals("/begin")
                                                ? new Naming((HttpServletResponse) response, in)
                                                : response);
                            });
                    WebClient client = client(application);

                    assertThat(client.get("/begin").cookies()).hasSize(1);
                    assertThat(client.get("/read").body()).isEqualTo("name Ann");
                }));
    }

    private static final class Naming extends HttpServletResponseWrapper {
        private final HttpServletRequest request;

        Naming(HttpServletResponse response, HttpServletRequest request) {
            super(response);
            this.request = request;
        }

        @Override
        public void flushBuffer() throws IOException {
            name(request, "Ann");
            super.flushBuffer();
        }

        @Override
        public PrintWriter getWriter() throws IOException {
            name(request, "Ann");
            return super.getWriter();
        }

        @Override
        public void sendError(int status) throws IOException {
            name(request, "Ann");
            super.sendError(status);
        }

        @Override
        public void sendRedirect(String location) throws IOException {
            name(request, "Ann");
            super.sendRedirect(location);
        }

        @Override
        public void setStatus(int status) {
            name(request, "Ann");
            super.setStatus(status);
        }
    }

    // Late, and beside a body

    @Test
    void aSessionThatIsFirstTouchedAfterTheHeaderIsReadAndStored() throws Exception {
        WebClient client = client(Map.of("/in", set("Ann"), "/read", READ, "/late", (request, response) -> {
            response.flushBuffer();
            response.getWriter().print("late " + name(request));
            name(request, "Bea");
        }));
        client.get("/in");

        WebReply late = client.get("/late");

        assertThat(late.body()).isEqualTo("late Ann");
        assertThat(late.cookies()).isEmpty();
        eventually(client, "name Bea");
    }

    @Test
    void aSessionThatIsInvalidatedAfterTheHeaderIsOver() throws Exception {
        WebClient client = client(Map.of("/in", set("Ann"), "/read", READ, "/late", (request, response) -> {
            response.flushBuffer();
            request.getSession().invalidate();
            response.getWriter().print("late " + name(request));
        }));
        client.get("/in");

        assertThat(client.get("/late").body()).isEqualTo("late nobody");
        assertThat(client.get("/read").body()).isEqualTo("name null");
    }

    @Test
    void anUploadHasTheSession() throws Exception {
        Application application =
                application(Map.of("/in", set("Ann"), "/read", READ, "/upload", (request, response) -> {
                    String field = request.getParameter("title");
                    byte[] file = request.getPart("file").getInputStream().readAllBytes();
                    response.getWriter().print(name(request) + " sent " + field + ", " + file.length);
                    name(request, field);
                }));
        application.uploads = true;
        WebClient client = client(application);
        client.get("/in");
        String body = "--edge\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nDune\r\n--edge\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\n"
                + "x".repeat(100_000) + "\r\n--edge--\r\n";

        HttpResponse<String> reply = post(client, "/upload", "multipart/form-data; boundary=edge", body);

        assertThat(reply.body()).isEqualTo("Ann sent Dune, 100000");
        assertThat(client.get("/read").body()).isEqualTo("name Dune");
    }
}
