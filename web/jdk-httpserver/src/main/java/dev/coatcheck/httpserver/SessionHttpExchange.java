package dev.coatcheck.httpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The exchange that handlers get: the server's own, with a session that is saved ahead of the header. */
final class SessionHttpExchange extends HttpExchange {
    private final HttpExchange inner;
    private final Visit visit;
    private volatile @Nullable AnswerBody body;

    SessionHttpExchange(HttpExchange inner, Visit visit) {
        this.inner = inner;
        this.visit = visit;
    }

    @Override
    public Headers getRequestHeaders() {
        return inner.getRequestHeaders();
    }

    @Override
    public Headers getResponseHeaders() {
        return inner.getResponseHeaders();
    }

    @Override
    public URI getRequestURI() {
        return inner.getRequestURI();
    }

    @Override
    public String getRequestMethod() {
        return inner.getRequestMethod();
    }

    @Override
    public HttpContext getHttpContext() {
        return inner.getHttpContext();
    }

    @Override
    public void close() {
        visit.close();
    }

    @Override
    public InputStream getRequestBody() {
        return inner.getRequestBody();
    }

    @Override
    public OutputStream getResponseBody() {
        OutputStream out = inner.getResponseBody();
        AnswerBody known = body;
        if (known == null || !known.isOver(out)) {
            known = new AnswerBody(out, visit);
            body = known;
        }
        return known;
    }

    @Override
    public void sendResponseHeaders(int status, long length) throws IOException {
        visit.sendHeader(status, length);
    }

    @Override
    public InetSocketAddress getRemoteAddress() {
        return inner.getRemoteAddress();
    }

    @Override
    public int getResponseCode() {
        return inner.getResponseCode();
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return inner.getLocalAddress();
    }

    @Override
    public String getProtocol() {
        return inner.getProtocol();
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return name.equals(Visit.ATTRIBUTE) ? visit : inner.getAttribute(name);
    }

    @Override
    public void setAttribute(String name, @Nullable Object value) {
        inner.setAttribute(name, value);
    }

    @Override
    public void setStreams(@Nullable InputStream in, @Nullable OutputStream out) {
        inner.setStreams(in, out);
    }

    @Override
    public @Nullable HttpPrincipal getPrincipal() {
        return inner.getPrincipal();
    }
}
