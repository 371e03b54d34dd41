package dev.coatcheck.httpserver;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import dev.coatcheck.Session;
import dev.coatcheck.SessionException;
import dev.coatcheck.SessionManager;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its session. It has two ends, which come in any order and on any threads: the handler returns, and the
 * answer is over. The session ends with the second of them.
 */
final class Visit {
    private static final Logger LOG = LoggerFactory.getLogger(SessionFilter.class);

    /**
     * The name under which our exchange shows its visit. It never becomes an attribute of the server's exchange, whose
     * attributes all requests of a context share.
     */
    static final String ATTRIBUTE = "dev.coatcheck.httpserver.visit";

    private final HttpExchange inner;
    private final SessionManager manager;
    private final ServerExchange exchange;
    /** The server's own body, which later filters may replace. */
    private final OutputStream body;
    /** The header that filters ahead of ours have made. */
    private final Headers headerBefore = new Headers();

    private final Thread handlers = Thread.currentThread();

    private final AtomicBoolean finished = new AtomicBoolean();
    /** The header is out. */
    private volatile boolean sent;
    /** What is out is our own 503 or 409. */
    private volatile boolean refused;
    /** The handler has returned. */
    private volatile boolean returned;
    /** The answer is over. */
    private volatile boolean over;

    private volatile boolean closeWanted;

    /** Begins with the server's exchange, on the thread that will run the handler. */
    Visit(HttpExchange inner, SessionManager manager) {
        this.inner = inner;
        this.manager = manager;
        exchange = new ServerExchange(inner, this);
        body = inner.getResponseBody();
        inner.getResponseHeaders().forEach((name, values) -> values.forEach(value -> headerBefore.add(name, value)));
        sent = inner.getResponseCode() >= 0;
    }

    /** The visit of an exchange; null when no filter of ours is in front. */
    static @Nullable Visit of(HttpExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE) instanceof Visit visit ? visit : null;
    }

    boolean isOf(SessionManager asked) {
        return manager.equals(asked);
    }

    Session session() {
        return manager.current(exchange);
    }

    boolean isSent() {
        return sent;
    }

    /** Runs the rest of the chain. */
    void pass(Filter.Chain chain) throws IOException {
        try {
            chain.doFilter(
                    inner instanceof HttpsExchange secure
                            ? new SessionHttpsExchange(secure, this)
                            : new SessionHttpExchange(inner, this));
        } catch (IOException | RuntimeException | Error failure) {
            over = true;
            if (!refuse(failure)) {
                failed(failure);
                throw failure;
            }
        } finally {
            returned = true;
            if (closeWanted && !sent) {
                inner.close();
            }
            finishIfDone();
        }
    }

    /** Saves the session ahead of the header, and sends both. */
    void sendHeader(int status, long length) throws IOException {
        if (!sent) {
            try {
                manager.commit(exchange);
            } catch (SessionException failure) {
                // On another thread nobody catches what it throws, and the client would wait for ever.
                if ((returned || !Thread.currentThread().equals(handlers)) && refuse(failure)) {
                    ended();
                }
                throw failure;
            }
            exchange.writeHeader();
        }
        inner.sendResponseHeaders(status, length);
        sent = true;
        if (length < 0 || hasNoBody(status)) {
            ended();
        }
    }

    private boolean hasNoBody(int status) {
        return status < 200 || status == 204 || status == 304 || isHead();
    }

    private boolean isHead() {
        return inner.getRequestMethod().equals("HEAD");
    }

    /** To be called when the answer is over. */
    void ended() {
        over = true;
        finishIfDone();
    }

    /**
     * Closes the exchange. Before the header that is put off until the handler has returned: it may be on its way out with an
     * exception, which will be answered.
     */
    void close() {
        closeWanted = true;
        try {
            if (sent || returned) {
                inner.close();
            }
        } finally {
            ended();
        }
    }

    private void finishIfDone() {
        if (returned && over && finished.compareAndSet(false, true)) {
            try {
                manager.finish(exchange);
            } catch (SessionException failure) {
                LOG.warn("A session was changed after its response had begun, and could not be saved", failure);
            }
        }
    }

    /** Answers a store that is away, or a lost conflict, as long as nothing went out. */
    private boolean refuse(Throwable failure) {
        Refusal refusal = Refusal.of(failure);
        if (refusal == null || sent) {
            return refusal != null && refused;
        }
        refused = true;
        // The client is told to try again, so nothing of this try may be stored behind the answer.
        session().discard();
        try {
            answer(refusal);
        } catch (IOException clientIsGone) {
            LOG.debug("A client was gone before it could be told to try again");
        }
        return true;
    }

    /** Saves what the handler did before it failed, and answers, if that is still possible; the failure goes first. */
    private void failed(Throwable failure) {
        if (sent) {
            return;
        }
        try {
            manager.commit(exchange);
        } catch (RuntimeException second) {
            if (!second.equals(failure)) {
                failure.addSuppressed(second);
            }
        }
        try {
            answer(Refusal.FAILURE);
        } catch (IOException | RuntimeException unanswered) {
            failure.addSuppressed(unanswered);
        }
    }

    private void answer(Refusal refusal) throws IOException {
        Headers header = inner.getResponseHeaders();
        header.clear();
        header.putAll(headerBefore);
        exchange.writeHeader();
        refusal.writeHeader(header);
        sent = true;
        byte[] text = refusal.body();
        inner.sendResponseHeaders(refusal.status(), isHead() ? -1 : text.length);
        if (!isHead()) {
            try (body) {
                body.write(text);
            }
        }
    }
}
