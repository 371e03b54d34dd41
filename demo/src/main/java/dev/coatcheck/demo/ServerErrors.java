package dev.coatcheck.demo;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Pages for requests that are refused before they reach the application: there is no session yet to ask. */
final class ServerErrors extends ErrorHandler {
    private final Templates templates;

    ServerErrors(Templates templates) {
        this.templates = templates;
    }

    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int code,
            String message,
            @Nullable Throwable cause,
            Callback callback) {
        byte[] body = describe(code, response.getHeaders());
        response.setStatus(code);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    private byte[] describe(int status, HttpFields.Mutable fields) {
        PageHeaders.ALL.forEach((name, value) -> fields.put(new HttpField(name, value)));
        Reply.Shown page = (Reply.Shown) Reply.problem(status);
        byte[] body = templates.render(page, Frame.withoutSession(page.title(), false));
        fields.put(HttpHeader.CONTENT_TYPE, "text/html; charset=utf-8");
        fields.put(HttpHeader.CACHE_CONTROL, "no-store");
        fields.put(HttpHeader.CONTENT_LENGTH, body.length);
        return body;
    }
}
