package dev.coatcheck.demo.cluster;

import java.time.Duration;

/** How the user sees the cluster. For one thread. */
interface Display {
    /** How often it is told the state. */
    Duration period();

    /** The state, which may have changed. */
    void update(View view);

    /** Shows all of it, on demand. */
    void all(View view);

    /** What came of a command, or what there is to know. */
    void say(String text);

    /** Leaves the terminal as it was. */
    void end();
}
