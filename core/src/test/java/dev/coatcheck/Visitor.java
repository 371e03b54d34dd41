package dev.coatcheck;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A browser as far as one cookie goes: each visit is a request, with the commit and the end that an adapter adds. */
final class Visitor {
    private final SessionManager sessions;

    @Nullable
    String cookie;

    Visitor(SessionManager sessions) {
        this.sessions = sessions;
    }

    /** Another one with the same cookie. */
    Visitor copy() {
        Visitor copy = new Visitor(sessions);
        copy.cookie = cookie;
        return copy;
    }

    FakeExchange exchange() {
        FakeExchange exchange = new FakeExchange();
        return cookie == null ? exchange : exchange.cookie(cookie);
    }

    FakeExchange visit(Consumer<Session> handler) {
        FakeExchange exchange = exchange();
        handler.accept(sessions.current(exchange));
        sessions.commit(exchange);
        sessions.finish(exchange);
        keep(exchange);
        return exchange;
    }

    <R extends @Nullable Object> R ask(Function<Session, R> handler) {
        FakeExchange exchange = exchange();
        R result = handler.apply(sessions.current(exchange));
        sessions.commit(exchange);
        sessions.finish(exchange);
        keep(exchange);
        return result;
    }

    /** Takes the cookie that a response sets or deletes. */
    void keep(FakeExchange exchange) {
        List<String> lines = exchange.responseHeaders("Set-Cookie").stream()
                .filter(line -> !line.startsWith("__Host-SID-v"))
                .toList();
        if (!lines.isEmpty()) {
            String line = lines.get(lines.size() - 1);
            cookie = line.contains("Max-Age=0") ? null : line.substring(0, line.indexOf(';'));
        }
    }
}
