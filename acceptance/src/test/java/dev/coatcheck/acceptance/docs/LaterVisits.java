package dev.coatcheck.acceptance.docs;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** A handler that leaves its answer to another thread. */
final class LaterVisits {
    private LaterVisits() {}

    static void later(HttpExchange exchange) {
        Thread worker = new Thread(() -> {
            try {
                Visits.count(exchange);
            } catch (IOException clientIsGone) {
                System.getLogger("visits").log(System.Logger.Level.DEBUG, clientIsGone);
            } finally {
                exchange.close(); // ends the request, and with it the session's use
            }
        });
        worker.start();
    }
}
