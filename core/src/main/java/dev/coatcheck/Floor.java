package dev.coatcheck;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * What a browser remembers of its session's version, in a second cookie, when a change was stored and a part of the store that
 * was away may still show an older session: 3 bytes of the version and 12 of a MAC under the session's secret, 20 characters.
 * It keeps a user from seeing the past. It is no defence against a thief, who leaves it out.
 */
final class Floor {
    private static final String SUFFIX = "-v";
    private static final int VERSION_BYTES = 3;
    private static final int CHARS = 20;

    private Floor() {}

    /** The second cookie's name beside the first one's. */
    static String name(String cookieName) {
        return cookieName + SUFFIX;
    }

    /** The cookie's value. */
    static String write(Derivation derivation, SessionToken token, int version) {
        byte[] bytes = {(byte) (version >> 16), (byte) (version >> 8), (byte) version};
        byte[] mac = derivation.floorMac(token.secret(), bytes);
        byte[] both = Arrays.copyOf(bytes, VERSION_BYTES + mac.length);
        System.arraycopy(mac, 0, both, VERSION_BYTES, mac.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(both);
    }

    /** The highest version that one of the values proves for this token's session; 0 for none. No I/O. */
    static int read(Derivation derivation, SessionToken token, List<String> values) {
        int floor = 0;
        for (String value : values) {
            floor = Math.max(floor, read(derivation, token, value));
        }
        return floor;
    }

    private static int read(Derivation derivation, SessionToken token, String value) {
        if (value.length() != CHARS) {
            return 0;
        }
        byte[] both;
        try {
            both = Base64.getUrlDecoder().decode(value);
        } catch (IllegalArgumentException notOurs) {
            return 0;
        }
        if (both.length != VERSION_BYTES + Derivation.TOKEN_MAC_BYTES) {
            return 0;
        }
        byte[] version = Arrays.copyOf(both, VERSION_BYTES);
        byte[] mac = Arrays.copyOfRange(both, VERSION_BYTES, both.length);
        return MessageDigest.isEqual(mac, derivation.floorMac(token.secret(), version))
                ? (version[0] & 0xFF) << 16 | (version[1] & 0xFF) << 8 | version[2] & 0xFF
                : 0;
    }
}
