package dev.coatcheck.httpserver;

import com.sun.net.httpserver.HttpExchange;
import dev.coatcheck.Session;
import dev.coatcheck.test.WebHandler;
import dev.coatcheck.test.WebPage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The web contract's page over an exchange. The server has no buffer: handlers write their answer first, to know its length,
 * and send header and body then. A large one is sent in chunks.
 */
final class JdkPage implements WebPage {
    private static final int BUFFER = 8_192;
    private static final int CHUNKED = 0;
    private static final int NO_BODY = -1;

    private final HttpExchange exchange;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private int status = 200;
    private long declared = CHUNKED;
    private boolean begun;

    private JdkPage(HttpExchange exchange) {
        this.exchange = exchange;
    }

    /** Runs a handler of the web contract and sends what it has written, as long as it does not fail. */
    static void serve(HttpExchange exchange, WebHandler handler) throws IOException {
        JdkPage page = new JdkPage(exchange);
        try {
            handler.handle(page);
            page.end();
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            exchange.close();
        }
    }

    @Override
    public Session session() {
        return Sessions.current(exchange);
    }

    @Override
    public String parameter(String name) {
        String query = exchange.getRequestURI().getQuery();
        for (String pair : query == null ? new String[0] : query.split("&", -1)) {
            if (pair.startsWith(name + "=")) {
                return pair.substring(name.length() + 1);
            }
        }
        return null;
    }

    @Override
    public void status(int status) {
        this.status = status;
    }

    @Override
    public void header(String name, String value) {
        exchange.getResponseHeaders().add(name, value);
    }

    @Override
    public void contentLength(long bytes) {
        declared = bytes;
    }

    @Override
    public void write(String text) throws IOException {
        waiting.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        boolean whole = declared != CHUNKED && waiting.size() >= declared;
        if (begun || whole || waiting.size() > BUFFER) {
            send();
        }
    }

    @Override
    public void flush() throws IOException {
        send();
        exchange.getResponseBody().flush();
    }

    @Override
    public void redirect(String location) throws IOException {
        header("Location", location);
        status = 303;
        waiting.reset();
        end();
    }

    @Override
    public void error(int status) throws IOException {
        this.status = status;
        waiting.reset();
        waiting.writeBytes("An error\n".getBytes(StandardCharsets.US_ASCII));
        end();
    }

    private boolean hasNoBody() {
        return exchange.getRequestMethod().equals("HEAD") || status == 204 || status == 304;
    }

    private void send() throws IOException {
        if (!begun) {
            begun = true;
            exchange.sendResponseHeaders(status, hasNoBody() ? NO_BODY : declared);
        }
        if (!hasNoBody()) {
            waiting.writeTo(exchange.getResponseBody());
        }
        waiting.reset();
    }

    private void end() throws IOException {
        if (!begun && declared == CHUNKED) {
            declared = waiting.size() == 0 ? NO_BODY : waiting.size();
        }
        if (!begun || waiting.size() > 0) {
            send();
        }
    }
}
