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

/** {@code HttpSession.getAccessor} from a WebSocket, once its handshake is over. */
abstract class SocketAccessorContract extends ServletFixture {
    SocketAccessorContract(Container container) {
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
            store.reset();
            socket.sendText("good morning", true).get(30, TimeUnit.SECONDS);
            awaitText(received, "Ann said good morning");
            assertThat(store.counts()).hasToString("load 1, replace 1");
            assertThat(client.get("/read").body()).isEqualTo("Ann said good morning");

            client.get("/out");
            socket.sendText("anybody there", true).get(30, TimeUnit.SECONDS);
            awaitText(received, "no session");
        } finally {
            received.close(socket);
        }
    }

    private static void awaitText(Received received, String text) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> received.all.contains(text));
    }

    /** Keeps an accessor of the session that came with the handshake. */
    private static final class Greeting extends ServerEndpointConfig.Configurator {
        @Override
        public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
            config.getUserProperties().put("accessor", ((HttpSession) request.getHttpSession()).getAccessor());
        }

        @Override
        public <T> T getEndpointInstance(Class<T> type) {
            return type.cast(new Chat());
        }
    }

    /** Notes in the session what was said. */
    public static final class Chat extends Endpoint {
        @Override
        public void onOpen(Session socket, EndpointConfig config) {
            HttpSession.Accessor accessor =
                    (HttpSession.Accessor) config.getUserProperties().get("accessor");
            socket.addMessageHandler(String.class, text -> {
                try {
                    socket.getBasicRemote().sendText(noted(accessor, text));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
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
    }
}
