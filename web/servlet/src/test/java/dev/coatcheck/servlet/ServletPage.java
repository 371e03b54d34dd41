package dev.coatcheck.servlet;

import dev.coatcheck.Session;
import dev.coatcheck.test.WebPage;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The web contract's page over a servlet's request and response, by stream or by writer. */
record ServletPage(HttpServletRequest request, HttpServletResponse response, boolean byWriter) implements WebPage {
    @Override
    public Session session() {
        return Sessions.current(request);
    }

    @Override
    public String parameter(String name) {
        return request.getParameter(name);
    }

    @Override
    public void status(int status) {
        response.setStatus(status);
    }

    @Override
    public void header(String name, String value) {
        response.addHeader(name, value);
    }

    @Override
    public void contentLength(long bytes) {
        response.setContentLengthLong(bytes);
    }

    @Override
    public void write(String text) throws IOException {
        if (byWriter) {
            response.getWriter().write(text);
        } else {
            response.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Override
    public void flush() throws IOException {
        if (byWriter) {
            response.getWriter().flush();
        } else {
            response.getOutputStream().flush();
        }
    }

    @Override
    public void redirect(String location) throws IOException {
        response.sendRedirect(location);
    }

    @Override
    public void error(int status) throws IOException {
        response.sendError(status);
    }
}
