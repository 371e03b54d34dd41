package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The seal by itself; what a broken one means for a session is {@link StoredValuesTest}'s. */
class RecordSealTest {
    private static final int THREADS = 64;

    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private final Derivation derivation = new Derivation("app", ring);
    private final RecordSeal seal = new RecordSeal(derivation);
    private final byte[] secret = secret();
    private final SessionStore.Key place = derivation.locator(secret, LeaseClass.MINUTES_20);
    private final Envelope envelope = new Envelope(Envelope.Kind.LIVE, 2, 1, 0, 5, 1_893_456_000L, List.of(1L));

    private static byte[] secret() {
        byte[] secret = new byte[SessionToken.SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return secret;
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void aSealedValueIsTheKnownAnswer(String tag) throws SealBrokenException {
        Vectors vectors = Vectors.of("sealed-value");
        byte[] known = vectors.bytes("secret");
        byte[] plaintext = vectors.bytes("plaintext");
        LeaseClass leaseClass = LeaseClass.of(vectors.number("leaseClass"));
        for (int ringKey : new int[] {0, 1, 12}) {
            Derivation keys = ringKey == 0 ? vectors.withoutRing(tag) : vectors.withRing(tag);
            RecordSeal drawing = new RecordSeal(keys, drawing(vectors.bytes("nonce")));
            Envelope head = new Envelope(
                    Envelope.Kind.LIVE,
                    leaseClass.ordinal(),
                    ringKey,
                    0,
                    vectors.number("version"),
                    vectors.number("end"),
                    List.of(vectors.writeIds("writeIds")));
            byte[] sealKey = keys.sealKey(ringKey, known);
            SessionStore.Key locator = keys.locator(known, leaseClass);
            byte[] value = vectors.bytes(tag + ".value." + ringKey);

            assertThat(drawing.seal(head, sealKey, locator, plaintext)).isEqualTo(value);
            assertThat(drawing.open(value, sealKey, locator)).isEqualTo(plaintext);
        }
    }

    private static SecureRandom drawing(byte[] nonce) {
        return new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(nonce, 0, bytes, 0, bytes.length);
            }
        };
    }

    @Test
    void neitherTheRingNorTheCookieAloneOpensAValue() throws SealBrokenException {
        byte[] value = seal.seal(envelope, derivation.sealKey(1, secret), place, new byte[100]);

        byte[] cookieAlone = new Derivation("app", null).sealKey(0, secret);
        byte[] ringAlone = derivation.sealKey(1, new byte[SessionToken.SECRET_BYTES]);
        byte[] cookieAndAnotherRing = new Derivation("app", KeyRing.parse(KeyRing.generate())).sealKey(1, secret);
        for (byte[] key : new byte[][] {cookieAlone, ringAlone, cookieAndAnotherRing}) {
            assertThatThrownBy(() -> seal.open(value, key, place)).isInstanceOf(SealBrokenException.class);
        }
        assertThat(seal.open(value, derivation.sealKey(1, secret), place)).isEqualTo(new byte[100]);
    }

    @Test
    void sixtyFourThreadsShareOneSeal() throws Exception {
        byte[] sealKey = derivation.sealKey(1, secret);
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                byte[] plaintext = new byte[50 + thread];
                Arrays.fill(plaintext, (byte) thread);
                running.add(threads.submit(() -> {
                    start.await(30, TimeUnit.SECONDS);
                    for (int i = 0; i < 2_000; i++) {
                        byte[] value = seal.seal(envelope, sealKey, place, plaintext);
                        assertThat(Arrays.equals(seal.open(value, sealKey, place), plaintext))
                                .isTrue();
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aKeyThatWouldMakeItAWeakerCipherIsRefused() {
        for (int length : new int[] {0, 16, 24, 31, 33}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> seal.seal(envelope, new byte[length], place, new byte[1]));
        }
    }
}
