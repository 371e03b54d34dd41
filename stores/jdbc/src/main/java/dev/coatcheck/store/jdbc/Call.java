package dev.coatcheck.store.jdbc;

import dev.coatcheck.store.jdbc.DatabaseException.Fate;
import java.sql.Connection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A statement on its way. Callers wait here and touch no connection: their deadline holds whatever a driver does, and who is
 * interrupted closes nothing that others use. Only what was never sent is certain not to happen.
 */
final class Call<R> {
    private enum State {
        WAITING,
        SENT,
        GIVEN_UP
    }

    private final CompletableFuture<R> result = new CompletableFuture<>();
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final AtomicReference<@Nullable Connection> line = new AtomicReference<>();

    /** Called by the worker, ahead of the statement. False when nobody waits for it any more: it must not be sent. */
    boolean send(Connection connection) {
        line.set(connection);
        return state.compareAndSet(State.WAITING, State.SENT);
    }

    /** Called by the worker, before it gives the connection back. False when it was taken away meanwhile. */
    boolean leaveLine() {
        return line.getAndSet(null) != null;
    }

    /** Takes the connection away from a worker that is still on it; null when none is. */
    @Nullable
    Connection takeLine() {
        return line.getAndSet(null);
    }

    void answer(R answer) {
        result.complete(answer);
    }

    void fail(Throwable failure) {
        result.completeExceptionally(failure);
    }

    /** Waits for the answer until a moment of {@link System#nanoTime()}. */
    R await(long deadline) throws DatabaseException {
        try {
            return result.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            boolean sent = giveUp();
            throw new DatabaseException(sent ? Fate.SILENT : Fate.UNREACHED, "the database did not answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            boolean sent = giveUp();
            throw new DatabaseException(sent ? Fate.LOST : Fate.NOT_SENT, "the request was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DatabaseException failure) {
                throw failure;
            }
            // An Error of the worker's; its message may be a driver's.
            throw new IllegalStateException("A statement failed by a " + Texts.kind(e.getCause()));
        }
    }

    private boolean giveUp() {
        return state.getAndSet(State.GIVEN_UP) == State.SENT;
    }
}
