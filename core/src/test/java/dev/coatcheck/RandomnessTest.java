package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Secrets and nonces come from a generator that does not repeat and has no bias. Their first eight bytes are compared:
 * if those are distinct, so are the whole; ten million honest ones share them once in 300,000 runs.
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
        assertDistinct(together(
                16,
                50_000,
                () -> () -> ByteBuffer.wrap(tokens.draw(LeaseClass.HOURS_1).secret())
                        .getLong()));
    }

    @Test
    void twoManagersSealOneSessionAndNoNonceComesTwice() throws Exception {
        Derivation derivation = new Derivation("app", KeyRing.parse(KeyRing.generate()));
        SessionToken token = tokens(null).draw(LeaseClass.HOURS_1);
        byte[] sealKey = derivation.sealKey(1, token.secret());
        SessionStore.Key locator = derivation.locator(token.secret(), LeaseClass.HOURS_1);
        Envelope envelope = new Envelope(Envelope.Kind.LIVE, 4, 1, 0, 1, 1_893_456_000L, List.of(1L));
        byte[] plaintext = new byte[8];
        long[] nonces = together(2, 5_000_000, () -> {
            RecordSeal seal = new RecordSeal(derivation);
            return () -> ByteBuffer.wrap(seal.seal(envelope, sealKey, locator, plaintext))
                    .getLong(Envelope.BYTES);
        });

        assertDistinct(nonces);
    }

    private static Tokens tokens(@Nullable KeyRing ring) {
        return new Tokens(new Derivation("app", ring), new SecureRandom(), null, Clock.systemUTC());
    }

    /** What each of several threads draws, so many times, from a source of its own. */
    private static long[] together(int threads, int draws, Supplier<LongSupplier> source) throws Exception {
        long[] drawn = new long[threads * draws];
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int from = thread * draws;
                running.add(executor.submit(() -> {
                    LongSupplier own = source.get();
                    for (int i = 0; i < draws; i++) {
                        drawn[from + i] = own.getAsLong();
                    }
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            executor.shutdownNow();
        }
        return drawn;
    }

    private static void assertDistinct(long[] drawn) {
        long[] sorted = drawn.clone();
        Arrays.parallelSort(sorted);
        int repeated = 0;
        for (int i = 1; i < sorted.length; i++) {
            repeated += sorted[i] == sorted[i - 1] ? 1 : 0;
        }
        assertThat(repeated).isZero();
    }

    private static double chiSquare(int[] counts) {
        double expected = Arrays.stream(counts).sum() / (double) counts.length;
        return Arrays.stream(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
    }

    /** The value of chi-square so many standard deviations from the middle (Wilson and Hilferty's approximation). */
    private static double chiSquareAt(int freedom, double deviations) {
        double spread = 2.0 / (9.0 * freedom);
        return freedom * Math.pow(1 - spread + deviations * Math.sqrt(spread), 3);
    }
}
