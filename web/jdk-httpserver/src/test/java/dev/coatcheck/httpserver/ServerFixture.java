package dev.coatcheck.httpserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.CountingStore;
import dev.coatcheck.test.FaultyStore;
import dev.coatcheck.test.WebClient;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** A server with the filter, a store that is counted, and clients; all closed after each test. */
abstract class ServerFixture {
    static final SessionKey<String> NAME = SessionKey.of("name", String.class);

    static final HttpHandler IN = exchange -> {
        Sessions.current(exchange).set(NAME, "Ann");
        answer(exchange, "in");
    };
    static final HttpHandler READ =
            exchange -> answer(exchange, "name " + Sessions.current(exchange).get(NAME));

    final FaultyStore faults = new FaultyStore(new EmbeddedSessionStore());
    final CountingStore store = new CountingStore(faults);
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
        store.close();
    }

    final <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    final SessionManager manager() {
        return opened(SessionManager.builder().store(store).build());
    }

    final SessionFilter filter() {
        return new SessionFilter(manager());
    }

    final WebClient client(JdkServer server) {
        return opened(new WebClient(opened(server).port()));
    }

    final WebClient client(Map<String, HttpHandler> handlers) throws IOException {
        return client(JdkServer.plain().started(filter(), handlers));
    }

    /** As most handlers answer: the header with the length, the body, the end. */
    static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.US_ASCII);
        exchange.sendResponseHeaders(200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
