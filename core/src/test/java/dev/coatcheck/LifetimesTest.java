package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Protocol.Lifetimes;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Which of a session's deadlines counts. */
class LifetimesTest {
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration IDLE = Duration.ofMinutes(20);
    private static final Duration ABSOLUTE = Duration.ofHours(12);

    private final Lifetimes lifetimes = new Lifetimes(IDLE, ABSOLUTE, Duration.ofDays(14), Duration.ofDays(30));
    private final SessionRecord session = SessionRecord.empty(CREATED, IDLE, ABSOLUTE, new byte[18]);

    @Test
    void theEarlierOfTheRecordsDeadlineAndThatOfTheSettingsCounts() {
        assertThat(lifetimes.deadline(session)).isEqualTo(CREATED.plus(ABSOLUTE));
        assertThat(lifetimes.deadline(session.withDeadline(CREATED.plusSeconds(5))))
                .isEqualTo(CREATED.plusSeconds(5));
        assertThat(lifetimes.deadline(session.withDeadline(CREATED.plus(Duration.ofDays(99)))))
                .isEqualTo(CREATED.plus(ABSOLUTE));
        assertThat(lifetimes.deadline(session.asRemembered(Duration.ofDays(14), CREATED.plus(Duration.ofDays(99)))))
                .isEqualTo(CREATED.plus(Duration.ofDays(30)));
    }

    @Test
    void theIdleTimeoutIsTheSessionsOwnOrThatOfTodaysSettingsAndNeverBeyondTheAbsoluteLifetime() {
        assertThat(lifetimes.idle(session)).isEqualTo(IDLE);
        assertThat(lifetimes.idle(SessionRecord.empty(CREATED, Duration.ofHours(3), ABSOLUTE, new byte[18])))
                .as("what an older setting left in the record")
                .isEqualTo(IDLE);
        assertThat(lifetimes.idle(session.withIdleTimeout(Duration.ofSeconds(3))))
                .isEqualTo(Duration.ofSeconds(3));
        assertThat(lifetimes.idle(session.withIdleTimeout(Duration.ofMillis(Long.MAX_VALUE))))
                .isEqualTo(ABSOLUTE);
        assertThat(lifetimes.idle(session.asRemembered(Duration.ofDays(14), CREATED)))
                .isEqualTo(Duration.ofDays(14));
    }

    @Test
    void aSessionIsOverAtItsDeadlineAndTwoSecondsAfterItsIdleTimeout() {
        Instant end = CREATED.plus(ABSOLUTE);
        assertThat(lifetimes.isOver(session, Duration.ZERO, end.minusMillis(1))).isFalse();
        assertThat(lifetimes.isOver(session, Duration.ZERO, end)).isTrue();
        assertThat(lifetimes.isOver(session, IDLE.minusMillis(1), CREATED)).isFalse();
        assertThat(lifetimes.isOver(session, IDLE.plusMillis(1), CREATED)).isTrue();
        // Whole seconds may be those of a store that counts no finer.
        assertThat(lifetimes.isOver(session, IDLE, CREATED)).isFalse();
        assertThat(lifetimes.isOver(session, IDLE.plusSeconds(1), CREATED)).isTrue();
        assertThat(lifetimes.isOver(session, Duration.ofSeconds(Long.MAX_VALUE), CREATED))
                .isTrue();
    }

    @Test
    void timesFromTheEndsOfTheScaleDoNotOverflow() {
        SessionRecord ancient = session(Long.MIN_VALUE, Long.MAX_VALUE);
        assertThat(lifetimes.isOver(ancient, Duration.ZERO, CREATED)).isTrue();
        SessionRecord future = session(Long.MAX_VALUE - 1, Long.MAX_VALUE);
        assertThat(lifetimes.isOver(future, Duration.ZERO, CREATED)).isFalse();
        assertThat(lifetimes.leaseClass(future)).isEqualTo(LeaseClass.HOURS_24);
    }

    private static SessionRecord session(long created, long deadline) {
        return SessionRecord.empty(Instant.ofEpochMilli(created), IDLE, ABSOLUTE, new byte[18])
                .withIdleTimeout(Duration.ofMillis(Long.MAX_VALUE))
                .withDeadline(Instant.ofEpochMilli(deadline));
    }

    @Test
    void theLeaseClassIsTheSmallestThatHoldsTheIdleTimeoutInForce() {
        assertThat(lifetimes.leaseClass(session)).isEqualTo(LeaseClass.MINUTES_20);
        assertThat(lifetimes.leaseClass(session.withIdleTimeout(Duration.ofMinutes(21))))
                .isEqualTo(LeaseClass.MINUTES_30);
        assertThat(lifetimes.leaseClass(session.withIdleTimeout(Duration.ofDays(300))))
                .isEqualTo(LeaseClass.HOURS_24);
        assertThat(lifetimes.leaseClass(session.asRemembered(Duration.ofDays(14), CREATED)))
                .isEqualTo(LeaseClass.DAYS_14);
    }
}
