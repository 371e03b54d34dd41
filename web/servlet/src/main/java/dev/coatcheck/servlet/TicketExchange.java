package dev.coatcheck.servlet;

import dev.coatcheck.SessionExchange;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the manager takes for a request where there is none: a ticket and no response. Safe for use by many threads. */
final class TicketExchange implements SessionExchange {
    private final Ticket ticket;
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();

    TicketExchange(Ticket ticket) {
        this.ticket = ticket;
    }

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String path() {
        return ticket.path();
    }

    @Override
    public List<String> requestHeaders(String name) {
        return name.equalsIgnoreCase("Cookie") ? List.of(ticket.cookie()) : List.of();
    }

    @Override
    public Connection connection() {
        return ticket.connection();
    }

    @Override
    public void addResponseHeader(String name, String value) {
        throw new IllegalStateException("There is no response");
    }

    @Override
    public boolean isCommitted() {
        return false;
    }

    @Override
    public boolean takesCookies() {
        return false;
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
