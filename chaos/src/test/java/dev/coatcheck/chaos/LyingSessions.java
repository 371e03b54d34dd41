package dev.coatcheck.chaos;

import dev.coatcheck.Session;
import dev.coatcheck.SessionManager;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A manager whose sessions lie about what no store could: it has no values in its hands. */
final class LyingSessions {
    private static final int ONE_OF = 20;

    private final Lie lie;
    private final AtomicLong calls = new AtomicLong();
    private final AtomicReference<@Nullable Object> others = new AtomicReference<>();

    LyingSessions(Lie lie) {
        this.lie = lie;
    }

    SessionManager before(SessionManager manager) {
        return lying(
                SessionManager.class,
                (method, values) -> method.getName().equals("current")
                        ? lying((Session) Objects.requireNonNull(call(manager, method, values)))
                        : call(manager, method, values));
    }

    private Session lying(Session session) {
        return lying(Session.class, (method, values) -> {
            boolean first = values != null
                    && Seen.FIRST.equals(values[0])
                    && method.getName().equals("get");
            if (first && lie == Lie.OTHERS) {
                Object own = call(session, method, values);
                Object other = own == null ? null : others.getAndSet(own);
                return other != null && isTime() ? other : own;
            }
            if (method.getName().equals("update") && lie == Lie.TWICE && isTime()) {
                call(session, method, values);
            }
            return call(session, method, values);
        });
    }

    private boolean isTime() {
        return calls.incrementAndGet() % ONE_OF == 0;
    }

    private interface Answer {
        @Nullable
        Object to(Method method, Object @Nullable [] values) throws Throwable;
    }

    private static <T> T lying(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> answer.to(method, values)));
    }

    private static @Nullable Object call(Object behind, Method method, Object @Nullable [] values) throws Throwable {
        try {
            return method.invoke(behind, values);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
