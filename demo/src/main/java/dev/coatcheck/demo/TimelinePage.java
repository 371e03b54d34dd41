package dev.coatcheck.demo;

import dev.coatcheck.Session;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The newest chirps for everybody, and a form for whoever is signed in. Served also when the session store is away. */
final class TimelinePage implements Page {
    private final Timeline timeline;
    private final Clock clock;

    TimelinePage(Timeline timeline, Clock clock) {
        this.timeline = timeline;
        this.clock = clock;
    }

    @Override
    public List<String> methods() {
        return List.of("GET", "HEAD");
    }

    @Override
    public Reply get(Session session) {
        return show(200, session, "", "");
    }

    /**
     * The page.
     *
     * @param text what the form holds
     * @param fault why it was not taken; empty when it was not sent
     */
    Reply show(int status, Session session, String text, String fault) {
        // A visitor has no form here, so that reading makes no cookie.
        boolean signedIn = session.isAvailable() && session.userId() != null;
        Instant now = clock.instant();
        List<Row> rows =
                timeline.newest().stream().map(post -> Row.of(post, now)).toList();
        return new Reply.Shown(
                status,
                "timeline.jte",
                "The timeline",
                Map.of("rows", rows, "csrf", signedIn ? session.csrfToken() : "", "text", text, "fault", fault));
    }
}
