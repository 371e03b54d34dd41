package dev.coatcheck;

import java.util.Locale;
import java.util.regex.Pattern;

/** What can be told of a host by its name alone. Nothing is looked up: a resolver's answer is the neighbour's to choose. */
final class HostName {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    /** A host whose last label is a number is an IPv4 address or nothing (WHATWG URL, "ends in a number"). */
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
    // No leading zeros: some read those as octal.
    private static final Pattern LOOPBACK_V4 =
            Pattern.compile("127(\\.(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}");

    private HostName() {}

    /** Lower case, without an IPv6 address's brackets and without one trailing dot. */
    static String canonical(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        if (lower.startsWith("[") && lower.endsWith("]") && lower.indexOf(':') > 0) {
            return lower.substring(1, lower.length() - 1);
        }
        return lower.endsWith(".") && lower.indexOf(':') < 0 ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Whether it is {@code localhost}, a name below it, {@code 127.0.0.0/8} or {@code ::1}. */
    static boolean isLoopback(String host) {
        String name = canonical(host);
        return name.equals("localhost")
                || (name.endsWith(".localhost") && isDomain(name))
                || name.equals("::1")
                || LOOPBACK_V4.matcher(name).matches();
    }

    /** Whether a canonical name consists of labels of letters, digits and hyphens, and is no address. */
    static boolean isDomain(String name) {
        if (name.length() > 253) {
            return false;
        }
        String[] labels = name.split("\\.", -1);
        for (String label : labels) {
            if (!LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return !NUMBER.matcher(labels[labels.length - 1]).matches();
    }
}
