package dev.coatcheck.store.appengine;

import com.google.appengine.api.NamespaceManager;
import com.google.appengine.api.datastore.AsyncDatastoreService;
import com.google.appengine.api.datastore.DatastoreServiceConfig;
import com.google.appengine.api.datastore.DatastoreServiceFactory;
import com.google.appengine.api.datastore.Entity;
import com.google.appengine.api.datastore.EntityNotFoundException;
import com.google.appengine.api.datastore.FetchOptions;
import com.google.appengine.api.datastore.KeyFactory;
import com.google.appengine.api.datastore.Query;
import com.google.appengine.api.datastore.Transaction;
import com.google.apphosting.api.ApiProxy;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.store.appengine.Answers.ServiceException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of App Engine's Datastore that a store makes: each is one, within a deadline, in one namespace, and in the transaction that is named or in none;
 * never in one that the application has begun on this thread. Every failure is an {@link ApiFailure}. Safe for use by many threads.
 */
final class Datastore {
    /** What each key begins with: Datastore keeps names for itself that begin and end with two underscores, as a key of ours may. */
    private static final String PREFIX = "cc:";

    private static final long NANOS_A_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final String kind;
    private final String namespace;

    Datastore(String kind, String namespace) {
        this.kind = kind;
        this.namespace = namespace;
    }

    /** The service gives up when we do. */
    private static AsyncDatastoreService service(Deadline deadline) {
        double seconds = Math.max(1, deadline.left()) / (double) NANOS_A_SECOND;
        return DatastoreServiceFactory.getAsyncDatastoreService(DatastoreServiceConfig.Builder.withDeadline(seconds));
    }

    /**
     * What is made in here has our namespace, whatever that of the request is. The namespace is an attribute of the request's environment, which all its threads
     * share: so that no other one meets ours, this thread has an environment of its own meanwhile.
     */
    private <T> T inNamespace(Supplier<T> making) {
        ApiProxy.Environment request = ApiProxy.getCurrentEnvironment();
        ApiProxy.setEnvironmentForCurrentThread(withOwnAttributes(request));
        try {
            NamespaceManager.set(namespace);
            return making.get();
        } finally {
            ApiProxy.setEnvironmentForCurrentThread(request);
        }
    }

    private static ApiProxy.Environment withOwnAttributes(ApiProxy.Environment request) {
        Map<String, Object> attributes = new HashMap<>();
        return (ApiProxy.Environment) Proxy.newProxyInstance(
                Datastore.class.getClassLoader(),
                new Class<?>[] {ApiProxy.Environment.class},
                (proxy, method, arguments) ->
                        method.getName().equals("getAttributes") ? attributes : method.invoke(request, arguments));
    }

    private com.google.appengine.api.datastore.Key name(Key key) {
        return inNamespace(() -> KeyFactory.createKey(kind, PREFIX + key.text()));
    }

    /** Null when there is none. */
    @Nullable
    Row get(@Nullable Transaction transaction, Key key, Deadline deadline) {
        try {
            return Row.of(Answers.of(() -> service(deadline).get(transaction, name(key)), deadline));
        } catch (ServiceException e) {
            if (e.thrown() instanceof EntityNotFoundException) {
                return null;
            }
            throw ApiFailure.of(e.thrown());
        }
    }

    Transaction begin(Deadline deadline) {
        return ask(() -> service(deadline).beginTransaction(), deadline);
    }

    void put(Transaction transaction, Key key, Row row, Deadline deadline) {
        ask(
                () -> {
                    Entity entity = row.entity(name(key));
                    return service(deadline).put(transaction, entity);
                },
                deadline);
    }

    void delete(@Nullable Transaction transaction, Key key, Deadline deadline) {
        ask(() -> service(deadline).delete(transaction, name(key)), deadline);
    }

    void commit(Transaction transaction, Deadline deadline) {
        ask(transaction::commitAsync, deadline);
    }

    /** Nobody waits for it, but for calls of the transaction that give up when we do. */
    void rollback(Transaction transaction) {
        try {
            if (transaction.isActive()) {
                var ignored = transaction.rollbackAsync();
            }
        } catch (RuntimeException e) {
            // Datastore ends it by itself.
        }
    }

    /** The oldest first. What has no key of ours for a name is not looked at. */
    List<Key> expired(Instant now, int limit, Deadline deadline) {
        if (ApiProxy.getCurrentEnvironment() == null) {
            throw ApiFailure.foreignThread();
        }
        Query query = inNamespace(() -> new Query(kind))
                .setFilter(new Query.FilterPredicate(
                        Row.EXPIRES_AT, Query.FilterOperator.LESS_THAN_OR_EQUAL, Date.from(now)))
                .addSort(Row.EXPIRES_AT)
                .setKeysOnly();
        List<Key> keys = new ArrayList<>();
        try {
            for (Entity entity :
                    service(deadline).prepare(null, query).asIterable(FetchOptions.Builder.withChunkSize(limit))) {
                Key key = key(entity.getKey().getName());
                if (key != null) {
                    keys.add(key);
                }
                if (keys.size() == limit) {
                    break;
                }
            }
        } catch (RuntimeException e) {
            throw ApiFailure.of(e);
        }
        return keys;
    }

    private static @Nullable Key key(@Nullable String name) {
        try {
            return name == null || !name.startsWith(PREFIX) ? null : Key.of(name.substring(PREFIX.length()));
        } catch (IllegalArgumentException notOurs) {
            return null;
        }
    }

    private static <T extends @Nullable Object> T ask(Supplier<Future<T>> call, Deadline deadline) {
        try {
            return Answers.of(call, deadline);
        } catch (ServiceException e) {
            throw ApiFailure.of(e.thrown());
        }
    }
}
