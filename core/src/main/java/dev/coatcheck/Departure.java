package dev.coatcheck;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a response says of the session: at most one cookie, written once, and what caches must know. Guarded by the
 * session's lock, but for {@link #write}, which is called by one thread at a time.
 */
final class Departure {
    private final SessionCookie cookie;
    private final Tokens tokens;
    private final Derivation derivation;
    private @Nullable SessionToken token;
    private @Nullable Duration maxAge;
    private @Nullable SessionToken floorOf;
    private String floorId = "";
    private int floor;
    private Duration floorLife = Duration.ZERO;
    private boolean clear;
    private boolean strays;
    private boolean varyWritten;

    Departure(SessionCookie cookie, Tokens tokens, Derivation derivation) {
        this.cookie = cookie;
        this.tokens = tokens;
        this.derivation = derivation;
    }

    /** The browser gets a ticket; it takes the place of whatever was to be said before. */
    void give(SessionToken ticket, @Nullable Duration life) {
        token = ticket;
        maxAge = life;
        clear = false;
    }

    /** The browser is to forget its ticket. */
    void takeBack() {
        token = null;
        clear = true;
    }

    /** No cookie of ours is in this response. */
    void silent() {
        token = null;
        clear = false;
    }

    /** The browser is to forget tickets that another host or path has tossed in. */
    void clearStrays() {
        strays = true;
    }

    /** The browser is to remember its session's version for so long. */
    void remember(SessionToken ticket, String id, int version, Duration life) {
        floorOf = ticket;
        floorId = id;
        floor = version;
        floorLife = life;
    }

    /** Adds the headers; to be called while the response's header is still open. */
    void write(SessionExchange exchange, ConnectionScope scope) {
        if (!varyWritten) {
            exchange.addResponseHeader("Vary", "Cookie");
            varyWritten = true;
        }
        if (scope == ConnectionScope.NONE) {
            return;
        }
        List<String> others =
                strays ? cookie.clearStrays(scope, exchange.connection().host(), exchange.path()) : List.of();
        others.forEach(line -> exchange.addResponseHeader("Set-Cookie", line));
        strays = false;
        SessionToken ticket = token;
        boolean mine = ticket != null || clear;
        SessionToken remembering = floorOf;
        if (mine || remembering != null || !others.isEmpty()) {
            exchange.addResponseHeader("Cache-Control", "no-store");
        }
        if (mine) {
            exchange.addResponseHeader(
                    "Set-Cookie",
                    ticket == null ? cookie.clear(scope) : cookie.set(scope, tokens.write(ticket), maxAge));
            silent();
        }
        if (remembering != null) {
            String value = Floor.write(derivation, remembering, floor);
            exchange.addResponseHeader("Set-Cookie", cookie.setFloor(scope, floorId, floor, value, floorLife));
            floorOf = null;
        }
    }
}
