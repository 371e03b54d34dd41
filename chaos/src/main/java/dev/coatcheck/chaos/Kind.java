package dev.coatcheck.chaos;

import java.util.SplittableRandom;

/** What a request does to its session. The numbers say how often, of {@link #ALL} turns. */
enum Kind {
    /** Makes the session; the first request of each. */
    NEW(0),
    READ(27),
    /** A counter and a list get one more, by functions of what they are. */
    UPDATE(16),
    SET(10),
    /** Two values that are always set together. */
    SEVERAL(8),
    /** Lays down a one-time value. */
    OFFER(6),
    TAKE(7),
    FLASH(5),
    TAKE_FLASH(5),
    ROTATE(4),
    CHANGE_ID(3),
    LOGIN(3),
    LOG_OUT(6),
    /** A request that brings a ticket which the session had before. */
    OLD_TICKET(0);

    private static final int ALL = 100;

    private final int weight;

    Kind(int weight) {
        this.weight = weight;
    }

    static Kind any(SplittableRandom random) {
        int left = random.nextInt(ALL);
        for (Kind kind : values()) {
            left -= kind.weight;
            if (left < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("The weights of all kinds are less than " + ALL);
    }

    /** Any that leaves the ticket as it is. */
    static Kind anyOfContents(SplittableRandom random) {
        Kind kind = any(random);
        while (kind.takesTicket()) {
            kind = any(random);
        }
        return kind;
    }

    /** Whether the ticket that the request brings is worth nothing soon after it. */
    boolean takesTicket() {
        return this == ROTATE || endsTicket();
    }

    /** Whether the ticket that the request brings is worth nothing after it. */
    boolean endsTicket() {
        return this == CHANGE_ID || this == LOGIN || this == LOG_OUT;
    }
}
