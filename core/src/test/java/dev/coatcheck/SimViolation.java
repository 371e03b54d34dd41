package dev.coatcheck;

/** A promise that a schedule has shown to be broken. */
final class SimViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    SimViolation(String what) {
        super(what);
    }
}
