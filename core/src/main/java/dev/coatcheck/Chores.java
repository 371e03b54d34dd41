package dev.coatcheck;

import java.time.Duration;

/** Takes work that no request waits for, and does it later. Safe for use by many threads; runs nothing with a lock held. */
interface Chores extends AutoCloseable {

    /**
     * Done by the threads that serve requests, or by threads of their own.
     *
     * @param inRequests as {@link SessionStore#needsRequestThread}
     * @param thread what such a thread is called
     */
    static Chores behind(boolean inRequests, String thread) {
        return inRequests ? new RequestChores(System::nanoTime) : new ThreadChores(thread);
    }

    /** Does this once, not before so long from now. After {@link #close()} never. */
    void in(Duration delay, Runnable chore);

    /** How many are yet to be done. */
    int waiting();

    /** Whether a chore may take its time; if not, a request waits for it. */
    boolean mayTakeLong();

    /** A request is over: what is due may be done now. */
    void requestOver();

    /** Forgets what was not begun. */
    @Override
    void close();
}
