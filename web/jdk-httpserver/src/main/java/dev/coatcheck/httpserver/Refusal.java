package dev.coatcheck.httpserver;

import com.sun.net.httpserver.Headers;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionLimitException;
import dev.coatcheck.SessionUnavailableException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** An answer in place of the handler's own. */
record Refusal(int status, String text) {
    /** For a handler that failed. */
    static final Refusal FAILURE = new Refusal(500, "Something went wrong here.\n");

    private static final Refusal UNAVAILABLE =
            new Refusal(503, "The service is not available at the moment. Please try again.\n");
    private static final Refusal CONFLICT =
            new Refusal(409, "Another request changed the same data at the same time. Please try again.\n");
    private static final Refusal LIMIT =
            new Refusal(409, "You are signed in on as many devices as may be. Please sign out on another one first.\n");

    private static final int MAX_CAUSES = 16;

    /** What is told of this exception; null when it says nothing of a session. */
    static @Nullable Refusal of(Throwable failure) {
        Throwable each = failure;
        for (int i = 0; each != null && i < MAX_CAUSES; i++) {
            if (each instanceof SessionUnavailableException) {
                return UNAVAILABLE;
            }
            if (each instanceof SessionConflictException) {
                return CONFLICT;
            }
            if (each instanceof SessionLimitException) {
                return LIMIT;
            }
            each = each.getCause();
        }
        return null;
    }

    byte[] body() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    void writeHeader(Headers header) {
        header.set("Content-Type", "text/plain;charset=US-ASCII");
        header.set("Cache-Control", "no-store");
        if (equals(UNAVAILABLE)) {
            header.set("Retry-After", "1");
        }
        if (equals(FAILURE)) {
            // The server closes the connection on what is thrown to it.
            header.set("Connection", "close");
        }
    }
}
