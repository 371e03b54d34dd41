package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How changes wait for the database, by URL. */
class TierOptionsTest {
    private static final String URLS = "memcached://mc1:11211?timeout=5s,+jdbc:h2:mem:x;A=1,";

    @Test
    void withoutAnyTheyDoNot() {
        assertThat(TierOptions.parse(URLS)).isEqualTo(new TierOptions(null, 10_000, 67_108_864, ofMinutes(5), URLS));
    }

    @Test
    void whatIsNotSaidIsTheDefault() {
        assertThat(TierOptions.parse("writeBehind=250ms," + URLS))
                .isEqualTo(new TierOptions(Duration.ofMillis(250), 10_000, 67_108_864, ofMinutes(5), URLS));
        assertThat(TierOptions.parse("writeBehind=2s,waitingAge=1h," + URLS))
                .isEqualTo(new TierOptions(Duration.ofSeconds(2), 10_000, 67_108_864, Duration.ofHours(1), URLS));
    }

    @Test
    void theyComeInAnyOrder() {
        assertThat(TierOptions.parse("waitingBytes=10737418240,waitingAge=1d,waitingSessions=7,writeBehind=1m," + URLS))
                .isEqualTo(new TierOptions(ofMinutes(1), 7, 10_737_418_240L, Duration.ofDays(1), URLS));
        assertThat(TierOptions.parse("writeBehind=1s,waitingSessions=99999999999," + URLS)
                        .sessions())
                .as("refused by what takes it")
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void anotherIsRefused() {
        for (String wrong : List.of(
                "waitingAge=5m,",
                "writeBehind=2,",
                "writeBehind=s,",
                "writeBehind=2s",
                "writeBehind=2s,writeBehind=2s,",
                "writeBehind=2s,waitingBytes=1m,",
                "writeBehind=2s,waitingBytes=-1,",
                "writeBehind=2s,waitingAge=5,",
                "writeBehind=2s,waitingNothing=5,",
                "writeBehind=2s,WaitingAge=5m,",
                "password=canary,",
                "writeBehind=2s,password=canary,")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TierOptions.parse(wrong + URLS))
                    .withMessageContaining("tiered:writeBehind=2s,")
                    .withMessageNotContaining("canary");
        }
    }

    private static Duration ofMinutes(int minutes) {
        return Duration.ofMinutes(minutes);
    }
}
