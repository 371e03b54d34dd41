package dev.coatcheck.demo;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * What the page tells a user of his session.
 *
 * @param number three digits made from the session's public id: another session, another number
 * @param chirps how many were posted in this session
 */
public record Ticket(int number, int chirps, Instant since, Instant until) {
    /** How many chirps were posted in this session. */
    static final SessionKey<Integer> CHIRPS_POSTED = SessionKey.of("chirpsPosted", Integer.class);

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm").withZone(ZoneOffset.UTC);

    static Ticket of(Session session) {
        String id = session.id();
        return new Ticket(
                id == null ? 0 : 100 + Math.floorMod(id.hashCode(), 900),
                session.find(CHIRPS_POSTED).orElse(0),
                session.createdAt(),
                session.expiresAt());
    }

    /** The time of day of a moment, in UTC. */
    public static String clock(Instant moment) {
        return CLOCK.format(moment);
    }
}
