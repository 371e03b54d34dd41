package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.MemcacheServiceFactory;
import com.google.appengine.tools.development.testing.LocalDatastoreServiceTestConfig;
import com.google.appengine.tools.development.testing.LocalMemcacheServiceTestConfig;
import com.google.appengine.tools.development.testing.LocalServiceTestConfig;
import com.google.appengine.tools.development.testing.LocalServiceTestHelper;
import com.google.apphosting.api.ApiProxy;
import com.google.apphosting.api.ApiProxy.Environment;
import dev.coatcheck.TieredSessionStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Google's own local memcache and Datastore, by a clock of the test. Every thread is one that they serve, but in {@link #onForeignThread}. Every call is
 * counted, and the next one of a kind can be made to fail. One at a time in a process.
 */
public final class LocalServices implements AutoCloseable {
    /** Longer than a busy machine takes. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final AtomicReference<@Nullable LocalServices> CURRENT = new AtomicReference<>();

    static {
        ApiProxy.setEnvironmentFactory(() -> {
            LocalServices current = CURRENT.get();
            return current == null ? null : current.helper.environment();
        });
    }

    private final Clock clock;
    private final Helper helper;
    private final ApiProxy.Delegate<Environment> google;
    private final Queue<String> calls = new ConcurrentLinkedQueue<>();
    private final Queue<Plan> plans = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Runnable> whenLost = new AtomicReference<>(() -> {});
    private final Queue<Duration> waits = new ConcurrentLinkedQueue<>();
    private volatile String off = "";

    /** What befalls a call. */
    public enum Fault {
        /** It is not made, and the service says that it is switched off. */
        DISABLED,
        /** It is not made, and nobody knows. */
        FAILED,
        /** It is made, and its answer is lost. */
        LOST,
        /** It is not made: another transaction was in the way. */
        CONTENDED,
        /** There is no answer, and the time for it passes at once. */
        LATE,
        /** There is no answer. */
        SILENCE
    }

    /** Datastore's number of that error. */
    private static final int CONCURRENT_TRANSACTION = 2;

    private record Plan(String method, Fault fault) {}

    private static final class Helper extends LocalServiceTestHelper {
        Helper(LocalServiceTestConfig... configs) {
            super(configs);
        }

        Environment environment() {
            return newEnvironment();
        }
    }

    private LocalServices(Clock clock, LocalServiceTestConfig... more) {
        this.clock = clock;
        List<LocalServiceTestConfig> configs = new ArrayList<>(List.of(more));
        configs.add(new LocalMemcacheServiceTestConfig());
        configs.add(new LocalDatastoreServiceTestConfig().setApplyAllHighRepJobPolicy());
        helper = new Helper(configs.toArray(LocalServiceTestConfig[]::new));
        helper.setClock(clock::millis).setUp();
        google = google();
        ApiProxy.setDelegate(new Wire());
        if (!CURRENT.compareAndSet(null, this)) {
            throw new IllegalStateException("Others run already");
        }
    }

    @SuppressWarnings("unchecked")
    private static ApiProxy.Delegate<Environment> google() {
        return ApiProxy.getDelegate();
    }

    /** Starts them, empty. */
    public static LocalServices start(Clock clock, LocalServiceTestConfig... more) {
        return new LocalServices(clock, more);
    }

    /** A store in memcache, with a patient timeout. */
    public AppEngineSessionStore memcache() {
        return new AppEngineSessionStore(PATIENCE, "", clock);
    }

    /** A store in Datastore, with a patient timeout. */
    public DatastoreSessionStore datastore() {
        return new DatastoreSessionStore(PATIENCE, "", DatastoreSessionStore.DEFAULT_KIND, clock);
    }

    /** The one in front of the other. */
    public TieredSessionStore both() {
        return new TieredSessionStore(memcache(), datastore());
    }

    /** Lets the next call of this method fail, as {@code memcache.Set}; further ones after it. */
    public void next(String method, Fault... faults) {
        for (Fault fault : faults) {
            plans.add(new Plan(method, fault));
        }
    }

    /** How long the callers whose answers were {@link Fault#LATE} would have waited. */
    public List<Duration> waits() {
        return List.copyOf(waits);
    }

    /** Lets every call of a service fail from now on, as {@code datastore_v3}; none by an empty text. */
    public void switchOff(String service) {
        off = service;
    }

    /** Does this once, between the next lost call and the loss of its answer. */
    public void whenLost(Runnable work) {
        whenLost.set(work);
    }

    /** The calls that were made while this ran, as {@code memcache.Get 1, memcache.Set 1}; {@code none} for none. */
    public String during(Runnable work) {
        calls.clear();
        work.run();
        Map<String, Integer> counts = new TreeMap<>();
        calls.forEach(call -> counts.merge(call, 1, Integer::sum));
        List<String> texts = new ArrayList<>();
        counts.forEach((call, count) -> texts.add(call + " " + count));
        return texts.isEmpty() ? "none" : String.join(", ", texts);
    }

    /** Lets memcache forget all. */
    public void forgetMemcache() {
        MemcacheServiceFactory.getMemcacheService("").clearAll();
    }

    /** How many calls were made while this ran. */
    public int count(Runnable work) {
        calls.clear();
        work.run();
        return calls.size();
    }

    /** Runs something on a thread that App Engine does not serve. */
    public void onForeignThread(Runnable work) {
        CURRENT.set(null);
        try {
            CompletableFuture.runAsync(work, task -> new Thread(task).start()).join();
        } finally {
            CURRENT.set(this);
        }
    }

    @Override
    public void close() {
        ApiProxy.setDelegate(google);
        helper.tearDown();
        CURRENT.set(null);
    }

    private final class LateAnswer extends CompletableFuture<byte[]> {
        @Override
        public byte[] get(long timeout, TimeUnit unit) throws TimeoutException {
            waits.add(Duration.of(timeout, unit.toChronoUnit()));
            throw new TimeoutException();
        }
    }

    /** The way to the services. */
    private final class Wire implements ApiProxy.Delegate<Environment> {
        @Override
        public byte[] makeSyncCall(Environment environment, String service, String method, byte[] request) {
            calls.add(service + "." + method);
            return google.makeSyncCall(environment, service, method, request);
        }

        @Override
        public Future<byte[]> makeAsyncCall(
                Environment environment, String service, String method, byte[] request, ApiProxy.ApiConfig config) {
            calls.add(service + "." + method);
            if (service.equals(off)) {
                return answer(Fault.DISABLED, environment, service, method, request, config);
            }
            Plan plan = plans.peek();
            if (plan == null || !plan.method.equals(service + "." + method) || !plans.remove(plan)) {
                return google.makeAsyncCall(environment, service, method, request, config);
            }
            return answer(plan.fault, environment, service, method, request, config);
        }

        private Future<byte[]> answer(
                Fault fault,
                Environment environment,
                String service,
                String method,
                byte[] request,
                ApiProxy.ApiConfig config) {
            return switch (fault) {
                case DISABLED ->
                    CompletableFuture.failedFuture(
                            new ApiProxy.CapabilityDisabledException("switched off", service, method));
                case FAILED -> CompletableFuture.failedFuture(new ApiProxy.RPCFailedException(service, method));
                case LOST -> {
                    done(google.makeAsyncCall(environment, service, method, request, config));
                    whenLost.getAndSet(() -> {}).run();
                    yield CompletableFuture.failedFuture(new ApiProxy.ApiDeadlineExceededException(service, method));
                }
                case CONTENDED ->
                    CompletableFuture.failedFuture(
                            new ApiProxy.ApplicationException(CONCURRENT_TRANSACTION, "another was faster"));
                case LATE -> new LateAnswer();
                case SILENCE -> new CompletableFuture<>();
            };
        }

        private static void done(Future<byte[]> call) {
            try {
                call.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError("The call whose answer was to be lost failed", e);
            }
        }

        @Override
        public void log(Environment environment, ApiProxy.LogRecord record) {
            google.log(environment, record);
        }

        @Override
        public void flushLogs(Environment environment) {
            google.flushLogs(environment);
        }

        @Override
        public List<Thread> getRequestThreads(Environment environment) {
            return google.getRequestThreads(environment);
        }
    }
}
