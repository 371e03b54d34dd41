package dev.coatcheck.servlet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells loopback addresses, without asking a name server. */
final class Loopback {
    private static final Pattern IPV4 = Pattern.compile("127(\\.[0-9]{1,3}){3}");

    private Loopback() {}

    /** Whether this is the text of a loopback address; an IPv6 address may stand in brackets. */
    static boolean isAddress(@Nullable String address) {
        if (address == null) {
            return false;
        }
        String text =
                address.startsWith("[") && address.endsWith("]") ? address.substring(1, address.length() - 1) : address;
        return text.indexOf(':') < 0
                ? text.startsWith("127.") && IPV4.matcher(text).matches()
                : isIpv6(text);
    }

    private static boolean isIpv6(String text) {
        try {
            // In brackets a text is parsed as an address and never looked up.
            return InetAddress.getByName("[" + text + "]").isLoopbackAddress();
        } catch (UnknownHostException notAnAddress) {
            return false;
        }
    }
}
