package dev.coatcheck;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Draws tokens, writes them into cookies and reads them back. A token has one spelling: its byte counts are divisible by
 * three, so no character has unused bits. Whatever is not such a spelling, or not signed as it must be, is no token.
 *
 * <p>Safe for use by many threads.
 */
final class Tokens {
    private static final int FORMAT = 1;
    private static final int CLAIM_BYTES = 2 + SessionToken.SECRET_BYTES;
    private static final int UNSIGNED_LENGTH = CLAIM_BYTES * 4 / 3;
    private static final int SIGNED_LENGTH = (CLAIM_BYTES + Derivation.TOKEN_MAC_BYTES) * 4 / 3;

    private final Derivation derivation;
    private final SecureRandom random;
    private final @Nullable Instant acceptUnsignedUntil;
    private final Clock clock;

    /**
     * @param random {@code new SecureRandom()}, but for tests; when it fails, so does drawing
     * @param acceptUnsignedUntil with a ring: unsigned tokens are read before this moment; null: never
     */
    Tokens(Derivation derivation, SecureRandom random, @Nullable Instant acceptUnsignedUntil, Clock clock) {
        this.derivation = derivation;
        this.random = random;
        this.acceptUnsignedUntil = acceptUnsignedUntil;
        this.clock = clock;
    }

    /** A token for a new session, signed with the active key. */
    SessionToken draw(LeaseClass leaseClass) {
        return new SessionToken(SessionToken.Kind.SESSION, derivation.activeRingKey(), leaseClass, drawSecret());
    }

    /** A blank ticket, signed with the active key. */
    SessionToken drawBlank() {
        return new SessionToken(SessionToken.Kind.BLANK, derivation.activeRingKey(), null, drawSecret());
    }

    private byte[] drawSecret() {
        byte[] secret = new byte[SessionToken.SECRET_BYTES];
        random.nextBytes(secret);
        return secret;
    }

    /**
     * The cookie's value: 60 characters, or 44 of a token that is unsigned.
     *
     * @throws IllegalArgumentException when the token is of a key that the ring has not
     */
    String write(SessionToken token) {
        LeaseClass leaseClass = token.leaseClass();
        int leaseNumber = leaseClass == null ? 0 : leaseClass.ordinal();
        byte[] claim = ByteBuffer.allocate(CLAIM_BYTES)
                .put((byte) (FORMAT << 4 | token.kind().code()))
                .put((byte) (token.ringKey() << 4 | leaseNumber))
                .put(token.secret())
                .array();
        if (token.ringKey() != 0) {
            byte[] mac = derivation.tokenMac(token.ringKey(), claim);
            claim = Arrays.copyOf(claim, CLAIM_BYTES + mac.length);
            System.arraycopy(mac, 0, claim, CLAIM_BYTES, mac.length);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(claim);
    }

    /** The token that a cookie's value spells, or null when it spells none that counts. Never throws, needs no I/O. */
    @Nullable
    SessionToken read(String cookieValue) {
        boolean signed = cookieValue.length() == SIGNED_LENGTH;
        if (signed ? !derivation.hasRing() : cookieValue.length() != UNSIGNED_LENGTH || !acceptsUnsigned()) {
            return null;
        }
        // Not left to the decoder: it takes padding, and an exception for each forged cookie would be dear.
        for (int i = 0; i < cookieValue.length(); i++) {
            if (!isBase64Url(cookieValue.charAt(i))) {
                return null;
            }
        }
        byte[] token = Base64.getUrlDecoder().decode(cookieValue);
        int ringKey = token[1] >> 4 & 0xF;
        if (signed ? !isSigned(token, ringKey) : ringKey != 0) {
            return null;
        }
        return parsed(token, ringKey);
    }

    private boolean acceptsUnsigned() {
        return !derivation.hasRing()
                || acceptUnsignedUntil != null && clock.instant().isBefore(acceptUnsignedUntil);
    }

    private boolean isSigned(byte[] token, int ringKey) {
        if (!derivation.hasRingKey(ringKey)) {
            return false;
        }
        byte[] mac = Arrays.copyOfRange(token, CLAIM_BYTES, token.length);
        return MessageDigest.isEqual(mac, derivation.tokenMac(ringKey, Arrays.copyOf(token, CLAIM_BYTES)));
    }

    private static @Nullable SessionToken parsed(byte[] token, int ringKey) {
        int leaseNumber = token[1] & 0xF;
        byte[] secret = Arrays.copyOfRange(token, 2, CLAIM_BYTES);
        if (token[0] == (FORMAT << 4 | SessionToken.Kind.SESSION.code()) && LeaseClass.isNumber(leaseNumber)) {
            return new SessionToken(SessionToken.Kind.SESSION, ringKey, LeaseClass.of(leaseNumber), secret);
        }
        if (token[0] == (FORMAT << 4 | SessionToken.Kind.BLANK.code()) && leaseNumber == 0) {
            return new SessionToken(SessionToken.Kind.BLANK, ringKey, null, secret);
        }
        return null;
    }

    private static boolean isBase64Url(char c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }
}
