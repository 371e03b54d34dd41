package dev.coatcheck;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the values of one cookie in the raw {@code Cookie} lines, by RFC 6265 alone: a semicolon separates, the first
 * equals sign ends the name. Containers decode, unwrap quotes and know {@code $Version}; whoever reads differently from the
 * browser can be handed a cookie that the browser never stored.
 */
final class CookieHeader {
    static final int MAX_VALUES = 8;
    static final int MAX_OCTETS = 64 * 1024;

    private CookieHeader() {}

    /**
     * The values of one name.
     *
     * @param values the first {@value #MAX_VALUES}, in order, untrusted and perhaps empty
     * @param more how many there were beyond
     */
    record Values(List<String> values, int more) {}

    /** In linear time. What lies beyond the first {@value #MAX_OCTETS} octets is not read, nor is a pair cut by that end. */
    static Values find(List<String> lines, String name) {
        List<String> values = new ArrayList<>(1);
        int more = 0;
        int budget = MAX_OCTETS;
        for (String line : lines) {
            int start = 0;
            while (start < line.length()) {
                int equals = -1;
                int end = start;
                for (; end < line.length() && end <= budget && line.charAt(end) != ';'; end++) {
                    if (equals < 0 && line.charAt(end) == '=') {
                        equals = end;
                    }
                }
                if (end > budget) {
                    return new Values(List.copyOf(values), more);
                }
                if (equals >= 0 && isTrimmed(line, start, equals, name)) {
                    if (values.size() < MAX_VALUES) {
                        values.add(trim(line, equals + 1, end));
                    } else {
                        more++;
                    }
                }
                start = end + 1;
            }
            budget -= line.length();
        }
        return new Values(List.copyOf(values), more);
    }

    private static boolean isTrimmed(String line, int start, int end, String name) {
        int from = skipBlanks(line, start, end);
        int to = skipBlanksBack(line, from, end);
        return to - from == name.length() && line.startsWith(name, from);
    }

    private static String trim(String line, int start, int end) {
        int from = skipBlanks(line, start, end);
        return line.substring(from, skipBlanksBack(line, from, end));
    }

    private static int skipBlanks(String line, int start, int end) {
        int from = start;
        while (from < end && isBlank(line.charAt(from))) {
            from++;
        }
        return from;
    }

    private static int skipBlanksBack(String line, int start, int end) {
        int to = end;
        while (to > start && isBlank(line.charAt(to - 1))) {
            to--;
        }
        return to;
    }

    /** Not {@link Character#isWhitespace}: a NUL or a line feed beside the value must not vanish. */
    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
