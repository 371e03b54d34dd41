package dev.coatcheck.memcached;

import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The reply to a command that is on its way. For the thread that has sent it. */
public final class PendingReply {
    private final MemcachedNode node;
    private final @Nullable Call call;
    private final @Nullable MemcachedException notSent;

    PendingReply(MemcachedNode node, @Nullable Call call, @Nullable MemcachedException notSent) {
        this.node = node;
        this.call = call;
        this.notSent = notSent;
    }

    /**
     * Waits for the reply, until the command's time is over.
     *
     * @throws MemcachedException when there is no reply, as {@link MemcachedNode#execute(Command, java.time.Duration)} does
     */
    public Reply await() {
        if (notSent != null) {
            throw notSent;
        }
        Call sent = Objects.requireNonNull(call, "sent or not sent");
        try {
            return sent.future().get(Math.max(0, sent.left()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            sent.expire();
            return resultOf(sent);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw node.interrupted(sent);
        } catch (ExecutionException e) {
            return resultOf(sent);
        }
    }

    private static Reply resultOf(Call call) {
        try {
            return call.future().getNow(null);
        } catch (RuntimeException e) {
            throw e.getCause() instanceof MemcachedException cause ? cause : e;
        }
    }
}
