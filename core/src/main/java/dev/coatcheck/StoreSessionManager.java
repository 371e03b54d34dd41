package dev.coatcheck;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The manager on one store: one session an exchange, kept among the exchange's attributes. */
final class StoreSessionManager implements SessionManager {
    private static final AtomicLong MANAGERS = new AtomicLong();

    private final SessionEngine engine;
    /** Guards the making of an exchange's session. */
    private final ReentrantLock making = new ReentrantLock();
    /** A name of this manager's own: two managers in one application keep apart, one that is mounted twice does not. */
    private final String attribute = Session.class.getName() + "/" + MANAGERS.incrementAndGet();

    StoreSessionManager(SessionEngine engine) {
        this.engine = engine;
    }

    @Override
    public Session current(SessionExchange exchange) {
        return session(exchange);
    }

    private RequestSession session(SessionExchange exchange) {
        if (exchange.attribute(attribute) instanceof RequestSession known) {
            return known;
        }
        making.lock();
        try {
            if (exchange.attribute(attribute) instanceof RequestSession known) {
                return known; // another thread of the request was faster
            }
            RequestSession session = new RequestSession(engine, exchange);
            exchange.attribute(attribute, session);
            return session;
        } finally {
            making.unlock();
        }
    }

    @Override
    public void commit(SessionExchange exchange) {
        if (exchange.attribute(attribute) instanceof RequestSession session) {
            session.access().commitByAdapter();
        }
    }

    @Override
    public void finish(SessionExchange exchange) {
        if (exchange.attribute(attribute) instanceof RequestSession session) {
            try {
                session.access().finish();
            } finally {
                engine.settings().codec().saveLearned();
            }
        }
    }

    @Override
    public Async async(Executor executor) {
        return new OnExecutor(executor);
    }

    private final class OnExecutor implements Async {
        private final Executor executor;

        OnExecutor(Executor executor) {
            this.executor = executor;
        }

        private <T> CompletionStage<T> run(Supplier<T> blocking) {
            return CompletableFuture.supplyAsync(blocking, executor);
        }

        @Override
        public CompletionStage<Session> load(SessionExchange exchange) {
            RequestSession session = session(exchange);
            return run(() -> {
                session.access().load();
                session.access().neverBlock();
                return session;
            });
        }

        @Override
        public CompletionStage<Void> commit(SessionExchange exchange) {
            return CompletableFuture.runAsync(() -> StoreSessionManager.this.commit(exchange), executor);
        }

        @Override
        public CompletionStage<Void> finish(SessionExchange exchange) {
            return CompletableFuture.runAsync(() -> StoreSessionManager.this.finish(exchange), executor);
        }

        @Override
        public CompletionStage<Boolean> logout(SessionExchange exchange) {
            RequestSession session = session(exchange);
            return run(session.access()::end);
        }
    }

    @Override
    public List<Device> devices(String userId) {
        return engine.devices().list(userId);
    }

    @Override
    public List<Device> devices(Session session) {
        return engine.devices().list(own(session).here());
    }

    @Override
    public SignedOut signOut(String userId, String deviceId) {
        return engine.devices().signOut(userId, deviceId);
    }

    @Override
    public SignedOut signOutOthers(Session session) {
        return engine.devices().signOutOthers(own(session).here());
    }

    @Override
    public SignedOut signOutEverywhere(String userId) {
        return engine.devices().signOutEverywhere(userId);
    }

    private RequestSession own(Session session) {
        if (session instanceof RequestSession own && own.isOf(engine)) {
            return own;
        }
        throw new IllegalArgumentException("Not a session of this manager");
    }

    @Override
    public StoreHealth health() {
        return engine.watch().health();
    }

    @Override
    public int sweep(int limit) {
        return engine.sweep(limit);
    }

    @Override
    public SessionStats stats() {
        return engine.protocol().counters().snapshot();
    }

    @Override
    public void close() {
        engine.close();
        engine.settings().codec().saveLearned();
        if (engine.settings().ownsStore()) {
            engine.settings().store().close();
        }
    }
}
