package dev.coatcheck.store.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What can be set of a store.
 *
 * @param timeout of one call
 * @param connections at a time
 * @param maxValueBytes of one value
 * @param table of the sessions
 * @param schema what is done about the tables at the start
 */
record JdbcOptions(Duration timeout, int connections, int maxValueBytes, String table, JdbcSessionStore.Schema schema) {
    private static final TreeSet<String> NAMES =
            new TreeSet<>(List.of("connections", "maxValueBytes", "schema", "table", "timeout"));
    private static final Pattern TIME = Pattern.compile("([0-9]{1,6})(ms|s)");

    /** Room is left for the names that are made of it: 63 characters are PostgreSQL's limit. */
    private static final Pattern TABLE = Pattern.compile("[a-z][a-z0-9_]{0,47}");

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    static final JdbcOptions DEFAULTS = new JdbcOptions(
            JdbcSessionStore.DEFAULT_TIMEOUT,
            JdbcSessionStore.DEFAULT_CONNECTIONS,
            JdbcSessionStore.DEFAULT_MAX_VALUE_BYTES,
            JdbcSessionStore.DEFAULT_TABLE,
            JdbcSessionStore.Schema.CREATE);

    /** @throws IllegalArgumentException when one is out of its range; the message has its name and what is accepted */
    JdbcOptions {
        if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
            throw wrong("timeout", timeout.toString(), "100 ms to 60 s");
        }
        if (connections < 1 || connections > 200) {
            throw wrong("connections", String.valueOf(connections), "1 to 200");
        }
        if (maxValueBytes < 1_024 || maxValueBytes > 1_000_000) {
            throw wrong("maxValueBytes", String.valueOf(maxValueBytes), "1,024 to 1,000,000");
        }
        if (!TABLE.matcher(table).matches()) {
            throw wrong("table", table, "a letter, then up to 47 letters, digits and _, all in lower case");
        }
    }

    /** @throws IllegalArgumentException when one is not known or wrong */
    static JdbcOptions of(Map<String, String> texts) {
        JdbcOptions options = DEFAULTS;
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            options = options.with(entry.getKey(), entry.getValue());
        }
        return options;
    }

    private JdbcOptions with(String name, String value) {
        return switch (name) {
            case "timeout" -> withTimeout(time(value));
            case "connections" -> withConnections(number(name, value));
            case "maxValueBytes" -> withMaxValueBytes(number(name, value));
            case "table" -> withTable(value);
            case "schema" -> withSchema(schema(value));
            default ->
                throw new IllegalArgumentException("option 'coatcheck." + Texts.shown(name)
                        + "': accepted are, each with =value and coatcheck. ahead, " + String.join(", ", NAMES));
        };
    }

    JdbcOptions withTimeout(Duration value) {
        return new JdbcOptions(value, connections, maxValueBytes, table, schema);
    }

    JdbcOptions withConnections(int value) {
        return new JdbcOptions(timeout, value, maxValueBytes, table, schema);
    }

    JdbcOptions withMaxValueBytes(int value) {
        return new JdbcOptions(timeout, connections, value, table, schema);
    }

    JdbcOptions withTable(String value) {
        return new JdbcOptions(timeout, connections, maxValueBytes, value, schema);
    }

    JdbcOptions withSchema(JdbcSessionStore.Schema value) {
        return new JdbcOptions(timeout, connections, maxValueBytes, table, value);
    }

    private static Duration time(String value) {
        Matcher matcher = TIME.matcher(value);
        if (!matcher.matches()) {
            throw wrong("timeout", value, "milliseconds or seconds, as 500ms or 2s");
        }
        long number = Long.parseLong(matcher.group(1));
        return matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
    }

    private static int number(String name, String value) {
        if (!value.matches("[0-9]{1,9}")) {
            throw wrong(name, value, "a whole number");
        }
        return Integer.parseInt(value);
    }

    private static JdbcSessionStore.Schema schema(String value) {
        return switch (value) {
            case "create" -> JdbcSessionStore.Schema.CREATE;
            case "check" -> JdbcSessionStore.Schema.CHECK;
            case "none" -> JdbcSessionStore.Schema.NONE;
            default -> throw wrong("schema", value, "create, check or none");
        };
    }

    private static IllegalArgumentException wrong(String name, String value, String accepted) {
        return new IllegalArgumentException(name + " = " + Texts.shown(value) + ": " + accepted);
    }
}
