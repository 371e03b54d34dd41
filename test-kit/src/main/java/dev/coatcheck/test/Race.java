package dev.coatcheck.test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads that start together. */
final class Race {
    private static final long SECONDS = 60;

    private Race() {}

    /** Runs each task on a thread of its own, all from one starting line, and returns their results in order. */
    static <R> List<R> run(List<Callable<R>> tasks) {
        CyclicBarrier line = new CyclicBarrier(tasks.size());
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<Future<R>> running = new ArrayList<>();
            for (Callable<R> task : tasks) {
                running.add(threads.submit(() -> {
                    line.await(SECONDS, TimeUnit.SECONDS);
                    return task.call();
                }));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> future : running) {
                results.add(future.get(SECONDS, TimeUnit.SECONDS));
            }
            return results;
        } catch (ExecutionException failed) {
            throw new AssertionError("A racing thread failed: " + failed.getCause(), failed.getCause());
        } catch (TimeoutException late) {
            throw new AssertionError("A race did not end within " + SECONDS + " s", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted in a race", interrupted);
        } finally {
            threads.shutdownNow();
        }
    }
}
