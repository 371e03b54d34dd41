package dev.coatcheck.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files that the pages need beside themselves: a style sheet and the mark. */
final class Assets {
    private final Map<String, Reply.Plain> files = Map.of(
            "/chirp.css", file("chirp.css", "text/css; charset=utf-8"),
            "/favicon.svg", file("favicon.svg", "image/svg+xml"));

    /** The file at a path; null when there is none. */
    Reply.@Nullable Plain at(String path) {
        return files.get(path);
    }

    private static Reply.Plain file(String name, String contentType) {
        try (InputStream in = Assets.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing beside " + Assets.class.getName());
            }
            return new Reply.Plain(contentType, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
