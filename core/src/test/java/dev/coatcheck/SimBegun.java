package dev.coatcheck;

/** Leaves a call whose answer comes later: what a step asks of a store is a function, and this is how it ends early. */
final class SimBegun extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SimBegun() {
        super("begun", null, false, false);
    }
}
