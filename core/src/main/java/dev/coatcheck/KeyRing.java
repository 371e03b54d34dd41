package dev.coatcheck;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that sign tokens and seal records. The first one is active: what is new is made with it. The others are still
 * accepted, so that keys can be changed without logging anyone out: put the new key in front on every node, and drop the
 * old one when an absolute lifetime has passed. A key that is dropped at once ends all its sessions.
 *
 * <p>Immutable; safe for use by many threads.
 */
public final class KeyRing {
    static final int LAST_NUMBER = 15;

    /** The ring that the documentation shows. Everybody knows it, so it is refused. */
    static final String SAMPLE = "1:f267KSEmNMRTjO42a0IVlY9ZWJBVA8GgaXXD78N0XDo=";

    private static final int MIN_BYTES = 32;
    private static final int MAX_BYTES = 64;
    private static final int MIN_DISTINCT_BYTES = 16;
    private static final byte[] SAMPLE_KEY = Base64.getDecoder().decode(SAMPLE.substring(2));
    private static final String ADVICE = "; KeyRing.generate() makes a good one";

    private final Map<Integer, byte[]> keys;
    private final int active;

    private KeyRing(Map<Integer, byte[]> keys) {
        this.keys = keys;
        this.active = keys.keySet().iterator().next();
    }

    /**
     * Reads a ring, such as {@code 2:base64,1:base64}: the active key first. A number names its key for as long as the key
     * is in use on any node, from 1 to 15; a key has 32 to 64 random bytes, in standard or URL-safe base64, with padding or
     * without. Spaces and line breaks are not accepted.
     *
     * @param text the ring; null, as of an environment variable that is not set, is refused like an empty one
     * @throws IllegalArgumentException when there is no key, when one is not of that form, comes twice, under two numbers
     *     too, or can be guessed: a sample, zeros, a pattern, words. The message names the key's number, never its bytes
     */
    public static KeyRing parse(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            throw new IllegalArgumentException("The key ring is empty: it needs a key, as 1:base64" + ADVICE);
        }
        Map<Integer, byte[]> keys = new LinkedHashMap<>();
        String[] entries = text.split(",", -1);
        for (int i = 0; i < entries.length; i++) {
            String entry = entries[i];
            int colon = entry.indexOf(':');
            int number = colon < 0 ? 0 : number(entry.substring(0, colon));
            if (number == 0) {
                // What stands there may be a key that lost its number, so it is not repeated.
                throw new IllegalArgumentException("Entry " + (i + 1)
                        + " of the key ring has no number from 1 to 15 and a colon ahead of its key");
            }
            String base64 = entry.substring(colon + 1);
            byte[] key = decoded(number, base64);
            String fault = fault(key, base64);
            if (fault != null) {
                throw refused(number, fault);
            }
            if (keys.containsKey(number)) {
                throw refused(number, "is there twice; each key needs a number of its own, from 1 to 15");
            }
            keys.forEach((other, bytes) -> {
                if (isSame(bytes, key)) {
                    throw refused(number, "is key " + other + " again; each number needs a key of its own" + ADVICE);
                }
            });
            keys.put(number, key);
        }
        return new KeyRing(keys);
    }

    /** The text of a ring with one fresh key, for {@link #parse}. Keep it where the application's other secrets are. */
    public static String generate() {
        SecureRandom random = new SecureRandom();
        byte[] key = new byte[MIN_BYTES];
        String text;
        do {
            random.nextBytes(key);
            text = Base64.getEncoder().encodeToString(key);
        } while (fault(key, text) != null);
        return "1:" + text;
    }

    private static int number(String text) {
        return text.matches("[1-9]|1[0-5]") ? Integer.parseInt(text) : 0;
    }

    private static byte[] decoded(int number, String text) {
        boolean url = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
        byte[] key;
        try {
            key = (url ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
        } catch (IllegalArgumentException e) {
            // Without the cause, which repeats a character of the key.
            throw refused(number, "is not base64 without spaces" + ADVICE);
        }
        Base64.Encoder encoder = url ? Base64.getUrlEncoder() : Base64.getEncoder();
        // The decoder takes bits that belong to no byte. A key spelled that way was cut or mistyped.
        if (!text.equals(encoder.encodeToString(key))
                && !text.equals(encoder.withoutPadding().encodeToString(key))) {
            throw refused(number, "is not base64 in full: its end was cut or mistyped" + ADVICE);
        }
        if (key.length < MIN_BYTES || key.length > MAX_BYTES) {
            throw refused(number, "has " + key.length + " bytes; 32 to 64 are accepted" + ADVICE);
        }
        return key;
    }

    /** Why a key is too easy to guess, or null. No random key is refused in a lifetime of trying. */
    private static @Nullable String fault(byte[] key, String base64) {
        if (isSame(key, SAMPLE_KEY)) {
            return "is the sample of the documentation, which everybody knows" + ADVICE;
        }
        if (isAllZero(key)) {
            return "is all zeros" + ADVICE;
        }
        if (distinctBytes(key) < MIN_DISTINCT_BYTES || isSequence(key) || isRepetition(key)) {
            return "follows a pattern; it must be random" + ADVICE;
        }
        if (isText(key) || looksWritten(base64)) {
            return "is words or hexadecimal digits; it must be random bytes in base64" + ADVICE;
        }
        return null;
    }

    /** HMAC fills up a key with zeros, so a key and the same with zeros behind it are one. */
    private static boolean isSame(byte[] one, byte[] other) {
        return MessageDigest.isEqual(Arrays.copyOf(one, MAX_BYTES), Arrays.copyOf(other, MAX_BYTES));
    }

    private static boolean isAllZero(byte[] key) {
        return Arrays.equals(key, new byte[key.length]);
    }

    private static int distinctBytes(byte[] key) {
        boolean[] seen = new boolean[256];
        int distinct = 0;
        for (byte b : key) {
            if (!seen[b & 0xFF]) {
                seen[b & 0xFF] = true;
                distinct++;
            }
        }
        return distinct;
    }

    /** As 0, 1, 2, 3: each byte the same step from the one before. */
    private static boolean isSequence(byte[] key) {
        for (int i = 2; i < key.length; i++) {
            if ((byte) (key[i] - key[i - 1]) != (byte) (key[1] - key[0])) {
                return false;
            }
        }
        return true;
    }

    /** Whether a beginning of at most half the key comes again and again. */
    private static boolean isRepetition(byte[] key) {
        for (int period = 1; period <= key.length / 2; period++) {
            if (Arrays.equals(key, period, key.length, key, 0, key.length - period)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isText(byte[] key) {
        for (byte b : key) {
            boolean ascii = b >= ' ' && b <= '~' || b == '\t' || b == '\n' || b == '\r';
            if (!ascii) {
                return false;
            }
        }
        return true;
    }

    /** Whether base64 lacks the small letters or the capitals. Of 10 thousand million random keys, about four do. */
    private static boolean looksWritten(String text) {
        return text.chars().noneMatch(c -> c >= 'A' && c <= 'Z') || text.chars().noneMatch(c -> c >= 'a' && c <= 'z');
    }

    private static IllegalArgumentException refused(int number, String fault) {
        return new IllegalArgumentException("Key " + number + " of the key ring " + fault);
    }

    /** The number of the key for what is new. */
    int active() {
        return active;
    }

    /** Whether there is a key of this number. */
    boolean has(int number) {
        return keys.containsKey(number);
    }

    /** The numbers, the active one first. */
    Set<Integer> numbers() {
        return Collections.unmodifiableSet(keys.keySet());
    }

    /**
     * HMAC-SHA-256 under a key of the ring. The message is a {@link Derivation#frame}, so that purposes stay apart; the key
     * itself is handed to nobody.
     *
     * @throws IllegalArgumentException when there is no key of this number
     */
    byte[] hmac(int number, byte[] frame) {
        byte[] key = keys.get(number);
        if (key == null) {
            throw new IllegalArgumentException("No key " + number + " in the ring");
        }
        return Derivation.hmac(key, frame);
    }

    /** The numbers alone, the active one first. */
    @Override
    public String toString() {
        return "KeyRing" + keys.keySet();
    }
}
