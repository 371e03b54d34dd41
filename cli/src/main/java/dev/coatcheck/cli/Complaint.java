package dev.coatcheck.cli;

import java.util.Objects;

/** Ends a command with a line for whoever typed it. */
final class Complaint extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private Complaint(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    /** Of a command or setting that is wrong: trying again does not help. */
    static Complaint wrong(String message) {
        return new Complaint(Coatcheck.WRONG, message);
    }

    /** Of a command that was understood and did not come to its end. */
    static Complaint failed(String message) {
        return new Complaint(Coatcheck.FAILED, message);
    }

    /** Of a store that answers, and takes no writes. */
    static Complaint refused(String message) {
        return new Complaint(Coatcheck.REFUSED, message);
    }

    /** What an exception says, or what it is where it says nothing. */
    static String reason(RuntimeException e) {
        return Objects.requireNonNullElse(e.getMessage(), e.getClass().getName());
    }

    int exitCode() {
        return exitCode;
    }
}
