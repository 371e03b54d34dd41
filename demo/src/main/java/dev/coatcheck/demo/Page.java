package dev.coatcheck.demo;

import dev.coatcheck.Session;
import java.util.List;

/** One address of the site. */
interface Page {
    /** The methods that it takes, for {@code Allow}. */
    List<String> methods();

    /** Answers GET, and HEAD where that is among the methods. */
    default Reply get(Session session) {
        throw new Refusal(405);
    }

    /** Answers POST. The CSRF token was checked before. */
    default Reply post(Session session, Form form) {
        throw new Refusal(405);
    }
}
