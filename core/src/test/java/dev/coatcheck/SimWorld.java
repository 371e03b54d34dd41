package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import org.jspecify.annotations.Nullable;

/** The servers of a schedule, and what befalls them. */
interface SimWorld {
    /** The store of a new process of the application. */
    SimStore store(SimLife life);

    /** What is decided under a key now; null for nothing. */
    byte @Nullable [] truth(Key key);

    /** Something befalls a server. */
    void befall();

    /** Whatever else goes on between two events. */
    default void meanwhile() {}

    /** What is done now and then behind the requests of a process. */
    void behind(SimStore store);

    /** From now on all servers answer. */
    void thaw();
}
