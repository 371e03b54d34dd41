package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Secrets and nonces come from a generator that does not repeat and has no bias. Their first eight bytes are compared:
 * if those are distinct, so are the whole; a million honest ones share them once in 40 million runs.
 */
class RandomnessTest {
    private static final int DRAWS = 1_000_000;

    @Test
    void aMillionSecretsAreDistinctAndEvenInEachByte() {
        Tokens tokens = tokens(null);
        long[] beginnings = new long[DRAWS];
        int[][] counts = new int[SessionToken.SECRET_BYTES][256];
        for (int i = 0; i < DRAWS; i++) {
            byte[] secret = tokens.draw(LeaseClass.HOURS_1).secret();
            beginnings[i] = ByteBuffer.wrap(secret).getLong();
            for (int j = 0; j < secret.length; j++) {
                counts[j][secret[j] & 0xFF]++;
            }
        }

        assertDistinct(beginnings);
        double all = 0;
        for (int j = 0; j < counts.length; j++) {
            double chiSquare = chiSquare(counts[j]);
            assertThat(chiSquare).as("byte %d", j).isBetween(chiSquareAt(255, -6), chiSquareAt(255, 6));
            all += chiSquare;
        }
        int freedom = 255 * counts.length;
        assertThat(all).isBetween(chiSquareAt(freedom, -6), chiSquareAt(freedom, 6));
    }

    @Test
    void sixteenThreadsDrawWithoutRepeating() throws Exception {
        Tokens tokens = tokens(KeyRing.parse(KeyRing.generate()));
        assertDistinct(together(16, 50_000, () -> {
            SessionToken token = tokens.draw(LeaseClass.HOURS_1);
            return ByteBuffer.wrap(token.secret()).getLong();
        }));
    }

    @Test
    void twoManagersSealOneSessionAndNoNonceComesTwice() throws Exception {
        Derivation derivation = new Derivation("app", KeyRing.parse(KeyRing.generate()));
        SessionToken token = tokens(null).draw(LeaseClass.HOURS_1);
        byte[] sealKey = derivation.sealKey(1, token.secret());
        SessionStore.Key locator = derivation.locator(token.secret(), LeaseClass.HOURS_1);
        Envelope envelope = new Envelope(Envelope.Kind.LIVE, 4, 1, 0, 1, 1_893_456_000L, List.of(1L));
        byte[] plaintext = new byte[8];
        long[] nonces = together(2, 500_000, new Callable<Callable<Long>>() {
            @Override
            public Callable<Long> call() {
                RecordSeal seal = new RecordSeal(derivation);
                return () -> ByteBuffer.wrap(seal.seal(envelope, sealKey, locator, plaintext))
                        .getLong(Envelope.BYTES);
            }
        });

        assertDistinct(nonces);
    }
}
