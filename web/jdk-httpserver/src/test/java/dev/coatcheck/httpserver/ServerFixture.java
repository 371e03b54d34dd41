package dev.coatcheck.httpserver;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.slf4j.LoggerFactory;

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

    /** What the filter writes to the log from now on. */
    final List<ILoggingEvent> log() {
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.list = new CopyOnWriteArrayList<>();
        appender.start();
        Logger logger = (Logger) LoggerFactory.getLogger("dev.coatcheck.httpserver.SessionFilter");
        logger.addAppender(appender);
        opened(() -> logger.detachAppender(appender));
        return appender.list;
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
