package dev.coatcheck.cli;

import dev.coatcheck.SessionStore;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.StoreHealth.State;
import dev.coatcheck.StoreHealth.Trouble;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Whether the parts of a store answer and take writes, and how fast. */
final class Health {
    private static final int TIMES = 100;
    private static final double NANOS_IN_MILLI = 1e6;

    private Health() {}

    static void ping(SessionStore store, PrintStream out) {
        List<Part> parts = Part.of(store);
        Table table = new Table("PART", "VERSION", "ANSWER");
        int silent = 0;
        for (Part part : parts) {
            Asked asked = Asked.of(part, 1);
            table.row(part.name(), part.version(), asked.fault.isEmpty() ? asked.quantile(1) : asked.fault);
            silent += asked.fault.isEmpty() ? 0 : 1;
        }
        table.print(out);
        complain(silent, parts.size(), store.health(), out);
    }

    static void stats(SessionStore store, PrintStream out) {
        List<Part> parts = Part.of(store);
        StoreHealth health = store.health();
        Table table = new Table("PART", "VERSION", "ANSWERS", "MEDIAN", "99 %", "NOTE");
        int silent = 0;
        for (Part part : parts) {
            Asked asked = Asked.of(part, TIMES);
            table.row(
                    part.name(),
                    part.version(),
                    asked.nanos.length + " of " + TIMES,
                    asked.quantile(0.5),
                    asked.quantile(0.99),
                    asked.fault.isEmpty() ? note(part, health) : asked.fault);
            silent += asked.fault.isEmpty() ? 0 : 1;
        }
        table.print(out);
        complain(silent, parts.size(), health, out);
    }

    /** What the part says of itself, and what its server has counted. */
    private static String note(Part part, StoreHealth health) {
        StringBuilder note = new StringBuilder(part.note());
        for (StoreHealth.Part there : health.parts()) {
            Map<String, Long> figures = there.figures();
            if (there.name().equals(part.name()) && figures.containsKey("limitBytes")) {
                note.append("; ").append(figures.get("bytes")).append(" of ").append(figures.get("limitBytes"));
                note.append(" bytes; evicted ").append(figures.get("evictionsOfServer"));
                note.append(", refused ").append(figures.get("refusedOfServer"));
            }
        }
        return note.toString();
    }

    private static void complain(int silent, int all, StoreHealth health, PrintStream out) {
        for (StoreHealth.Part part : health.parts()) {
            if (part.state() != State.DOWN && !part.reason().isEmpty()) {
                out.println(part.name() + ": " + part.reason());
            }
        }
        if (silent > 0) {
            throw Complaint.failed("no answer from " + silent + " of " + all);
        }
        if (health.has(Trouble.REFUSES_WRITES)) {
            throw Complaint.refused("writes are refused");
        }
    }

    /**
     * What came of asking a part.
     *
     * @param fault why it did not answer; then it was not asked again
     * @param nanos how long the answers took, the shortest first
     */
    private record Asked(String fault, long[] nanos) {

        static Asked of(Part part, int times) {
            String fault = part.ask(); // The first one pays for the connection and is not counted.
            long[] nanos = new long[times];
            int answers = 0;
            while (fault.isEmpty() && answers < times) {
                long begin = System.nanoTime();
                fault = part.ask();
                if (fault.isEmpty()) {
                    nanos[answers++] = System.nanoTime() - begin;
                }
            }
            long[] sorted = Arrays.copyOf(nanos, answers);
            Arrays.sort(sorted);
            return new Asked(fault, sorted);
        }

        String quantile(double share) {
            if (nanos.length == 0) {
                return "-";
            }
            int at = (int) Math.ceil(share * nanos.length) - 1;
            return String.format(Locale.ROOT, "%.2f ms", nanos[at] / NANOS_IN_MILLI);
        }
    }
}
