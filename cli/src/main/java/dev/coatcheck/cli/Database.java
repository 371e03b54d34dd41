package dev.coatcheck.cli;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import java.time.Duration;

/** A database. */
record Database(DurableSessionStore store) implements Part {
    private static final int MOST_COUNTED = 10_000;

    @Override
    public String name() {
        return "database";
    }

    @Override
    public String ask() {
        try {
            var ignored = store.peek(SessionStore.Key.of(Part.strangeKey()), Duration.ofMinutes(1));
            return "";
        } catch (SessionUnavailableException e) {
            return Complaint.reason(e);
        }
    }

    @Override
    public String note() {
        int expired = store.expired(MOST_COUNTED).size();
        return (expired == MOST_COUNTED ? "at least " : "") + expired + " expired, to be swept";
    }
}
