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
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
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
            return received.text.get(30, TimeUnit.SECONDS);
        } finally {
            received.close(socket);
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
    void aSessionOfAHandshakeKnowsItsIdAfterwardsAndNothingElse() throws Exception {
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
            // The request of the handshake may still be ending when the first message is here.
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                socket.sendText("well?", true).get(30, TimeUnit.SECONDS);
                return received.all.contains("id true, over");
            });
        } finally {
            received.close(socket);
        }
    }

    /** Notes whose session came with the handshake. */
    private static final class Greeting extends ServerEndpointConfig.Configurator {
        @Override
        public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
            HttpSession session = (HttpSession) request.getHttpSession();
            config.getUserProperties().put("name", session == null ? "nobody" : session.getAttribute("name"));
            if (session != null) {
                config.getUserProperties().put("session", session);
                config.getUserProperties().put("id", session.getId());
            }
        }

        @Override
        public <T> T getEndpointInstance(Class<T> type) {
            return type.cast(new Chat());
        }
    }

    /** Greets. */
    public static final class Chat extends Endpoint {
        @Override
        public void onOpen(Session session, EndpointConfig config) {
            try {
                if (config.getUserProperties().get("session") instanceof HttpSession kept) {
                    Object id = config.getUserProperties().get("id");
                    session.addMessageHandler(String.class, asked -> answer(session, kept, id));
                }
                session.getBasicRemote()
                        .sendText("hello " + config.getUserProperties().get("name"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void answer(Session socket, HttpSession kept, Object id) {
        String answer = "id " + kept.getId().equals(id);
        try {
            answer += ", name " + kept.getAttribute("name");
        } catch (IllegalStateException over) {
            answer += ", over";
        }
        try {
            socket.getBasicRemote().sendText(answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
