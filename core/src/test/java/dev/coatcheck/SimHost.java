package dev.coatcheck;

/** Where a process runs that takes commands one after another. It freezes and thaws; a restart makes it another process. */
final class SimHost {
    final String name;
    private int process = 1;
    private boolean frozen;

    SimHost(String name) {
        this.name = name;
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

    void restart() {
        frozen = false;
        process++;
    }
}
