package dev.coatcheck;

import java.time.Instant;

/** Where a process runs that takes commands one after another. It freezes and thaws; a restart makes it another process. */
final class SimHost {
    final String name;
    private int process = 1;
    private boolean frozen;
    private Instant startedAt = Instant.MIN;

    SimHost(String name) {
        this.name = name;
    }

    /** When this process was started. */
    Instant startedAt() {
        return startedAt;
    }

    int process() {
        return process;
    }

    boolean isFrozen() {
        return frozen;
    }

    void freezeOrThaw() {
        frozen = !frozen;
    }

    void thaw() {
        frozen = false;
    }

    /** Every caller sees at once that its connection ends. */
    void restart(Instant now) {
        startedAt = now;
        frozen = false;
        process++;
    }
}
