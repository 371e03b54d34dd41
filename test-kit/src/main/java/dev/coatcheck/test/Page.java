package dev.coatcheck.test;

import java.net.URI;
import java.util.Locale;

/** What a cookie jar asks of a page's address. */
final class Page {
    private Page() {}

    static boolean isSecure(URI page) {
        return "https".equalsIgnoreCase(page.getScheme());
    }

    static String host(URI page) {
        String host = page.getHost();
        if (host == null) {
            throw new IllegalArgumentException("A page's address has a scheme and a host: " + page);
        }
        return host.toLowerCase(Locale.ROOT);
    }

    static String path(URI page) {
        String path = page.getRawPath();
        return path == null || path.isEmpty() ? "/" : path;
    }

    /** RFC 6265 section 5.1.4: what a cookie without a Path is kept under. */
    static String folder(URI page) {
        String path = path(page);
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    static boolean pathMatches(String path, String prefix) {
        return path.equals(prefix)
                || path.startsWith(prefix) && (prefix.endsWith("/") || path.charAt(prefix.length()) == '/');
    }

    static boolean domainMatches(String host, String domain) {
        return host.equals(domain) || host.endsWith("." + domain) && !isAddress(host);
    }

    private static boolean isAddress(String host) {
        return host.startsWith("[") || host.matches("[0-9.]+");
    }
}
