package dev.coatcheck;

import java.time.Duration;

/**
 * How long a store keeps a session that nobody uses. A load renews the lease before it has read the record, so the lease
 * must be known from the token, where four bits name one of these. The table is part of the format: it never changes.
 */
enum LeaseClass {
    MINUTES_5(Duration.ofMinutes(5)),
    MINUTES_15(Duration.ofMinutes(15)),
    MINUTES_20(Duration.ofMinutes(20)),
    MINUTES_30(Duration.ofMinutes(30)),
    HOURS_1(Duration.ofHours(1)),
    HOURS_2(Duration.ofHours(2)),
    HOURS_8(Duration.ofHours(8)),
    HOURS_24(Duration.ofHours(24)),
    DAYS_7(Duration.ofDays(7)),
    DAYS_14(Duration.ofDays(14)),
    DAYS_30(Duration.ofDays(30)),
    DAYS_90(Duration.ofDays(90)),
    DAYS_400(Duration.ofDays(400));

    /** What a store may be late or early by; in the user's favour. */
    static final Duration SLACK = Duration.ofSeconds(2);

    private static final LeaseClass[] VALUES = values();

    private final Duration idle;

    LeaseClass(Duration idle) {
        this.idle = idle;
    }

    /** The longest idle timeout that this class holds. */
    Duration idle() {
        return idle;
    }

    /** What the store is asked for. */
    Duration lease() {
        return idle.plus(SLACK);
    }

    /** The smallest class that holds an idle timeout; the largest for a longer one. */
    static LeaseClass holding(Duration idleTimeout) {
        for (LeaseClass candidate : VALUES) {
            if (candidate.idle.compareTo(idleTimeout) >= 0) {
                return candidate;
            }
        }
        return DAYS_400;
    }

    /** Whether a number from outside names a class. */
    static boolean isNumber(int number) {
        return number >= 0 && number < VALUES.length;
    }

    /** The class of a number for which {@link #isNumber} holds. */
    static LeaseClass of(int number) {
        return VALUES[number];
    }
}
