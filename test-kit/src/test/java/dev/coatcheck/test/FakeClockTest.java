package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class FakeClockTest {
    @Test
    void timeMovesOnlyWhenTold() {
        FakeClock clock = new FakeClock();
        assertThat(clock.instant()).isEqualTo(FakeClock.START).isEqualTo(clock.instant());
        assertThat(clock.advance(Duration.ofSeconds(5))).isEqualTo(FakeClock.START.plusSeconds(5));
        clock.advance(Duration.ofSeconds(-10));
        assertThat(clock.instant()).isEqualTo(FakeClock.START.minusSeconds(5));
        clock.set(Instant.EPOCH);
        assertThat(clock.millis()).isZero();
    }

    @Test
    void aClockOfAnotherZoneShowsTheSameTime() {
        FakeClock clock = new FakeClock();
        FakeClock berlin = clock.withZone(ZoneId.of("Europe/Berlin"));
        clock.advance(Duration.ofDays(1));
        assertThat(berlin.instant()).isEqualTo(clock.instant());
        assertThat(berlin.getZone()).isEqualTo(ZoneId.of("Europe/Berlin"));
    }
}
