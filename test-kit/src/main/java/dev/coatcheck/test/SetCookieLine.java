package dev.coatcheck.test;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A {@code Set-Cookie} line taken apart as RFC 6265 section 5.2 says, with the limits of its successor. */
record SetCookieLine(String name, String value, Map<String, String> attributes) {
    private static final int MOST_BYTES = 4096;
    private static final int MOST_ATTRIBUTE_BYTES = 1024;
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0A-\\x1F\\x7F]");
    private static final Pattern DELIMITER = Pattern.compile("[\\x09\\x20-\\x2F\\x3B-\\x40\\x5B-\\x60\\x7B-\\x7E]+");
    private static final Pattern TIME = Pattern.compile("(\\d{1,2}):(\\d{1,2}):(\\d{1,2})(?:\\D.*)?");
    private static final Pattern DAY = Pattern.compile("(\\d{1,2})(?:\\D.*)?");
    private static final Pattern YEAR = Pattern.compile("(\\d{2,4})(?:\\D.*)?");
    private static final Pattern MAX_AGE = Pattern.compile("-?\\d+");
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

    /** Null when a browser ignores the line. */
    static @Nullable SetCookieLine parse(String line) {
        if (CONTROL.matcher(line).find()) {
            return null;
        }
        String[] parts = line.split(";", -1);
        int equals = parts[0].indexOf('=');
        String name = equals < 0 ? "" : parts[0].substring(0, equals).strip();
        String value = parts[0].substring(equals + 1).strip();
        if (name.isEmpty() && value.isEmpty() || name.length() + value.length() > MOST_BYTES) {
            return null;
        }
        Map<String, String> attributes = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int sign = parts[i].indexOf('=');
            String attribute = (sign < 0 ? parts[i] : parts[i].substring(0, sign)).strip();
            String setting = sign < 0 ? "" : parts[i].substring(sign + 1).strip();
            if (setting.length() <= MOST_ATTRIBUTE_BYTES && isUsable(attribute, setting)) {
                attributes.put(attribute.toLowerCase(Locale.ROOT), setting);
            }
        }
        return new SetCookieLine(name, value, attributes);
    }

    /** A Max-Age or date that cannot be read is as if it were not there; an earlier one of the line then counts. */
    private static boolean isUsable(String attribute, String setting) {
        return switch (attribute.toLowerCase(Locale.ROOT)) {
            case "max-age" -> MAX_AGE.matcher(setting).matches();
            case "expires" -> date(setting) != null;
            default -> true;
        };
    }

    @Nullable
    String attribute(String lowerCaseName) {
        return attributes.get(lowerCaseName);
    }

    /** In seconds; null when it is not there. What is too long for a number is as long as can be. */
    @Nullable
    Long maxAge() {
        String text = attributes.get("max-age");
        if (text == null) {
            return null;
        }
        return text.length() > 18 ? (text.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE) : Long.valueOf(text);
    }

    @Nullable
    Instant expires() {
        String text = attributes.get("expires");
        return text == null ? null : date(text);
    }

    /** RFC 6265 section 5.1.1: the parts may come in any order. */
    private static @Nullable Instant date(String text) {
        int[] time = {};
        int day = 0;
        int month = 0;
        int year = -1;
        for (String token : DELIMITER.split(text)) {
            Matcher matcher;
            if (time.length == 0 && (matcher = TIME.matcher(token)).matches()) {
                time = new int[] {number(matcher, 1), number(matcher, 2), number(matcher, 3)};
            } else if (day == 0 && (matcher = DAY.matcher(token)).matches()) {
                day = number(matcher, 1);
            } else if (month == 0 && token.length() >= 3 && month(token) > 0) {
                month = month(token);
            } else if (year < 0 && (matcher = YEAR.matcher(token)).matches()) {
                year = number(matcher, 1);
                year += year < 70 ? 2000 : year < 100 ? 1900 : 0;
            }
        }
        if (time.length == 0 || day == 0 || month == 0 || year < 1601) {
            return null;
        }
        try {
            return LocalDateTime.of(year, month, day, time[0], time[1], time[2]).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException noSuchDay) {
            return null;
        }
    }

    private static int month(String token) {
        return MONTHS.indexOf(token.substring(0, 3).toLowerCase(Locale.ROOT)) + 1;
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }
}
