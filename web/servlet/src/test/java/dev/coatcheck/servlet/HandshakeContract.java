package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.WebClient;
import jakarta.servlet.http.HttpSession;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** WebSocket handshakes behind the filter. */
abstract class HandshakeContract extends ServletFixture {
    HandshakeContract(Container container) {
        super(container);
    }

    private int start() throws Exception {
        Application application = application(Map.of(
                "/in",
                set("Ann"),
                "/read",
                (request, response) -> response.getWriter()
                        .write(request.getSession().getAttribute("name") + " said "
                                + request.getSession().getAttribute("said")),
                "/out",
                (request, response) -> request.getSession().invalidate(),
                // Tomcat runs filters only where some servlet would answer.
                "/",
                (request, response) -> response.sendError(404)));
        application.endpoints.add(ServerEndpointConfig.Builder.create(Chat.class, "/chat")
                .configurator(new Greeting())
                .build());
        return opened(container.start(application)).port();
    }

    private static String greeting(int port, String... cookie) throws Exception {
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        for (String each : cookie) {
            builder.header("Cookie", each);
        }
        Received received = new Received();
        WebSocket socket = builder.buildAsync(URI.create("ws://localhost:" + port + "/chat"), received)
                .get(30, TimeUnit.SECONDS);
        try {
            return received.texts.poll(30, TimeUnit.SECONDS);
        } finally {
            socket.abort();
        }
    }

    @Test
    void aHandshakeHasTheSession() throws Exception {
        int port = start();
        WebClient client = opened(new WebClient(port));
        client.get("/in");

        assertThat(greeting(port, "SID=" + client.jar().get("SID"))).isEqualTo("hello Ann");
    }

    @Test
    void aHandshakeWithoutATicketHasNoSession() throws Exception {
        assertThat(greeting(start())).isEqualTo("hello nobody");
        assertThat(store.counts().total()).isZero();
    }

    @Test
    void aMessageReachesTheSessionOfItsHandshake() throws Exception {
        int port = start();
        WebClient client = opened(new WebClient(port));
        client.get("/in");
        Received received = new Received();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("Cookie", "SID=" + client.jar().get("SID"))
                .buildAsync(URI.create("ws://localhost:" + port + "/chat"), received)
                .get(30, TimeUnit.SECONDS);
        try {
            assertThat(received.texts.poll(30, TimeUnit.SECONDS)).isEqualTo("hello Ann");
            store.reset();
            socket.sendText("good morning", true).get(30, TimeUnit.SECONDS);
            assertThat(received.texts.poll(30, TimeUnit.SECONDS)).isEqualTo("Ann said good morning");
            assertThat(store.counts()).hasToString("load 1, replace 1");
            assertThat(client.get("/read").body()).isEqualTo("Ann said good morning");

            client.get("/out");
            socket.sendText("anybody there", true).get(30, TimeUnit.SECONDS);
            assertThat(received.texts.poll(30, TimeUnit.SECONDS)).isEqualTo("no session");
        } finally {
            socket.abort();
        }
    }

    /** Notes whose session came with the handshake. */
    private static final class Greeting extends ServerEndpointConfig.Configurator {
        @Override
        public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
            HttpSession session = (HttpSession) request.getHttpSession();
            config.getUserProperties().put("name", session == null ? "nobody" : session.getAttribute("name"));
            if (session != null) {
                config.getUserProperties().put("accessor", session.getAccessor());
            }
        }

        @Override
        public <T> T getEndpointInstance(Class<T> type) {
            return type.cast(new Chat());
        }
    }

    /** Greets, and notes in the session what is said. */
    public static final class Chat extends Endpoint {
        @Override
        public void onOpen(Session session, EndpointConfig config) {
            say(session, "hello " + config.getUserProperties().get("name"));
            if (config.getUserProperties().get("accessor") instanceof HttpSession.Accessor accessor) {
                session.addMessageHandler(String.class, text -> say(session, noted(accessor, text)));
            }
        }

        private static String noted(HttpSession.Accessor accessor, String text) {
            StringBuilder answer = new StringBuilder();
            try {
                accessor.access(known -> {
                    known.setAttribute("said", text);
                    answer.append(known.getAttribute("name")).append(" said ").append(text);
                });
            } catch (IllegalStateException ended) {
                return "no session";
            }
            return answer.toString();
        }

        private static void say(Session session, String text) {
            try {
                session.getBasicRemote().sendText(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Received implements WebSocket.Listener {
        final BlockingQueue<String> texts = new LinkedBlockingQueue<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            texts.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable failure) {
            texts.add("failed: " + failure);
        }
    }
}
