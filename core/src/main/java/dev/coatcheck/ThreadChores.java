package dev.coatcheck;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Does chores on two threads of its own, which end while there are none. */
final class ThreadChores implements Chores {
    private static final int THREADS = 2;
    private static final int KEPT_SECONDS = 10;

    private final ScheduledThreadPoolExecutor threads;

    ThreadChores(String name) {
        threads = new ScheduledThreadPoolExecutor(THREADS, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        threads.setKeepAliveTime(KEPT_SECONDS, TimeUnit.SECONDS);
        threads.allowCoreThreadTimeOut(true);
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // One that comes while the application shuts down is left out, not refused.
        threads.setRejectedExecutionHandler((task, executor) -> {});
    }

    @Override
    public void in(Duration delay, Runnable chore) {
        var ignored = threads.schedule(chore, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int waiting() {
        return threads.getQueue().size();
    }

    @Override
    public boolean mayTakeLong() {
        return true;
    }

    /** Nothing: the threads see to it. */
    @Override
    public void requestOver() {}

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
