package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseClassTest {
    @Test
    void theTableIsFixed() {
        Vectors vectors = Vectors.of("lease-classes");

        assertThat(LeaseClass.values()).hasSize(vectors.size()).hasSizeLessThanOrEqualTo(16);
        for (LeaseClass leaseClass : LeaseClass.values()) {
            assertThat(leaseClass.idle()).isEqualTo(Duration.parse(vectors.text(String.valueOf(leaseClass.ordinal()))));
        }
    }

    @Test
    void theLeaseIsTwoSecondsLonger() {
        for (LeaseClass leaseClass : LeaseClass.values()) {
            assertThat(leaseClass.lease()).isEqualTo(leaseClass.idle().plusSeconds(2));
        }
    }

    @Test
    void theClassIsTheSmallestThatHoldsTheIdleTimeout() {
        LeaseClass[] classes = LeaseClass.values();
        for (int i = 0; i < classes.length; i++) {
            assertThat(LeaseClass.holding(classes[i].idle())).isEqualTo(classes[i]);
            assertThat(LeaseClass.holding(classes[i].idle().minusNanos(1))).isEqualTo(classes[i]);
            assertThat(LeaseClass.holding(classes[i].idle().plusNanos(1)))
                    .isEqualTo(classes[Math.min(i + 1, classes.length - 1)]);
        }
        assertThat(LeaseClass.holding(Duration.ofSeconds(1))).isEqualTo(LeaseClass.MINUTES_5);
        assertThat(LeaseClass.holding(Duration.ofDays(10_000))).isEqualTo(LeaseClass.DAYS_400);
    }

    @Test
    void onlyNumbersOfTheTableNameAClass() {
        for (int number = -300; number < 300; number++) {
            assertThat(LeaseClass.isNumber(number)).isEqualTo(number >= 0 && number < LeaseClass.values().length);
        }
        for (LeaseClass leaseClass : LeaseClass.values()) {
            assertThat(LeaseClass.of(leaseClass.ordinal())).isEqualTo(leaseClass);
        }
    }
}
