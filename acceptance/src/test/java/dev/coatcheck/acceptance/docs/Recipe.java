package dev.coatcheck.acceptance.docs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.httpserver.SessionFilter;
import dev.coatcheck.httpserver.Sessions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executors;

public class Recipe {
    public static void main(String[] args) throws IOException {
        serve(SessionManager.configured().idleTimeout(Duration.ofMinutes(20)).build(), 8080); // timeout=1200
    }

    static HttpServer serve(SessionManager sessions, int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("localhost", port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", Recipe::handle).getFilters().add(new SessionFilter(sessions));
        server.start();
        return server;
    }

    static void handle(HttpExchange exchange) throws IOException {
        Session session = Sessions.current(exchange);
        String name = exchange.getRequestURI().getPath().substring(1);
        String text = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        byte[] answer = (answer(session, exchange.getRequestMethod(), name, text) + "\n").getBytes(UTF_8);
        exchange.sendResponseHeaders(200, answer.length); // the session is stored before this sends a byte
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    static String answer(Session session, String method, String name, String text) {
        if (name.isEmpty()) {
            if (method.equals("DELETE")) session.logout(); // destroys the session, for good
            return session.keys().toString();
        }
        SessionKey<String> item = SessionKey.of(name, String.class);
        if (method.equals("PUT")) session.set(item, text);
        if (method.equals("DELETE")) session.remove(item);
        return session.has(item) ? session.get(item) : "nothing";
    }
}
