package dev.coatcheck.store.jdbc;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a store's URL says: the driver's own, with options of ours that begin with {@code coatcheck.} among its parameters.
 * They are taken out before the driver sees it. No message shows the URL, which may hold a password.
 */
final class JdbcUrl {
    static final String SCHEME = "jdbc";

    /** User and password for those who do not write them into the URL. */
    static final String USER = "COATCHECK_JDBC_USER";

    static final String PASSWORD = "COATCHECK_JDBC_PASSWORD";

    private static final String OURS = "coatcheck.";
    private static final String ACCEPTED = "A JDBC store's URL begins with jdbc:postgresql:, jdbc:mariadb:, jdbc:mysql:"
            + " or jdbc:h2: and is then the driver's own; options of the store are parameters as coatcheck.timeout=2s";

    private static final Pattern SECRET =
            Pattern.compile("[?&;][A-Za-z]*(?:password|pwd|secret|token)[A-Za-z]*=([^&;]*)", Pattern.CASE_INSENSITIVE);

    private final String driverUrl;
    private final Dialect dialect;
    private final JdbcOptions options;
    private final Map<String, String> environment;

    private JdbcUrl(String driverUrl, Dialect dialect, JdbcOptions options, Map<String, String> environment) {
        this.driverUrl = driverUrl;
        this.dialect = dialect;
        this.options = options;
        this.environment = environment;
    }

    /** @throws IllegalArgumentException when something in it is wrong; the message names it and says what is accepted */
    static JdbcUrl parse(String url, Map<String, String> environment) {
        String[] parts = url.split(":", 3);
        boolean whole = parts.length == 3 && parts[0].equalsIgnoreCase(SCHEME) && !parts[2].isEmpty();
        Dialect dialect = whole ? Dialect.named(parts[1]) : null;
        if (dialect == null) {
            throw new IllegalArgumentException(ACCEPTED);
        }
        Map<String, String> ours = new HashMap<>();
        String rest =
                dialect == Dialect.H2 ? withoutOurs(parts[2], ';', ';', ours) : withoutOurs(parts[2], '?', '&', ours);
        String driverUrl = SCHEME + ":" + parts[1].toLowerCase(Locale.ROOT) + ":" + rest;
        return new JdbcUrl(driverUrl, dialect, JdbcOptions.of(ours), environment);
    }

    /** Takes our options out of the driver's parameters, which begin with one character and are parted by another. */
    private static String withoutOurs(String rest, char first, char between, Map<String, String> ours) {
        int start = rest.indexOf(first);
        if (start < 0) {
            if (rest.contains(OURS)) {
                throw new IllegalArgumentException(
                        "options of the store come after a " + first + ", each parted from the next by a " + between);
            }
            return rest;
        }
        StringBuilder kept = new StringBuilder();
        for (String pair : rest.substring(start + 1).split(Pattern.quote(String.valueOf(between)), -1)) {
            if (!pair.startsWith(OURS)) {
                kept.append(kept.isEmpty() ? first : between).append(pair);
                continue;
            }
            int equals = pair.indexOf('=');
            String name = pair.substring(OURS.length(), equals < 0 ? pair.length() : equals);
            if (ours.put(name, equals < 0 ? "" : pair.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("option 'coatcheck." + Texts.shown(name) + "': it is there twice");
            }
        }
        return rest.substring(0, start) + kept;
    }

    /** For the driver. Not for logs. */
    String driverUrl() {
        return driverUrl;
    }

    Dialect dialect() {
        return dialect;
    }

    JdbcOptions options() {
        return options;
    }

    /** User and password of the environment, where the URL has none, and limits for the driver, where it sets none. */
    Properties properties() {
        Properties properties = new Properties();
        putUnlessSet(properties, "user", environment.get(USER));
        putUnlessSet(properties, "password", environment.get(PASSWORD));
        dialect.driverLimits(options.timeout()).forEach((name, value) -> putUnlessSet(properties, name, value));
        return properties;
    }

    private void putUnlessSet(Properties properties, String name, @Nullable String value) {
        if (value != null && !sets(name)) {
            properties.setProperty(name, value);
        }
    }

    /** Whether it has this parameter of the driver's. */
    boolean sets(String name) {
        return Pattern.compile("[?&;]" + name + "=", Pattern.CASE_INSENSITIVE)
                .matcher(driverUrl)
                .find();
    }

    /** What a driver said, which may repeat what it was given. */
    String withoutSecrets(String message) {
        String shown = message;
        Matcher secret = SECRET.matcher(driverUrl);
        while (secret.find()) {
            shown = without(without(shown, secret.group(1)), decoded(secret.group(1)));
        }
        String password = environment.get(PASSWORD);
        return Texts.shown(password == null ? shown : without(shown, password));
    }

    private static String without(String message, String secret) {
        return secret.isEmpty() ? message : message.replace(secret, "***");
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** Whether the database is a part of this process and of no file. */
    boolean inMemory() {
        return driverUrl.toLowerCase(Locale.ROOT).startsWith("jdbc:h2:mem:");
    }
}
