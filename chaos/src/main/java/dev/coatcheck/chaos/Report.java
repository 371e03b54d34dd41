package dev.coatcheck.chaos;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStats;
import dev.coatcheck.chaos.Entry.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToLongFunction;

/** What came of a run. */
record Report(
        Place place,
        long seed,
        Duration took,
        long lives,
        Tally tally,
        Schedule schedule,
        List<SessionStats> counters,
        long violations,
        List<String> broken) {

    Report(Place place, World world, long lives, Schedule schedule, Duration took) {
        this(
                place,
                world.seed(),
                took,
                lives,
                world.tally(),
                schedule,
                world.nodes().stream().map(node -> node.sessions().stats()).toList(),
                world.violations().count(),
                world.violations().first());
    }

    private long sum(ToLongFunction<SessionStats> counter) {
        return counters.stream().mapToLong(counter).sum();
    }

    /** As it is printed. */
    String text() {
        StringBuilder text = new StringBuilder();
        line(text, "%s, seed %d: %d s, %,d sessions", place.text(), seed, took.toSeconds(), lives);
        line(text, "");
        line(text, "%-20s %12s %12s %12s", "requests", "acknowledged", "refused", "unknown");
        for (Kind kind : Kind.values()) {
            line(
                    text,
                    "%-20s %,12d %,12d %,12d",
                    kind,
                    tally.of(kind, Outcome.ACKNOWLEDGED),
                    tally.of(kind, Outcome.REFUSED),
                    tally.of(kind, Outcome.UNKNOWN));
        }
        line(text, "");
        line(text, "%-20s %12s %12s", "faults", "happened", "noticed");
        schedule.happened()
                .forEach((fault, times) -> line(
                        text,
                        "%-20s %,12d %,12d",
                        fault,
                        times,
                        Objects.requireNonNullElse(schedule.hits().get(fault), 0L)));
        line(text, "");
        line(text, "%-36s %,12d", "the store was away", tally.unavailable());
        line(text, "%-36s %,12d", "store calls without an answer", sum(SessionStats::unavailable));
        line(text, "%-36s %,12d", "conflicts, merged", sum(SessionStats::conflicts));
        line(text, "%-36s %,12d", "attributes that a later one replaced", sum(SessionStats::overwritten));
        line(text, "%-36s %,12d", "late changes of ended sessions", sum(SessionStats::dropped));
        line(text, "%-36s %,12d", "ends that were not confirmed at once", sum(SessionStats::unconfirmed));
        for (SessionEvent.Kind kind :
                List.of(SessionEvent.Kind.DEGRADED, SessionEvent.Kind.LOST, SessionEvent.Kind.CORRUPT)) {
            line(text, "%-36s %,12d", "events " + kind, tally.of(kind));
        }
        line(text, "%-36s %12.1f ms", "99 of 100 requests took at most", tally.millisOf(99));
        line(text, "%-36s %12.1f ms", "the slowest took", tally.worstMillis());
        line(text, "%-36s %,12d", "violations", violations);
        broken.forEach(what -> line(text, "  %s", what));
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
