package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.AsyncMemcacheService;
import com.google.appengine.api.memcache.ErrorHandlers;
import com.google.appengine.api.memcache.Expiration;
import com.google.appengine.api.memcache.InvalidValueException;
import com.google.appengine.api.memcache.MemcacheService.IdentifiableValue;
import com.google.appengine.api.memcache.MemcacheService.SetPolicy;
import com.google.appengine.api.memcache.MemcacheServiceFactory;
import com.google.appengine.api.memcache.Stats;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.store.appengine.Answers.ServiceException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of App Engine's memcache that a store makes: each is one, within a deadline. Every failure is an {@link ApiFailure}; by itself the service's
 * client would answer "nothing there" and "not stored" instead. Safe for use by many threads.
 */
final class Memcache {
    /** What each key begins with, so that others may use the same memcache. Bytes are sent as they are, texts in quotes. */
    private static final String PREFIX = "cc:";

    private final AsyncMemcacheService service;
    private final long openedAt = System.nanoTime();
    private volatile @Nullable Long failedAt;

    /** @throws IllegalArgumentException when the namespace is none */
    Memcache(String namespace) {
        // Without a namespace it would be that of the thread, and the same session another one in another tenant's
        // request.
        service = MemcacheServiceFactory.getAsyncMemcacheService(namespace);
        service.setErrorHandler(ErrorHandlers.getStrict());
    }

    private static byte[] name(Key key) {
        return (PREFIX + key.text()).getBytes(StandardCharsets.US_ASCII);
    }

    /** How long no call has failed, or since the store was opened: before that, nobody looked. */
    Duration steadyFor() {
        Long failed = failedAt;
        return since(failed == null ? openedAt : failed);
    }

    /** Whether no call has failed for so long. */
    boolean isSettled(Duration time) {
        Long failed = failedAt;
        return failed == null || since(failed).compareTo(time) > 0;
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(Math.max(0, System.nanoTime() - nanos));
    }

    /** Null when there is nothing. */
    @Nullable
    CacheItem get(Key key, Deadline deadline) {
        try {
            IdentifiableValue seen =
                    Answers.<@Nullable IdentifiableValue>of(() -> service.getIdentifiable(name(key)), deadline);
            return seen == null ? null : CacheItem.of(seen);
        } catch (ServiceException e) {
            // Of what is there: an object of a class that is not, or of a type that no client knows.
            if (e.thrown() instanceof InvalidValueException || e.thrown() instanceof IllegalArgumentException) {
                return CacheItem.unreadable();
            }
            throw failed(ApiFailure.of(e.thrown()));
        } catch (ApiFailure e) {
            throw failed(e);
        }
    }

    /** False when something is there, or an end keeps new things away. */
    boolean add(Key key, byte[] bytes, Expiration until, Deadline deadline) {
        return ask(() -> service.put(name(key), bytes, until, SetPolicy.ADD_ONLY_IF_NOT_PRESENT), deadline);
    }

    /** False when anything else is there now, or nothing. */
    boolean replace(Key key, IdentifiableValue seen, byte[] bytes, Expiration until, Deadline deadline) {
        return ask(() -> service.putIfUntouched(name(key), seen, bytes, until), deadline);
    }

    /** Whatever is there. */
    void put(Key key, byte[] bytes, Expiration until, Deadline deadline) {
        ask(() -> service.put(name(key), bytes, until, SetPolicy.SET_ALWAYS), deadline);
    }

    /** For a while what is new is kept away too. */
    void delete(Key key, Duration noNewFor, Deadline deadline) {
        ask(() -> service.delete(name(key), noNewFor.toMillis()), deadline);
    }

    Stats stats(Deadline deadline) {
        return ask(service::getStatistics, deadline);
    }

    private <T> T ask(Supplier<Future<T>> call, Deadline deadline) {
        try {
            return Answers.of(call, deadline);
        } catch (ServiceException e) {
            throw failed(ApiFailure.of(e.thrown()));
        } catch (ApiFailure e) {
            throw failed(e);
        }
    }

    private ApiFailure failed(ApiFailure failure) {
        if (failure.fate() != ApiFailure.Fate.NOT_SENT) { // that says nothing of the service
            failedAt = System.nanoTime();
        }
        return failure;
    }
}
