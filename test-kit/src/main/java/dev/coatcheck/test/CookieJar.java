package dev.coatcheck.test;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a browser does with cookies: keeps, sends, lets expire and deletes them, by the storage model of RFC 6265 with the
 * rules that browsers added since (draft-ietf-httpbis-rfc6265bis: name prefixes, 400 days, 4,096 bytes, no plain page
 * overwrites a Secure cookie). Stricter than some: Secure means HTTPS, at {@code localhost} too. SameSite is kept but not
 * judged, since a jar knows only requests of the site's own pages; a Domain without a dot is refused, other public suffixes
 * are not known.
 *
 * <p>Safe for use by many threads.
 */
public final class CookieJar {
    private static final Duration LONGEST = Duration.ofDays(400);

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Cookie> cookies = new ArrayList<>();

    /** An empty jar whose cookies expire by this clock. */
    public CookieJar(Clock clock) {
        this.clock = clock;
    }

    /**
     * One cookie.
     *
     * @param name with its prefix
     * @param value as it was sent
     * @param domain the host, or the domain whose hosts all get it
     * @param hostOnly whether {@code domain} is the one host that gets it
     * @param path gets it, with all below
     * @param secure only for HTTPS
     * @param httpOnly not for scripts
     * @param sameSite as it was sent; null when it was not
     * @param expires null for a session cookie, which lives until the browser is closed
     */
    public record Cookie(
            String name,
            String value,
            String domain,
            boolean hostOnly,
            String path,
            boolean secure,
            boolean httpOnly,
            @Nullable String sameSite,
            @Nullable Instant expires) {

        /** Everything but the value. */
        @Override
        public String toString() {
            return name + "=(hidden); domain=" + domain + (hostOnly ? " alone" : "") + "; path=" + path
                    + (secure ? "; Secure" : "") + (httpOnly ? "; HttpOnly" : "")
                    + (sameSite == null ? "" : "; SameSite=" + sameSite)
                    + (expires == null ? "" : "; expires " + expires);
        }

        boolean isSameAs(Cookie other) {
            return name.equals(other.name)
                    && domain.equals(other.domain)
                    && hostOnly == other.hostOnly
                    && path.equals(other.path);
        }

        boolean isFor(URI page) {
            String host = Page.host(page);
            return (hostOnly ? host.equals(domain) : Page.domainMatches(host, domain))
                    && Page.pathMatches(Page.path(page), path)
                    && (!secure || Page.isSecure(page));
        }
    }

    /**
     * Takes a {@code Set-Cookie} line of a page's response. One that is expired already deletes.
     *
     * @param page absolute, with scheme and host
     * @return whether the line was obeyed; false when a browser would have ignored it
     */
    public boolean receive(URI page, String setCookie) {
        SetCookieLine line = SetCookieLine.parse(setCookie);
        if (line == null) {
            return false;
        }
        Instant now = clock.instant();
        Cookie cookie = accepted(line, page, now);
        if (cookie == null) {
            return false;
        }
        lock.lock();
        try {
            if (!cookie.secure && !Page.isSecure(page) && cookies.stream().anyMatch(old -> shadows(old, cookie))) {
                return false;
            }
            int place = 0;
            while (place < cookies.size() && !cookies.get(place).isSameAs(cookie)) {
                place++;
            }
            boolean expired = cookie.expires != null && !cookie.expires.isAfter(now);
            if (place == cookies.size()) {
                if (!expired) {
                    cookies.add(cookie);
                }
            } else if (expired) {
                cookies.remove(place);
            } else {
                cookies.set(place, cookie);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private static @Nullable Cookie accepted(SetCookieLine line, URI page, Instant now) {
        String host = Page.host(page);
        String domain = line.attribute("domain");
        if (domain != null && domain.startsWith(".")) {
            domain = domain.substring(1);
        }
        boolean hostOnly = domain == null || domain.isEmpty();
        String cookieDomain = domain == null || hostOnly ? host : domain.toLowerCase(Locale.ROOT);
        if (!hostOnly
                && !cookieDomain.equals(host)
                && (!cookieDomain.contains(".") || !Page.domainMatches(host, cookieDomain))) {
            return null;
        }
        String path = line.attribute("path");
        boolean secure = line.attribute("secure") != null;
        Cookie cookie = new Cookie(
                line.name(),
                line.value(),
                cookieDomain,
                hostOnly,
                path == null || !path.startsWith("/") ? Page.folder(page) : path,
                secure,
                line.attribute("httponly") != null,
                line.attribute("samesite"),
                expires(line, now));
        if (secure && !Page.isSecure(page) || !prefixHolds(cookie, path)) {
            return null;
        }
        return cookie;
    }

    private static boolean prefixHolds(Cookie cookie, @Nullable String path) {
        String name = (cookie.name.isEmpty() ? cookie.value : cookie.name).toLowerCase(Locale.ROOT);
        if (name.startsWith("__secure-")) {
            return cookie.secure && !cookie.name.isEmpty();
        }
        if (name.startsWith("__host-")) {
            return cookie.secure && cookie.hostOnly && "/".equals(path) && !cookie.name.isEmpty();
        }
        return true;
    }

    private static @Nullable Instant expires(SetCookieLine line, Instant now) {
        Instant latest = now.plus(LONGEST);
        Long maxAge = line.maxAge();
        if (maxAge != null) {
            return maxAge <= 0 ? Instant.MIN : maxAge >= LONGEST.toSeconds() ? latest : now.plusSeconds(maxAge);
        }
        Instant date = line.expires();
        return date != null && date.isAfter(latest) ? latest : date;
    }

    /** Whether a plain page's new cookie would stand in the way of a Secure one. */
    private static boolean shadows(Cookie old, Cookie cookie) {
        return old.secure
                && old.name.equals(cookie.name)
                && (Page.domainMatches(old.domain, cookie.domain) || Page.domainMatches(cookie.domain, old.domain))
                && Page.pathMatches(cookie.path, old.path);
    }

    /** The cookies that a request to this page carries: longer paths first, then older cookies. A copy. */
    public List<Cookie> cookies(URI page) {
        return all().stream()
                .filter(cookie -> cookie.isFor(page))
                .sorted(Comparator.comparingInt((Cookie cookie) -> cookie.path.length())
                        .reversed())
                .toList();
    }

    /** The request's {@code Cookie} line; null when it carries none. */
    public @Nullable String header(URI page) {
        List<Cookie> sent = cookies(page);
        return sent.isEmpty()
                ? null
                : sent.stream()
                        .map(cookie -> cookie.name.isEmpty() ? cookie.value : cookie.name + "=" + cookie.value)
                        .collect(Collectors.joining("; "));
    }

    /** Everything that is in the jar and not expired, oldest first. A copy. */
    public List<Cookie> all() {
        Instant now = clock.instant();
        lock.lock();
        try {
            cookies.removeIf(cookie -> cookie.expires != null && !cookie.expires.isAfter(now));
            return List.copyOf(cookies);
        } finally {
            lock.unlock();
        }
    }

    /** Closes the browser: session cookies are gone, the others stay. */
    public void restart() {
        lock.lock();
        try {
            cookies.removeIf(cookie -> cookie.expires == null);
        } finally {
            lock.unlock();
        }
    }

    /** Empties the jar. */
    public void clear() {
        lock.lock();
        try {
            cookies.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Another jar with the same contents and clock; from now on they go their own ways. */
    public CookieJar copy() {
        CookieJar copy = new CookieJar(clock);
        copy.cookies.addAll(all());
        return copy;
    }

    /** The cookies without their values. */
    @Override
    public String toString() {
        return "CookieJar" + all();
    }
}
