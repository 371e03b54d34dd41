package dev.coatcheck;

/** The life of an application's process. When it is over, its requests vanish between two of their steps. */
final class SimLife {
    private boolean over;

    boolean isOver() {
        return over;
    }

    void end() {
        over = true;
    }
}
