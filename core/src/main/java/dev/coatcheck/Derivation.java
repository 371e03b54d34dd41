package dev.coatcheck;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Turns a token's secret into the names and keys of its session. Each purpose has its own label, so that none of them
 * leads to another; every output is bound to the application's name. These formulas are part of the format.
 *
 * <p>Immutable; safe for use by many threads.
 */
final class Derivation {
    static final int LOCATOR_BYTES = 24;
    static final int SEAL_KEY_BYTES = 32;
    static final int TOKEN_MAC_BYTES = 12;
    private static final int ID_BYTES = 15;

    private static final String HMAC = "HmacSHA256";

    /** Stands for the ring where there is none: what it names and seals is of use in this process alone. */
    private static final byte[] PROCESS_KEY = drawProcessKey();

    private final byte[] application;
    private final byte[][] locatorFrames;
    private final byte[] idFrame;
    private final byte[] sealFrame;
    private final byte[] csrfFrame;

    // By ring key number; empty where the ring has none. The ring's own keys are not kept.
    private final byte[][] sealRoots = new byte[KeyRing.LAST_NUMBER + 1][0];
    private final byte[][] tokenRoots = new byte[KeyRing.LAST_NUMBER + 1][0];
    private final byte[][] indexRoots = new byte[KeyRing.LAST_NUMBER + 1][0];
    private final List<Integer> indexKeys;
    private final int activeRingKey;

    /**
     * Computes once what depends on the ring alone.
     *
     * @throws IllegalArgumentException when the application's name is longer than 65,535 bytes
     */
    Derivation(String application, @Nullable KeyRing ring) {
        this.application = application.getBytes(UTF_8);
        LeaseClass[] classes = LeaseClass.values();
        locatorFrames = new byte[classes.length][];
        for (LeaseClass leaseClass : classes) {
            // The ordinal is the number in the format: the table is fixed.
            byte[] number = {(byte) leaseClass.ordinal()};
            locatorFrames[leaseClass.ordinal()] = frame("coatcheck/1/locator", this.application, number);
        }
        idFrame = frame("coatcheck/1/id", this.application);
        sealFrame = frame("coatcheck/1/seal", this.application);
        csrfFrame = frame("coatcheck/1/csrf", this.application);
        byte[] indexFrame = frame("coatcheck/1/index", this.application);
        if (ring == null) {
            activeRingKey = 0;
            indexKeys = List.of(0);
            indexRoots[0] = hmac(PROCESS_KEY, indexFrame);
        } else {
            activeRingKey = ring.active();
            indexKeys = List.copyOf(ring.numbers());
            byte[] tokenFrame = frame("coatcheck/1/token", this.application);
            for (int number : ring.numbers()) {
                sealRoots[number] = ring.hmac(number, sealFrame);
                tokenRoots[number] = ring.hmac(number, tokenFrame);
                indexRoots[number] = ring.hmac(number, indexFrame);
            }
        }
    }

    private static byte[] drawProcessKey() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return key;
    }

    boolean hasRing() {
        return activeRingKey != 0;
    }

    /** The number of the key that signs and seals what is new; 0 without a ring. */
    int activeRingKey() {
        return activeRingKey;
    }

    /** Whether the ring has a key of this number. Never for 0, which is no key. */
    boolean hasRingKey(int ringKey) {
        return ringKey > 0 && ringKey < tokenRoots.length && tokenRoots[ringKey].length > 0;
    }

    /** Where the store keeps the session. A token whose lease class was altered finds nothing. */
    SessionStore.Key locator(byte[] secret, LeaseClass leaseClass) {
        byte[] locator = Arrays.copyOf(hmac(secret, locatorFrames[leaseClass.ordinal()]), LOCATOR_BYTES);
        return SessionStore.Key.of(base64Url(locator));
    }

    /** The public name, for logs: 20 characters that lead neither to the secret nor to the stored value. */
    String id(byte[] secret) {
        return base64Url(Arrays.copyOf(hmac(secret, idFrame), ID_BYTES));
    }

    /**
     * The key of the record's seal, from the ring and the secret: neither alone opens a record.
     *
     * @param ringKey 0 for the formula of a manager without a ring
     */
    byte[] sealKey(int ringKey, byte[] secret) {
        return ringKey == 0 ? hmac(secret, sealFrame) : hmac(root(sealRoots, ringKey), secret);
    }

    /** The CSRF seed of a visitor who has a blank ticket and no session. */
    byte[] blankSeed(byte[] secret) {
        return Arrays.copyOf(hmac(secret, csrfFrame), CsrfToken.SEED_BYTES);
    }

    /** What shows that a token was written with this ring key. */
    byte[] tokenMac(int ringKey, byte[] headerAndSecret) {
        return Arrays.copyOf(hmac(root(tokenRoots, ringKey), headerAndSecret), TOKEN_MAC_BYTES);
    }

    /** What shows that a version was written for the session of this secret. */
    byte[] floorMac(byte[] secret, byte[] version) {
        return Arrays.copyOf(hmac(secret, frame("coatcheck/1/floor", application, version)), TOKEN_MAC_BYTES);
    }

    /** The keys under which a user's index may lie, the one for what is new first; 0 stands for this process's own. */
    List<Integer> indexKeys() {
        return indexKeys;
    }

    /** Where a user's index lies under one of {@link #indexKeys}. A list of names alone finds none. */
    Address index(int key, String user, LeaseClass leaseClass) {
        byte[] root = indexRoots[key];
        byte[] name = user.getBytes(UTF_8);
        byte[] locator = Arrays.copyOf(hmac(root, frame("coatcheck/1/index-key", name)), LOCATOR_BYTES);
        byte[] sealKey = hmac(root, frame("coatcheck/1/index-seal", name));
        return new Address(SessionStore.Key.of(base64Url(locator)), sealKey, leaseClass, key, "");
    }

    /** What a seal is bound to besides its key: the envelope in clear, the application, and the place in the store. */
    byte[] aad(byte[] envelope, SessionStore.Key locator) {
        byte[] place = Base64.getUrlDecoder().decode(locator.text());
        return frame("coatcheck/1/value", envelope, application, place);
    }

    /** What the seal of a value's second part is bound to. */
    byte[] partAad(byte[] envelope, SessionStore.Key locator) {
        byte[] place = Base64.getUrlDecoder().decode(locator.text());
        return frame("coatcheck/1/cache", envelope, application, place);
    }

    private byte[] root(byte[][] roots, int ringKey) {
        if (!hasRingKey(ringKey)) {
            throw new IllegalArgumentException("No key " + ringKey + " in the ring");
        }
        return roots[ringKey];
    }

    /** The label, a zero, then each part behind its length in two bytes: no two lists of parts give the same bytes. */
    static byte[] frame(String label, byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(128);
        out.writeBytes(label.getBytes(UTF_8));
        out.write(0);
        for (byte[] part : parts) {
            if (part.length > 0xFFFF) {
                throw new IllegalArgumentException("A part of " + part.length + " bytes; at most 65535 fit");
            }
            out.write(part.length >> 8);
            out.write(part.length);
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** HMAC-SHA-256, 32 bytes. A Mac of its own for each call: they are cheap, and not for two threads. */
    static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + HMAC, e);
        }
    }

    private static String base64Url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Hides the keys. */
    @Override
    public String toString() {
        return "Derivation[hidden]";
    }
}
