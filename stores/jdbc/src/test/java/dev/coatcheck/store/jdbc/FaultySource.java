package dev.coatcheck.store.jdbc;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** An application's {@code DataSource} on a real database, whose statements fail as they are told to. */
final class FaultySource implements DataSource {
    /** What happens to one statement. */
    record Fault(boolean happens, Exception failure) {}

    final Queue<Fault> faults = new ArrayDeque<>();
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger statements = new AtomicInteger();
    private final TestDatabase database;

    /** Runs before a connection is handed out. */
    volatile @Nullable Runnable beforeEach;

    /** Runs before a statement is executed. */
    volatile @Nullable Runnable beforeStatement;

    /** The one and only connection, which is used again as a pool does. */
    volatile @Nullable Connection last;

    FaultySource(TestDatabase database) {
        this.database = database;
    }

    void next(boolean happens, Exception failure) {
        faults.add(new Fault(happens, failure));
    }

    @Override
    public Connection getConnection() throws SQLException {
        Runnable first = beforeEach;
        if (first != null) {
            first.run();
        }
        Connection real = last;
        if (real == null || real.isClosed()) {
            real = database.connect();
            real.setAutoCommit(false);
            last = real;
        }
        open.incrementAndGet();
        Connection connection = real;
        return proxy(Connection.class, connection, (method, call) -> {
            if (method.equals("close")) {
                open.decrementAndGet();
                return null;
            }
            if (method.equals("abort")) {
                // Not every driver can.
                return null;
            }
            Object answer = call.run();
            return answer instanceof PreparedStatement statement ? faulty(statement) : answer;
        });
    }

    private PreparedStatement faulty(PreparedStatement real) {
        return proxy(PreparedStatement.class, real, (method, call) -> {
            if (!method.startsWith("execute")) {
                return call.run();
            }
            statements.incrementAndGet();
            Runnable first = beforeStatement;
            if (first != null) {
                first.run();
            }
            Fault fault = faults.poll();
            Object answer = fault == null || fault.happens() ? call.run() : null;
            if (fault != null) {
                throw fault.failure();
            }
            return answer;
        });
    }

    private interface Call {
        @Nullable
        Object run() throws Throwable;
    }

    private interface Handler {
        @Nullable
        Object run(String method, Call call) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, T real, Handler handler) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> handler.run(method.getName(), () -> {
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return getConnection();
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException();
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
