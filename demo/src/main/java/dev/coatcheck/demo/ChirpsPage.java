package dev.coatcheck.demo;

import dev.coatcheck.Session;
import java.time.Clock;
import java.util.List;

/** Takes a chirp. */
final class ChirpsPage implements Page {
    private final Timeline timeline;
    private final TimelinePage timelinePage;
    private final Clock clock;

    ChirpsPage(Timeline timeline, TimelinePage timelinePage, Clock clock) {
        this.timeline = timeline;
        this.timelinePage = timelinePage;
        this.clock = clock;
    }

    @Override
    public List<String> methods() {
        return List.of("POST");
    }

    @Override
    public Reply post(Session session, Form form) {
        String author = session.userId();
        if (author == null) {
            return new Reply.SeeOther("/sign-in");
        }
        String text = Post.tidy(form.text("text"));
        String fault = Post.faultIn(text);
        if (fault != null) {
            return timelinePage.show(422, session, text, fault);
        }
        session.update(Ticket.CHIRPS_POSTED, 0, count -> count + 1);
        session.flash("Your chirp is out.");
        // The timeline is outside of the session: what the session has to say about it is stored first.
        session.commit();
        timeline.add(new Post(author, text, clock.instant()));
        return new Reply.SeeOther("/");
    }
}
