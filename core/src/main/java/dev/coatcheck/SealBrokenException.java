package dev.coatcheck;

/**
 * A stored value is not one that was sealed with this key at this place. One outcome for every cause: who may write to the
 * store learns nothing from it.
 */
final class SealBrokenException extends Exception {
    private static final long serialVersionUID = 1L;

    SealBrokenException() {
        super("The value's seal is broken", null, false, false);
    }
}
