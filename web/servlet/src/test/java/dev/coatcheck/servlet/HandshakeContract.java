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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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

    /** Notes whose session came with the handshake. */
    private static final class Greeting extends ServerEndpointConfig.Configurator {
        @Override
        public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
            HttpSession session = (HttpSession) request.getHttpSession();
            config.getUserProperties().put("name", session == null ? "nobody" : session.getAttribute("name"));
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
                session.getBasicRemote()
                        .sendText("hello " + config.getUserProperties().get("name"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Received implements WebSocket.Listener {
        final CompletableFuture<String> text = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.complete(data.toString());
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable failure) {
            text.completeExceptionally(failure);
        }
    }
}
