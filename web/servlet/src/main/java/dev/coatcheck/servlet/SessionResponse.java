package dev.coatcheck.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** A response that saves the session before it begins, whichever way it begins, and keeps the session's header lines. */
final class SessionResponse extends HttpServletResponseWrapper {
    private static final String CONTENT_LENGTH = "Content-Length";

    private final Visit visit;
    private final BodyGate gate;
    private @Nullable GatedStream stream;
    private @Nullable PrintWriter writer;

    SessionResponse(HttpServletResponse response, Visit visit) {
        super(response);
        this.visit = visit;
        gate = new BodyGate(response, visit);
    }

    /**
     * Whoever takes the response underneath writes past us, so the session is saved first. Tomcat does so at the end of a
     * forward, after which no header can be added.
     */
    @Override
    public ServletResponse getResponse() {
        visit.commit();
        return super.getResponse();
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        GatedStream known = stream;
        if (known == null) {
            known = new GatedStream(super.getOutputStream(), gate);
            stream = known;
        }
        return known;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        PrintWriter known = writer;
        if (known == null) {
            PrintWriter out = super.getWriter();
            known = new PrintWriter(new GatedWriter(out, gate, Charset.forName(getCharacterEncoding())));
            writer = known;
        }
        return known;
    }

    @Override
    public void flushBuffer() throws IOException {
        gate.before();
        super.flushBuffer();
    }

    @Override
    public void resetBuffer() {
        super.resetBuffer();
        gate.restart();
    }

    /** Takes everything back but what the session needs: the store has it already, so the browser must hear of it. */
    @Override
    public void reset() {
        super.reset();
        gate.reset();
        stream = null;
        writer = null;
        visit.restore();
    }

    @Override
    public void sendError(int status) throws IOException {
        beforeError();
        super.sendError(status);
    }

    @Override
    public void sendError(int status, @Nullable String message) throws IOException {
        beforeError();
        super.sendError(status, message);
    }

    private void beforeError() {
        gate.before();
        visit.errorAhead();
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        gate.before();
        super.sendRedirect(location);
    }

    @Override
    public void sendRedirect(String location, boolean clearBuffer) throws IOException {
        gate.before();
        super.sendRedirect(location, clearBuffer);
    }

    @Override
    public void sendRedirect(String location, int status) throws IOException {
        gate.before();
        super.sendRedirect(location, status);
    }

    @Override
    public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
        gate.before();
        super.sendRedirect(location, status, clearBuffer);
    }

    @Override
    public void setContentLength(int length) {
        gate.declare(length);
        super.setContentLength(length);
    }

    @Override
    public void setContentLengthLong(long length) {
        gate.declare(length);
        super.setContentLengthLong(length);
    }

    /** A header that the application overwrites keeps the session's own lines. */
    @Override
    public void setHeader(String name, @Nullable String value) {
        declare(name, value);
        super.setHeader(name, value);
        visit.restore();
    }

    @Override
    public void addHeader(String name, @Nullable String value) {
        declare(name, value);
        super.addHeader(name, value);
    }

    @Override
    public void setIntHeader(String name, int value) {
        declare(name, Integer.toString(value));
        super.setIntHeader(name, value);
    }

    @Override
    public void addIntHeader(String name, int value) {
        declare(name, Integer.toString(value));
        super.addIntHeader(name, value);
    }

    private void declare(String name, @Nullable String value) {
        if (CONTENT_LENGTH.equalsIgnoreCase(name) && value != null) {
            try {
                gate.declare(Long.parseLong(value));
            } catch (NumberFormatException forTheContainer) {
                // It refuses or ignores the value, as it does without us.
            }
        }
    }

    /** The id is never put into a URL. */
    @Override
    public String encodeURL(String url) {
        return url;
    }

    @Override
    public String encodeRedirectURL(String url) {
        return url;
    }
}
