package dev.coatcheck.servlet;

import dev.coatcheck.SessionExchange;

/**
 * What leads to a session outside of a request: the cookie as the browser sends it, and the connection that it came on. A
 * secret, which is never shown.
 *
 * @param cookie name and value, with an equals sign between them
 */
record Ticket(String cookie, SessionExchange.Connection connection, String path) {

    /** Another request with this ticket, of nobody who waits for an answer. */
    SessionExchange exchange() {
        return new TicketExchange(this);
    }

    /** Without the cookie. */
    @Override
    public String toString() {
        return "Ticket[" + path + "]";
    }
}
