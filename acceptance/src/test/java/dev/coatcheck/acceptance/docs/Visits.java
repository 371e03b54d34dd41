package dev.coatcheck.acceptance.docs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coatcheck.SessionKey;
import dev.coatcheck.httpserver.SessionFilter;
import dev.coatcheck.httpserver.Sessions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

public class Visits {
    static final SessionKey<Integer> VISITS = SessionKey.of("visits", Integer.class);

    public static void main(String[] args) throws IOException {
        serve(new SessionFilter(), 8080); // settings from the environment: COATCHECK_STORE, COATCHECK_KEYS
    }

    static HttpServer serve(SessionFilter filter, int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("localhost", port), 0);
        server.setExecutor(Executors.newFixedThreadPool(50)); // else one request at a time
        server.createContext("/", Visits::count).getFilters().add(filter);
        server.start();
        return server;
    }

    static void count(HttpExchange exchange) throws IOException {
        int visits = Sessions.current(exchange).update(VISITS, 0, n -> n + 1);
        byte[] text = ("Visit number " + visits + "\n").getBytes(UTF_8);
        exchange.sendResponseHeaders(200, text.length); // the session is stored before this sends a byte
        exchange.getResponseBody().write(text);
        exchange.close();
    }
}
