package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExptimeTest {
    private static final Instant NOW = Instant.parse("2026-01-05T09:00:00.700Z");
    private static final int MONTH = 2_592_000;

    private static Exptime of(Duration lease) {
        return Exptime.of(lease, NOW);
    }

    @Test
    void upToThirtyDaysTheNumberIsADuration() {
        for (int seconds : new int[] {1, 1_200, MONTH - 1, MONTH}) {
            assertThat(of(Duration.ofSeconds(seconds))).isEqualTo(new Exptime(seconds, seconds));
        }
    }

    @Test
    void aboveThirtyDaysItIsADate() {
        long now = NOW.getEpochSecond();
        for (Duration lease : List.of(Duration.ofSeconds(MONTH + 1), Duration.ofDays(31), Duration.ofDays(400))) {
            long seconds = lease.toSeconds();
            assertThat(of(lease)).isEqualTo(new Exptime((int) (now + seconds), seconds));
        }
    }

    @Test
    void fractionsOfASecondAreRoundedUpSoThatNothingBecomesForEver() {
        assertThat(of(Duration.ofNanos(1)).number()).isEqualTo(1);
        assertThat(of(Duration.ofMillis(1_001)).number()).isEqualTo(2);
        assertThat(of(Duration.ofSeconds(MONTH).minusMillis(1)).number()).isEqualTo(MONTH);
        assertThat(of(Duration.ofSeconds(MONTH).plusMillis(1)).seconds()).isEqualTo(MONTH + 1);
    }

    @Test
    void aLeaseThatIsNoneIsRefused() {
        for (Duration lease : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE))) {
            assertThatThrownBy(() -> of(lease)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** memcached reads the number as 32 bits with a sign. */
    @Test
    void whatWouldEndBeyondTheLastDateOfMemcachedIsThirtyDays() {
        long left = Integer.MAX_VALUE - NOW.getEpochSecond();
        assertThat(of(Duration.ofSeconds(left)).number()).isEqualTo(Integer.MAX_VALUE);
        Exptime longest = new Exptime(MONTH, MONTH);
        assertThat(of(Duration.ofSeconds(left + 1))).isEqualTo(longest);
        assertThat(of(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(longest);
        assertThat(of(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999))).isEqualTo(longest);
        for (String later : List.of("2038-01-19T03:14:07Z", "2040-01-01T00:00:00Z", "2107-01-01T00:00:00Z")) {
            assertThat(Exptime.of(Duration.ofDays(400), Instant.parse(later))).isEqualTo(longest);
            assertThat(Exptime.of(Duration.ofDays(1), Instant.parse(later)).number())
                    .isEqualTo(86_400);
        }
    }

    @Test
    void aClockNear1970MakesNoDateThatIsReadAsADuration() {
        for (Instant early : List.of(Instant.EPOCH, Instant.ofEpochSecond(-1), Instant.ofEpochSecond(MONTH))) {
            assertThat(Exptime.of(Duration.ofDays(31), early).number()).isEqualTo(MONTH);
        }
    }

    @Test
    void theIdleTimeIsWhatTheLeaseLacks() {
        Exptime lease = of(Duration.ofSeconds(1_202));
        assertThat(lease.idle(1_202)).isZero();
        assertThat(lease.idle(1_000)).isEqualTo(Duration.ofSeconds(202));
        assertThat(lease.idle(0)).isEqualTo(Duration.ofSeconds(1_202));
    }

    /** A server that was frozen shows an item that is past its end, and what is left of it wrapped around. */
    @Test
    void whatIsPastItsEndWasIdleForTheWholeLease() {
        for (Duration lease : List.of(Duration.ofSeconds(1_202), Duration.ofDays(90))) {
            assertThat(of(lease).idle(4_294_967_293L)).isEqualTo(lease);
        }
        assertThat(of(Duration.ofSeconds(1_202)).idle(1_203)).isEqualTo(Duration.ofSeconds(1_202));
    }

    /** A date is the application node's, and what is left of it is counted by the server's clock. */
    @Test
    void clocksThatDifferDoNotEndALeaseThatIsADate() {
        Exptime lease = of(Duration.ofDays(31));
        assertThat(lease.idle(lease.seconds() + 1)).isZero();
        assertThat(lease.idle(lease.seconds() + 300)).isZero();
        assertThat(lease.idle(lease.seconds() - 300)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void whatHasNoEndWasNotIdle() {
        assertThat(of(Duration.ofSeconds(1_202)).idle(-1)).isZero();
    }
}
