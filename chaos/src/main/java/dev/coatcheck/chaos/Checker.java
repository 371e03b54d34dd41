package dev.coatcheck.chaos;

import dev.coatcheck.chaos.Entry.Outcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Holds what the requests of one life were told against one another. Knows nothing of stores and faults but what may be lost. */
final class Checker {
    private final History history;
    private final boolean mayBeLost;
    private final List<String> broken = new ArrayList<>();

    private Checker(History history, boolean mayBeLost) {
        this.history = history;
        this.mayBeLost = mayBeLost;
    }

    /**
     * The promises that were broken, each with the entry that shows it.
     *
     * @param mayBeLost whether the session may have been lost at some moment of its life
     */
    static List<String> check(History history, boolean mayBeLost) {
        Checker checker = new Checker(history, mayBeLost);
        history.entries().forEach(checker::entry);
        return checker.broken;
    }

    private void mustBe(boolean holds, String promise, Entry shown) {
        if (!holds) {
            broken.add(promise + ", as life " + history.life() + " shows in " + shown);
        }
    }

    private boolean any(Predicate<Entry> test) {
        return history.entries().stream().anyMatch(test);
    }

    private @Nullable Entry writer(long value) {
        int id = Seen.entryOf(value);
        return history.entries().stream()
                .filter(entry -> entry.id == id)
                .findFirst()
                .orElse(null);
    }

    private void entry(Entry entry) {
        if (entry.absent) {
            mustBe(mayBeLost || mayHaveNone(entry), "A session that is there was said to be absent", entry);
        }
        Seen seen = entry.seen;
        if (seen != null) {
            ended(entry);
            content(entry, seen);
        }
        taken(entry);
        messages(entry);
    }

    /** Whether the session may have ended, or gone on under an id that this request did not bring. */
    private boolean mayHaveNone(Entry entry) {
        return any(other -> other != entry && other.started < entry.told && mayTakeTicketFrom(other, entry));
    }

    private static boolean mayTakeTicketFrom(Entry other, Entry entry) {
        return switch (other.kind) {
            case LOG_OUT -> !other.absent;
            case CHANGE_ID, LOGIN -> other.outcome == Outcome.UNKNOWN || !other.isBefore(entry);
            case ROTATE -> other.outcome == Outcome.UNKNOWN;
            default -> false;
        };
    }

    /** Nobody finds a session after its end was confirmed; the process that could not confirm it does not either. */
    private void ended(Entry entry) {
        mustBe(
                !any(other -> other.is(Kind.LOG_OUT, Outcome.ACKNOWLEDGED) && !other.absent && other.isBefore(entry)),
                "A session was found after its confirmed log-out",
                entry);
        mustBe(
                !any(other ->
                        other.is(Kind.LOG_OUT, Outcome.UNKNOWN) && other.node == entry.node && other.isBefore(entry)),
                "A process gave out a session that it had ended",
                entry);
    }

    private void content(Entry entry, Seen seen) {
        mustBe(seen.owner() == history.life(), "A session has the values of another one", entry);
        updates(entry, seen);
        mustBe(Objects.equals(seen.left(), seen.right()), "What is set together is there by half", entry);
        for (Register register : Register.values()) {
            Long value = seen.in(register);
            mustBe(
                    value == null || Seen.lifeOf(value) == history.life(),
                    "A session has the values of another one",
                    entry);
            mustBe(mayBe(register, value, entry), "What was stored is not there: " + register, entry);
        }
    }

    private void updates(Entry entry, Seen seen) {
        Set<Long> log = new HashSet<>();
        for (long value : seen.log()) {
            mustBe(log.add(value), "One commit is there twice", entry);
            Entry writer = writer(value);
            mustBe(Seen.lifeOf(value) == history.life(), "A session has the values of another one", entry);
            mustBe(
                    writer != null && writer.outcome != Outcome.REFUSED && writer.started < entry.told,
                    "What was refused is there",
                    entry);
        }
        int acknowledged = 0;
        int most = 0;
        for (Entry other : history.entries()) {
            if (other.updates && other.outcome != Outcome.REFUSED) {
                most += other.started < entry.told ? 1 : 0;
                if (other.outcome == Outcome.ACKNOWLEDGED && other.isBefore(entry)) {
                    acknowledged++;
                    mustBe(log.contains(Seen.value(history.life(), other.id)), "An acknowledged update is lost", entry);
                }
            }
        }
        mustBe(
                seen.count() >= acknowledged && seen.count() <= most,
                "A counter is " + seen.count() + " after " + acknowledged + " updates that were acknowledged and "
                        + (most - acknowledged) + " that may have been",
                entry);
        mustBe(seen.count() == seen.log().size(), "What is stored together is there by half", entry);
    }

    /** Whether a register may have a value: one that was put there, and that nothing which was acknowledged has replaced. */
    private boolean mayBe(Register register, @Nullable Long value, Entry entry) {
        boolean first = value == null && !any(other -> replaces(other, register, entry));
        return first
                || any(other -> other.register == register
                        && Objects.equals(other.value, value)
                        && other.outcome != Outcome.REFUSED
                        && other.started < entry.told
                        && !any(later -> other.isBefore(later) && replaces(later, register, entry)));
    }

    private static boolean replaces(Entry other, Register register, Entry entry) {
        return other.register == register && other.outcome == Outcome.ACKNOWLEDGED && other.isBefore(entry);
    }

    private void taken(Entry entry) {
        Long taken = entry.taken;
        if (taken != null && entry.outcome == Outcome.ACKNOWLEDGED) {
            mustBe(
                    !any(other ->
                            other != entry && other.is(Kind.TAKE, Outcome.ACKNOWLEDGED) && taken.equals(other.taken)),
                    "A one-time value was taken twice",
                    entry);
        }
    }

    /** Messages come at least once, and not again once they were taken for certain. */
    private void messages(Entry entry) {
        for (long message : entry.messages) {
            Entry writer = writer(message);
            mustBe(Seen.lifeOf(message) == history.life(), "A session has the values of another one", entry);
            mustBe(
                    writer != null && writer.outcome != Outcome.REFUSED && writer.started < entry.told,
                    "A message that was refused is there",
                    entry);
            mustBe(
                    !any(other -> other.outcome == Outcome.ACKNOWLEDGED
                            && other.isBefore(entry)
                            && other.messages.contains(message)),
                    "A message that was taken is there again",
                    entry);
        }
        if (entry.kind == Kind.TAKE_FLASH && entry.seen != null) {
            for (Entry other : history.entries()) {
                long message = Seen.value(history.life(), other.id);
                boolean due = other.is(Kind.FLASH, Outcome.ACKNOWLEDGED) && other.isBefore(entry);
                mustBe(
                        !due || entry.messages.contains(message) || any(taker -> mayHaveTaken(taker, message, entry)),
                        "A message is lost",
                        entry);
            }
        }
    }

    private static boolean mayHaveTaken(Entry taker, long message, Entry entry) {
        return taker != entry
                && taker.outcome != Outcome.REFUSED
                && taker.started < entry.told
                && taker.messages.contains(message);
    }
}
