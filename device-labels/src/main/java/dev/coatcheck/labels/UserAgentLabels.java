package dev.coatcheck.labels;

import dev.coatcheck.DeviceLabels;
import org.jspecify.annotations.Nullable;
import ua_parser.Parser;

/**
 * Labels such as {@code Firefox on Linux}, by the expressions of the ua-parser project. Reading them takes about a second when
 * the first manager of the process is built, and a label some milliseconds, at sign-in alone.
 *
 * <p>Safe for use by many threads.
 */
public final class UserAgentLabels implements DeviceLabels {
    /** Browsers send half of that. The expressions take the longer the longer a text is. */
    private static final int MAX_CHARS = 512;

    private static final String UNKNOWN = "Other";

    /** One for the process: it is dear to make. */
    private static final class Shared {
        static final Parser PARSER = new Parser();
    }

    private final Parser parser = Shared.PARSER;

    /** For the service loader, or to be given to a builder. */
    public UserAgentLabels() {}

    @Override
    public @Nullable String label(String userAgent) {
        if (userAgent.length() > MAX_CHARS) {
            return null;
        }
        String browser = known(parser.parseUserAgent(userAgent).family);
        String system = known(parser.parseOS(userAgent).family);
        if (browser == null || system == null) {
            return browser == null ? system : browser;
        }
        return browser + " on " + system;
    }

    private static @Nullable String known(@Nullable String family) {
        return family == null || family.equals(UNKNOWN) ? null : family;
    }
}
