package dev.coatcheck.test;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A slow request: its handler has run, its commit waits for {@link #release()}. Made by {@link TestBrowser#hold}.
 *
 * <pre>{@code
 * HeldRequest<Void> slow = alice.hold(session -> { session.set(NAME, "late"); return null; });
 * alice.visit(Session::logout);
 * slow.release();
 * }</pre>
 *
 * <p>Safe for use by many threads. No wait is longer than 30 seconds.
 *
 * @param <R> what the handler returns
 */
public final class HeldRequest<R extends @Nullable Object> implements AutoCloseable {
    private static final long SECONDS = 30;

    private final TestExchange exchange;
    private final CompletableFuture<R> result = new CompletableFuture<>();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private @Nullable Thread thread;

    HeldRequest(TestExchange exchange) {
        this.exchange = exchange;
    }

    void start(Supplier<R> request) {
        Thread worker = new Thread(
                () -> {
                    try {
                        result.complete(request.get());
                    } catch (Throwable thrown) {
                        result.completeExceptionally(thrown);
                    } finally {
                        held.countDown();
                    }
                },
                "held-request");
        worker.setDaemon(true);
        thread = worker;
        worker.start();
        if (!await(held)) {
            throw late("The handler has not returned");
        }
    }

    void hold() {
        held.countDown();
        if (!await(released)) {
            throw late("The request was never released");
        }
    }

    /**
     * Lets the request commit and waits for its end. May be repeated.
     *
     * @return what the handler returned
     * @throws AssertionError when the request does not end within 30 seconds
     */
    public R release() {
        released.countDown();
        try {
            return result.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw rethrown(failed.getCause());
        } catch (TimeoutException late) {
            throw late("The request has not ended");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while a request was under way", interrupted);
        }
    }

    /** As {@link #release()}, for a request that must fail with this type: returns what it threw. */
    public <X extends Throwable> X releaseFailing(Class<X> type) {
        try {
            release();
        } catch (Throwable thrown) {
            if (type.isInstance(thrown)) {
                return type.cast(thrown);
            }
            throw new AssertionError("Expected the held request to throw " + type.getName(), thrown);
        }
        throw new AssertionError("Expected the held request to throw " + type.getName() + ", but it threw nothing");
    }

    /** Its response, complete after {@link #release()}. */
    public TestExchange.Response response() {
        return exchange.response();
    }

    /** Releases without waiting or looking at the outcome, if that was not done. */
    @Override
    public void close() {
        released.countDown();
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** With the request's stack, so that it shows where it hangs. */
    private AssertionError late(String what) {
        AssertionError error = new AssertionError(what + " within " + SECONDS + " s");
        Thread worker = thread;
        if (worker != null) {
            Throwable where = new Throwable("The request is here");
            where.setStackTrace(worker.getStackTrace());
            error.addSuppressed(where);
        }
        return error;
    }

    private static RuntimeException rethrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException failure ? failure : new IllegalStateException(cause);
    }
}
