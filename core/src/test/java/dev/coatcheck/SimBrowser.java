package dev.coatcheck;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A cookie jar that several requests use at a time, and what was ever in it. */
final class SimBrowser {
    private static final String COOKIE = "SID";

    private @Nullable SessionToken current;
    private final Map<String, String> floors = new TreeMap<>();
    private final List<SessionToken> all = new ArrayList<>();

    /** What a request brings: nearly always the jar's ticket; now and then an old one, or two. */
    List<SessionToken> tickets(SimChance chance) {
        SessionToken now = current;
        if (!all.isEmpty() && chance.percent(12)) {
            SessionToken old = chance.of(all);
            return now == null || now.equals(old) || chance.percent(60) ? List.of(old) : List.of(old, now);
        }
        return now == null ? List.of() : List.of(now);
    }

    boolean hasOnly(List<SessionToken> tickets) {
        return current != null && tickets.equals(List.of(current));
    }

    void take(SessionToken token) {
        current = token;
        all.add(token);
    }

    /** The cookie of a version below which its session is not to be shown. */
    void remember(SessionToken token, String id, int version) {
        floors.put(Floor.name(COOKIE, id, version), Floor.write(SimNode.DERIVATION, token, version));
    }

    Floor floor() {
        return Floor.of(
                List.of(floors.entrySet().stream()
                        .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                        .collect(Collectors.joining("; "))),
                COOKIE);
    }

    void clear() {
        current = null;
    }

    List<SessionToken> all() {
        return all;
    }
}
