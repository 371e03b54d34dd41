package dev.coatcheck;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What happened in a schedule, in its order; kept only when a schedule is run once more to be read. */
final class SimTrace {
    private final boolean kept;
    private final List<String> lines = new ArrayList<>();

    SimTrace(boolean kept) {
        this.kept = kept;
    }

    boolean isKept() {
        return kept;
    }

    void add(Supplier<String> line) {
        if (kept) {
            lines.add(line.get());
        }
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
