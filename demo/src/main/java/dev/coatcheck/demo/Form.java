package dev.coatcheck.demo;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of a posted form. Read from the body alone, and never more than {@link #MAX_BYTES} of it. */
final class Form {
    /** What the largest form of this site needs, four times over. */
    static final int MAX_BYTES = 16 * 1024;

    private final Map<String, String> fields;

    private Form(Map<String, String> fields) {
        this.fields = fields;
    }

    /** Reads the body; of fields with the same name the first counts. */
    static Form read(HttpServletRequest request) throws IOException {
        String type = request.getContentType();
        if (type == null
                || !type.split(";", 2)[0]
                        .strip()
                        .toLowerCase(Locale.ROOT)
                        .equals("application/x-www-form-urlencoded")) {
            throw new Refusal(415);
        }
        if (request.getContentLengthLong() > 2 * MAX_BYTES) {
            throw new Refusal(413);
        }
        byte[] body = request.getInputStream().readNBytes(MAX_BYTES + 1);
        if (body.length > MAX_BYTES) {
            // What is a little too large is read away, so that its sender hears the answer before the connection ends.
            request.getInputStream().readNBytes(MAX_BYTES);
            throw new Refusal(413);
        }
        Map<String, String> fields = new HashMap<>();
        for (String pair : new String(body, StandardCharsets.UTF_8).split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.putIfAbsent(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return new Form(fields);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new Refusal(400);
        }
    }

    /** A field's text; null when it was not sent. */
    @Nullable
    String get(String name) {
        return fields.get(name);
    }

    /** A field's text; empty when it was not sent. */
    String text(String name) {
        return fields.getOrDefault(name, "");
    }
}
