package dev.coatcheck;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** An exchange whose attributes the threads of one request share, as containers have them. */
final class SharedExchange implements SessionExchange {
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();
    private final FakeExchange rest = new FakeExchange();

    @Override
    public String method() {
        return rest.method();
    }

    @Override
    public String path() {
        return rest.path();
    }

    @Override
    public List<String> requestHeaders(String name) {
        return rest.requestHeaders(name);
    }

    @Override
    public Connection connection() {
        return rest.connection();
    }

    @Override
    public void addResponseHeader(String name, String value) {
        rest.addResponseHeader(name, value);
    }

    @Override
    public boolean isCommitted() {
        return rest.isCommitted();
    }

    @Override
    public @Nullable Object attribute(String name) {
        return attributes.get(name);
    }

    @Override
    public void attribute(String name, Object value) {
        attributes.put(name, value);
    }
}
