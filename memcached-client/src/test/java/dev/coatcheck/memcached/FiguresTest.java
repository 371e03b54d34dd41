package dev.coatcheck.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void aQuantileIsTheBoundThatSoManyDidNotExceed() {
        long[] counts = new long[Counters.BUCKETS];
        counts[3] = 90;
        counts[7] = 9;
        counts[24] = 1;
        Latencies latencies = new Latencies(counts);
        assertThat(latencies.count()).isEqualTo(100);
        assertThat(latencies.quantile(0)).isEqualTo(Duration.ofNanos(8_000));
        assertThat(latencies.quantile(0.9)).isEqualTo(Duration.ofNanos(8_000));
        assertThat(latencies.quantile(0.91)).isEqualTo(Duration.ofNanos(128_000));
        assertThat(latencies.quantile(0.99)).isEqualTo(Duration.ofNanos(128_000));
        assertThat(latencies.quantile(1)).isEqualTo(Latencies.bound(24));
        latencies.counts()[3] = 0;
        assertThat(latencies.counts()[3]).isEqualTo(90);
    }

    @Test
    void withoutAnswersThereIsNoLatency() {
        Latencies none = new Latencies(new long[Counters.BUCKETS]);
        assertThat(none.count()).isZero();
        assertThat(none.quantile(0.5)).isEqualTo(Duration.ZERO);
        for (double wrong : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> none.quantile(wrong))
                    .withMessageContaining("0 to 1 is accepted");
        }
    }

    @Test
    void pausesGrowToHalfASecondAndBeginAnewAfterAConnectionThatLived() {
        Backoff backoff = new Backoff();
        for (int round = 0; round < 50; round++) {
            for (int longest : new int[] {20, 40, 80, 160, 320, 500, 500, 500}) {
                assertThat(backoff.pause(false)).isBetween(Duration.ofMillis(longest / 2), Duration.ofMillis(longest));
            }
            assertThat(backoff.pause(true)).isEqualTo(Duration.ZERO);
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(backoff.pause(false)).isLessThanOrEqualTo(Backoff.LONGEST);
        }
    }

    @Test
    void pausesDifferSoThatClientsDoNotComeBackTogether() {
        Backoff backoff = new Backoff();
        long different = IntStream.range(0, 100)
                .mapToObj(i -> backoff.pause(false))
                .distinct()
                .count();
        assertThat(different).isGreaterThan(20);
    }
}
