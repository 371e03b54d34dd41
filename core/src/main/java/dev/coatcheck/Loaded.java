package dev.coatcheck;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request turned out to have when its session was first touched. It decides for the whole request. */
sealed interface Loaded {

    /**
     * A session.
     *
     * @param token the ticket that leads to it; null when only a pointer of an older one does
     */
    record Live(Sighting.Live live, @Nullable SessionToken token) implements Loaded {}

    /**
     * No session; one may be made.
     *
     * @param blankTicket what the browser got with a form; null without one
     */
    record Visitor(@Nullable SessionToken blankTicket) implements Loaded {}

    /**
     * No session, and none is made but by signing in: the request brought an id that was rotated away, or two sessions.
     *
     * @param csrfSeed the seed of the old session's forms; null where nothing may be taken from what was brought
     * @param rivals the sessions of which none is used; a log-out ends them all
     */
    record Barred(byte @Nullable [] csrfSeed, List<Sighting.Live> rivals) implements Loaded {}

    /** A connection that gets no session. */
    record Nobody() implements Loaded {}

    /** The store cannot say. */
    record Away(SessionUnavailableException cause) implements Loaded {}
}
