package dev.coatcheck;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, as an adapter shows them to the {@link SessionManager}. Cookies are read and written by
 * the manager itself, so an exchange hands out raw header lines and decodes nothing.
 *
 * <p>Every dispatch of one request (forward, include, error, async) must show the same {@linkplain #attribute(String)
 * attributes}; everything else may come from a new object. Used by the threads of one request.
 */
public interface SessionExchange {

    /** The request's method, as it came: {@code GET}, {@code POST}. */
    String method();

    /** The path of the request's URL as the client sent it, undecoded, with a leading slash and without the query. */
    String path();

    /** Every value of a request header, in order, one element a line; empty when absent. The name is case-insensitive. */
    List<String> requestHeaders(String name);

    /** What the server itself knows of the connection; never taken from a forwarded header. */
    Connection connection();

    /**
     * The address that the request came from, as the server knows it; null when it does not. Asked for only where addresses
     * of devices are kept ({@link SessionManager.Builder#deviceAddress}). By default null.
     */
    default @Nullable String remoteAddress() {
        return null;
    }

    /** Adds a line to the response's header. Called only while {@link #takesCookies()} is true. */
    void addResponseHeader(String name, String value);

    /** Whether the first byte of the response is out, so that no header can be added any more. */
    boolean isCommitted();

    /**
     * Whether a cookie can still be given: without one there is no new session, no sign-in and no new id. By default until
     * the response is {@linkplain #isCommitted() out}; never where no browser waits for a response.
     */
    default boolean takesCookies() {
        return !isCommitted();
    }

    /** What was kept under this name for the life of the request; null when nothing was. */
    @Nullable
    Object attribute(String name);

    /** Keeps a value under this name for the life of the request, through forward, include, error and async dispatch. */
    void attribute(String name, Object value);

    /**
     * The connection that the request came on.
     *
     * @param secure whether it came over TLS to this process
     * @param loopbackPeer whether the peer's address is a loopback address
     * @param host the host that the request names, without port; lower or upper case, an IPv6 address with or without
     *     brackets
     * @param port the port that the request names, or the scheme's default
     */
    record Connection(boolean secure, boolean loopbackPeer, String host, int port) {}
}
