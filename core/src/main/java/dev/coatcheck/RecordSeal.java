package dev.coatcheck;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals what is stored: the envelope in clear, a nonce, then AES-256-GCM of the rest with its tag, bound to the envelope,
 * the application and the place in the store.
 *
 * <p>Safe for use by many threads.
 */
final class RecordSeal {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;

    /** What a value is longer than its plaintext. */
    static final int OVERHEAD = Envelope.BYTES + NONCE_BYTES + TAG_BYTES;

    /** What a second part is longer than its plaintext. */
    static final int PART_OVERHEAD = NONCE_BYTES + TAG_BYTES;

    private final Derivation derivation;

    // Never seeded, never of a named algorithm: a nonce that comes twice under one key breaks the seal.
    private final SecureRandom random;

    RecordSeal(Derivation derivation) {
        this(derivation, new SecureRandom());
    }

    /** For known-answer tests alone. */
    RecordSeal(Derivation derivation, SecureRandom random) {
        this.derivation = derivation;
        this.random = random;
    }

    /** The value to store. Each call draws a new nonce, so no two are equal. */
    byte[] seal(Envelope envelope, byte[] sealKey, SessionStore.Key locator, byte[] plaintext) {
        byte[] head = envelope.bytes();
        return sealed(head, sealKey, derivation.aad(head, locator), plaintext);
    }

    /** The second part of a value in two: bound to the first one's envelope, and never to be taken for a first part. */
    byte[] sealPart(Envelope envelope, byte[] sealKey, SessionStore.Key locator, byte[] plaintext) {
        return sealed(new byte[0], sealKey, derivation.partAad(envelope.bytes(), locator), plaintext);
    }

    private byte[] sealed(byte[] head, byte[] sealKey, byte[] aad, byte[] plaintext) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] value = Arrays.copyOf(head, head.length + PART_OVERHEAD + plaintext.length);
        System.arraycopy(nonce, 0, value, head.length, NONCE_BYTES);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, sealKey, nonce, aad);
            cipher.doFinal(plaintext, 0, plaintext.length, value, head.length + NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM failed to seal", e);
        }
        return value;
    }

    /**
     * The plaintext of a stored value.
     *
     * @throws SealBrokenException when it is not what {@link #seal} returned for this key and place, to the bit
     */
    byte[] open(byte[] value, byte[] sealKey, SessionStore.Key locator) throws SealBrokenException {
        if (value.length < OVERHEAD) {
            throw new SealBrokenException();
        }
        byte[] head = Arrays.copyOf(value, Envelope.BYTES);
        return opened(value, Envelope.BYTES, sealKey, derivation.aad(head, locator));
    }

    /**
     * The plaintext of a second part.
     *
     * @throws SealBrokenException when it is not what {@link #sealPart} returned with this envelope, to the bit
     */
    byte[] openPart(Envelope envelope, byte[] part, byte[] sealKey, SessionStore.Key locator)
            throws SealBrokenException {
        if (part.length < PART_OVERHEAD) {
            throw new SealBrokenException();
        }
        return opened(part, 0, sealKey, derivation.partAad(envelope.bytes(), locator));
    }

    private static byte[] opened(byte[] value, int start, byte[] sealKey, byte[] aad) throws SealBrokenException {
        int body = start + NONCE_BYTES;
        byte[] nonce = Arrays.copyOfRange(value, start, body);
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, sealKey, nonce, aad);
            return cipher.doFinal(value, body, value.length - body);
        } catch (AEADBadTagException e) {
            throw new SealBrokenException();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM failed to open", e);
        }
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] aad) throws GeneralSecurityException {
        if (key.length != Derivation.SEAL_KEY_BYTES) {
            // A shorter key would quietly be another cipher.
            throw new IllegalArgumentException("A seal key has 32 bytes, not " + key.length);
        }
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * 8, nonce));
        cipher.updateAAD(aad);
        return cipher;
    }
}
