package dev.coatcheck.servlet;

import jakarta.servlet.ServletContext;
import jakarta.servlet.SessionCookieConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings that follow from the application itself, where nobody set them: its {@link SessionCookieConfig}, as far as that
 * does not weaken the cookie, its {@code session-timeout}, and a name of its own for each application of a host.
 */
final class ContextDefaults {
    private static final int HASH_BYTES = 4;

    /** What containers tell of a {@code session-timeout} that nobody has set. */
    private static final int CONTAINERS_OWN_MINUTES = 30;

    private ContextDefaults() {}

    /** Settings by name. {@code HttpOnly}, {@code SameSite} and further attributes are not taken from the application. */
    static Map<String, String> of(ServletContext context) {
        Map<String, String> found = new LinkedHashMap<>();
        String contextPath = context.getContextPath();
        if (!contextPath.isEmpty()) {
            // Two applications of one host would else overwrite each other's ticket, and read each other's session.
            String own = hash(contextPath);
            found.put("application", "coatcheck-" + own);
            found.put("cookieName", "SID-" + own);
        }
        int minutes = context.getSessionTimeout();
        if (minutes > 0 && minutes != CONTAINERS_OWN_MINUTES) {
            found.put("idleTimeout", "PT" + minutes + "M");
        }
        SessionCookieConfig cookie = context.getSessionCookieConfig();
        if (cookie != null) {
            // Some containers tell of their defaults as if they had been set.
            put(found, "cookieName", cookie.getName(), "JSESSIONID");
            put(found, "cookiePath", cookie.getPath(), contextPath);
            put(found, "cookieDomain", cookie.getDomain(), null);
            if (cookie.isSecure()) {
                found.put("cookieSecure", "true");
            }
            if (cookie.getMaxAge() > 0) {
                found.put("cookieMaxAge", "PT" + cookie.getMaxAge() + "S");
            }
        }
        return found;
    }

    private static void put(
            Map<String, String> found, String name, @Nullable String value, @Nullable String byDefault) {
        if (value != null && !value.equals(byDefault)) {
            found.put(name, value);
        }
    }

    private static String hash(String contextPath) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(contextPath.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
