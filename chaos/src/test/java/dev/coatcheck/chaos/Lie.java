package dev.coatcheck.chaos;

import java.util.regex.Pattern;

/** What goes wrong on purpose, now and then, and what the checker is to say. */
enum Lie {
    /** A load gives the state before the last. */
    STALE("What was stored is not there|An acknowledged update is lost"),
    /** What was ended is found again. */
    REVIVED("A log-out was revived"),
    /** What is there is said to be absent. */
    ABSENT("A session that is there was said to be absent"),
    /** A change is acknowledged and not stored. */
    DROPPED("What was stored is not there|An acknowledged update is lost"),
    /** An old id's mark is acknowledged and not stored. */
    UNMARKED("An old id leads on after its time"),
    /** The function of an update is applied twice. */
    TWICE("One commit is there twice"),
    /** A request reads what another session has. */
    OTHERS("A session has the values of another one");

    private final String promise;

    /** @param promise what is broken by it: a regular expression */
    Lie(String promise) {
        this.promise = promise;
    }

    boolean isFoundIn(String broken) {
        return Pattern.compile(promise).matcher(broken).lookingAt();
    }
}
