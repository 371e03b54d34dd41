package dev.coatcheck;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * What a browser remembers of its session's version, in a second cookie, when a change was stored and a part of the store that
 * was away may still show an older session: 3 bytes of the version and 12 of a MAC under the session's secret, 20 characters.
 * It keeps a user from seeing the past. It is no defence against a thief, who leaves it out.
 *
 * <p>The cookie's name has a part of the session's id and the version's last two bits: of answers that overtake one another, and
 * of one for an old ticket that comes late, none takes another's place.
 *
 * @param lines the request's cookie lines, where one of them has such a cookie; else none
 * @param cookieName the name of the ticket's cookie
 */
record Floor(List<String> lines, String cookieName) {
    static final Floor NONE = new Floor(List.of(), "");

    private static final String SUFFIX = "-v";
    private static final int ID_CHARS = 4;
    private static final int NAMES = 4;
    private static final int VERSION_BYTES = 3;
    private static final int CHARS = 20;

    /** What a request brought; nothing is checked yet. */
    static Floor of(List<String> lines, String cookieName) {
        String begin = cookieName + SUFFIX;
        return lines.stream().anyMatch(line -> line.contains(begin)) ? new Floor(lines, cookieName) : NONE;
    }

    /** The cookie's name for a version of the session with this public id. */
    static String name(String cookieName, String id, int version) {
        return cookieName + SUFFIX + id.substring(0, ID_CHARS) + version % NAMES;
    }

    /** The cookie's value. */
    static String write(Derivation derivation, SessionToken token, int version) {
        byte[] bytes = {(byte) (version >> 16), (byte) (version >> 8), (byte) version};
        byte[] mac = derivation.floorMac(token.secret(), bytes);
        byte[] both = Arrays.copyOf(bytes, VERSION_BYTES + mac.length);
        System.arraycopy(mac, 0, both, VERSION_BYTES, mac.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(both);
    }

    /** The highest version that the cookies prove for this token's session; 0 for none. No I/O. */
    int of(Derivation derivation, SessionToken token, String id) {
        int floor = 0;
        for (int name = 0; name < NAMES && !lines.isEmpty(); name++) {
            for (String value :
                    CookieHeader.find(lines, name(cookieName, id, name)).values()) {
                floor = Math.max(floor, read(derivation, token, value));
            }
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

    /** Hides the cookies. */
    @Override
    public String toString() {
        return "Floor[" + lines.size() + " lines]";
    }
}
