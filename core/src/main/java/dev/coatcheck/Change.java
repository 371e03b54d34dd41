package dev.coatcheck;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a request did to its session. A change is applied to whatever record is there at commit, which may not be
 * the one that the request read: that is how concurrent requests merge.
 */
sealed interface Change {

    /** The record with this change. Pure. */
    SessionRecord applyTo(SessionRecord session);

    /** The attribute that is changed for good whatever it is now; null for changes that depend on what is there. */
    default @Nullable String overwrites() {
        return null;
    }

    /** Whether a second run does no harm after a first that may have happened. */
    default boolean mayRunTwice() {
        return false;
    }

    /** An attribute gets this value. */
    record Put(String name, Attribute attribute) implements Change {
        @Override
        public SessionRecord applyTo(SessionRecord session) {
            return session.with(name, attribute);
        }

        @Override
        public String overwrites() {
            return name;
        }

        @Override
        public boolean mayRunTwice() {
            return true;
        }
    }

    /** An attribute goes. */
    record Remove(String name) implements Change {
        @Override
        public SessionRecord applyTo(SessionRecord session) {
            return session.with(name, null);
        }

        @Override
        public String overwrites() {
            return name;
        }

        @Override
        public boolean mayRunTwice() {
            return true;
        }
    }

    /** Every attribute goes. */
    record Clear() implements Change {
        @Override
        public SessionRecord applyTo(SessionRecord session) {
            return session.withAttributes(new TreeMap<>());
        }

        @Override
        public boolean mayRunTwice() {
            return true;
        }
    }

    /** An attribute is computed from what it is. */
    record Update(String name, UnaryOperator<@Nullable Attribute> function) implements Change {
        @Override
        public SessionRecord applyTo(SessionRecord session) {
            return session.with(name, function.apply(session.attribute(name)));
        }
    }

    /** An attribute was handed to this request alone, and goes. */
    record Take(String name, Attribute seen) implements Change {
        @Override
        public SessionRecord applyTo(SessionRecord session) {
            if (!seen.equals(session.attribute(name))) {
                throw new SessionConflictException(
                        "The value taken from the session was taken or changed by another request");
            }
            return session.with(name, null);
        }
    }

    /** A message joins the others. */
    record AddFlash(FlashMessage message) implements Change {
        @Override
        public SessionRecord applyTo(SessionRecord session) {
            List<FlashMessage> messages = FlashMessage.decode(session.attribute(SessionRecord.FLASH));
            messages.add(message);
            return session.with(SessionRecord.FLASH, FlashMessage.encode(messages));
        }
    }

    /** These messages were delivered. */
    record TakeFlash(Set<Long> ids) implements Change {
        @Override
        public SessionRecord applyTo(SessionRecord session) {
            List<FlashMessage> messages = FlashMessage.decode(session.attribute(SessionRecord.FLASH));
            messages.removeIf(message -> ids.contains(message.id()));
            return session.with(SessionRecord.FLASH, FlashMessage.encode(messages));
        }
    }

    /** Timeouts change. */
    record Timeouts(UnaryOperator<SessionRecord> change) implements Change {
        @Override
        public SessionRecord applyTo(SessionRecord session) {
            return change.apply(session);
        }

        @Override
        public boolean mayRunTwice() {
            return true;
        }
    }

    /** The record after all these changes, in order. */
    static SessionRecord applyAll(List<Change> changes, SessionRecord session) {
        SessionRecord result = session;
        for (Change change : changes) {
            result = change.applyTo(result);
        }
        return result;
    }

    /**
     * A new list with one more change, without those that it makes void: a loop that sets one key keeps one change. What
     * stands before a taking stays, since the value that was taken may come from there.
     */
    static List<Change> append(List<Change> changes, Change next) {
        String name = next.overwrites();
        int open = 0;
        for (int i = 0; i < changes.size(); i++) {
            if (changes.get(i) instanceof Take take
                    && (name == null || take.name().equals(name))) {
                open = i + 1;
            }
        }
        List<Change> result = new ArrayList<>(changes);
        List<Change> later = result.subList(open, result.size());
        if (next instanceof Clear) {
            later.removeIf(change -> !(change instanceof Timeouts));
        } else if (name != null) {
            later.removeIf(change -> name.equals(change.overwrites())
                    || change instanceof Update update && update.name().equals(name));
        }
        result.add(next);
        return result;
    }
}
