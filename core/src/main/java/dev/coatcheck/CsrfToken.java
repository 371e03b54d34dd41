package dev.coatcheck;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Shows a session's CSRF seed to a page, masked anew each time: a text that repeats on a compressed page beside what a
 * stranger may choose can be guessed from the page's length (BREACH).
 */
final class CsrfToken {
    static final int SEED_BYTES = 18;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9_-]{48}");

    private CsrfToken() {}

    /**
     * The mask, then the seed under it: 48 characters of base64url.
     *
     * @throws IllegalArgumentException when the seed is not of 18 bytes
     */
    static String mask(byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException("A CSRF seed has " + SEED_BYTES + " bytes, this one " + seed.length);
        }
        byte[] mask = new byte[SEED_BYTES];
        RANDOM.nextBytes(mask);
        byte[] token = new byte[2 * SEED_BYTES];
        for (int i = 0; i < SEED_BYTES; i++) {
            token[i] = mask[i];
            token[SEED_BYTES + i] = (byte) (mask[i] ^ seed[i]);
        }
        return Base64.getUrlEncoder().encodeToString(token);
    }

    /** Whether the text was masked from this seed; false for whatever else came in. Compared in constant time. */
    static boolean matches(byte[] seed, @Nullable String text) {
        if (seed.length != SEED_BYTES || text == null || !SYNTAX.matcher(text).matches()) {
            return false;
        }
        byte[] token = Base64.getUrlDecoder().decode(text);
        byte[] shown = new byte[SEED_BYTES];
        for (int i = 0; i < SEED_BYTES; i++) {
            shown[i] = (byte) (token[i] ^ token[SEED_BYTES + i]);
        }
        return MessageDigest.isEqual(seed, shown);
    }
}
