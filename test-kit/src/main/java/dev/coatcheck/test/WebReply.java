package dev.coatcheck.test;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A response as it came over the wire.
 *
 * @param status the status
 * @param headers every header line, in order
 * @param body the body without its transfer coding, each byte a character; empty while it has not been read
 */
public record WebReply(int status, List<Map.Entry<String, String>> headers, String body) {

    /** The values of a header's lines, in order. */
    public List<String> headers(String name) {
        return headers.stream()
                .filter(line -> line.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** The value of a header's first line; null when there is none. */
    public @Nullable String header(String name) {
        return headers(name).stream().findFirst().orElse(null);
    }

    /** The {@code Set-Cookie} lines. */
    public List<String> cookies() {
        return headers("Set-Cookie");
    }

    /** The names of the headers, without their values, which may hold a ticket. */
    @Override
    public String toString() {
        return "WebReply[" + status + ", "
                + headers.stream().map(Map.Entry::getKey).toList() + ", " + body.length() + " characters]";
    }
}
