package dev.coatcheck.store.appengine;

import com.google.apphosting.api.ApiProxy;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for the answers of App Engine's services, up to a deadline. */
final class Answers {
    private Answers() {}

    /**
     * Sends a call and waits for its answer. One that comes later is lost: it cannot be called back, and cancelling it would change nothing.
     *
     * @throws ApiFailure when there is none in time
     * @throws ServiceException what the service or its client throws
     */
    static <T extends @Nullable Object> T of(Supplier<Future<T>> call, Deadline deadline) throws ServiceException {
        if (ApiProxy.getCurrentEnvironment() == null) {
            throw ApiFailure.foreignThread();
        }
        if (deadline.isOver()) {
            throw ApiFailure.late();
        }
        try {
            return call.get().get(deadline.left(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiFailure.interrupted();
        } catch (TimeoutException e) {
            throw ApiFailure.unanswered();
        } catch (ExecutionException e) {
            throw new ServiceException(e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException e) {
            throw new ServiceException(e);
        }
    }

    /** What a service or its client has thrown, for the caller to tell what it means. */
    static final class ServiceException extends Exception {
        private static final long serialVersionUID = 1L;

        private final Throwable thrown;

        ServiceException(Throwable thrown) {
            super(null, null, false, false);
            this.thrown = thrown;
        }

        Throwable thrown() {
            return thrown;
        }
    }
}
