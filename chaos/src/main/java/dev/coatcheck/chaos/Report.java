package dev.coatcheck.chaos;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStats;
import dev.coatcheck.chaos.Entry.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/** What came of a run. */
record Report(
        Place place,
        long seed,
        Duration took,
        long lives,
        Tally tally,
        Map<Fault, Long> happened,
        Map<Fault, Long> noticed,
        long repairs,
        List<SessionStats> counters,
        long violations,
        List<String> broken) {

    Report(Place place, World world, long lives, Schedule schedule, long repairs, Duration took) {
        this(
                place,
                world.seed(),
                took,
                lives,
                world.tally(),
                schedule.happened(),
                schedule.hits(),
                repairs,
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
        line(
                text,
                String.format(
                        Locale.ROOT, "%s, seed %d: %d s, %,d sessions", place.text(), seed, took.toSeconds(), lives));
        line(text, "");
        line(text, String.format("%-20s %12s %12s %12s", "requests", "acknowledged", "refused", "unknown"));
        for (Kind kind : Kind.values()) {
            line(
                    text,
                    String.format(
                            Locale.ROOT,
                            "%-20s %,12d %,12d %,12d",
                            kind,
                            tally.of(kind, Outcome.ACKNOWLEDGED),
                            tally.of(kind, Outcome.REFUSED),
                            tally.of(kind, Outcome.UNKNOWN)));
        }
        line(text, "");
        line(text, String.format("%-20s %12s %12s", "faults", "happened", "noticed"));
        happened.forEach((fault, times) -> line(
                text, String.format(Locale.ROOT, "%-20s %,12d %,12d", fault, times, noticed.getOrDefault(fault, 0L))));
        line(text, "");
        number(text, "requests to which the store was away", tally.unavailable());
        number(text, "store calls without an answer", sum(SessionStats::unavailable));
        number(text, "conflicts, merged", sum(SessionStats::conflicts));
        number(text, "second copies, repaired", repairs);
        number(text, "attributes that a later one replaced", sum(SessionStats::overwritten));
        number(text, "late changes of ended sessions", sum(SessionStats::dropped));
        number(text, "ends that were not confirmed at once", sum(SessionStats::unconfirmed));
        for (SessionEvent.Kind kind :
                List.of(SessionEvent.Kind.DEGRADED, SessionEvent.Kind.LOST, SessionEvent.Kind.CORRUPT)) {
            number(text, "events " + kind, tally.of(kind));
        }
        millis(text, "99 of 100 requests took at most", tally.millisOf(99));
        millis(text, "the slowest took", tally.worstMillis());
        number(text, "violations", violations);
        broken.forEach(what -> line(text, "  " + what));
        return text.toString();
    }

    private static void number(StringBuilder text, String name, long number) {
        line(text, String.format(Locale.ROOT, "%-36s %,12d", name, number));
    }

    private static void millis(StringBuilder text, String name, double millis) {
        line(text, String.format(Locale.ROOT, "%-36s %12.1f ms", name, millis));
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }
}
