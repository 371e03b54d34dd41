package dev.coatcheck;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tickets that a request brought, checked without I/O.
 *
 * @param sessions different tokens of sessions; none when there were more than {@link #MAX_LOOKUPS}
 * @param blank the first blank ticket
 * @param floor what the browser says of its session's version, unchecked
 * @param rejected how many cookies of our name were no ticket
 */
record RequestTickets(List<SessionToken> sessions, @Nullable SessionToken blank, Floor floor, int rejected) {
    static final RequestTickets NONE = new RequestTickets(List.of(), null, Floor.NONE, 0);

    /** How many sessions are looked up for one request; who brings more gets none. */
    static final int MAX_LOOKUPS = 4;

    static RequestTickets read(SessionExchange exchange, String cookieName, Tokens tokens) {
        List<String> lines = exchange.requestHeaders("Cookie");
        CookieHeader.Values found = CookieHeader.find(lines, cookieName);
        List<SessionToken> sessions = new ArrayList<>();
        SessionToken blank = null;
        int rejected = found.more();
        for (String value : found.values()) {
            SessionToken token = tokens.read(value);
            if (token == null) {
                rejected++;
            } else if (token.kind() == SessionToken.Kind.BLANK) {
                blank = blank == null ? token : blank;
            } else if (!sessions.contains(token)) {
                sessions.add(token);
            }
        }
        if (sessions.size() > MAX_LOOKUPS) {
            rejected += sessions.size();
            sessions.clear();
        }
        Floor floor = sessions.isEmpty() ? Floor.NONE : Floor.of(lines, cookieName);
        return new RequestTickets(List.copyOf(sessions), blank, floor, rejected);
    }
}
