package dev.coatcheck.servlet;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The last moment at which a header line can be added in Undertow. Behind a page that failed it takes all of them away, when
 * every filter is done; other containers keep the lines.
 */
final class UndertowCommit {
    private static final String LISTEN = "addResponseCommitListener";

    private UndertowCommit() {}

    /** Runs this ahead of the response's header, if the container is Undertow. */
    static void before(ServletRequest request, Runnable work) {
        ServletRequest innermost = request;
        while (innermost instanceof ServletRequestWrapper wrapper) {
            innermost = wrapper.getRequest();
        }
        PublicMethod.result(innermost, "getExchange").ifPresent(exchange -> {
            Optional<Class<?>> listener = listenerOf(exchange);
            if (listener.isPresent()) {
                PublicMethod.of(exchange, LISTEN, listener.get())
                        .ifPresent(method -> method.call(listening(listener.get(), work)));
            }
        });
    }

    private static Optional<Class<?>> listenerOf(Object exchange) {
        return Stream.of(exchange.getClass().getMethods())
                .filter(method -> method.getName().equals(LISTEN) && method.getParameterCount() == 1)
                .<Class<?>>map(method -> method.getParameterTypes()[0])
                .filter(Class::isInterface)
                .findFirst();
    }

    private static Object listening(Class<?> listener, Runnable work) {
        return Proxy.newProxyInstance(
                listener.getClassLoader(),
                new Class<?>[] {listener},
                (proxy, method, arguments) -> answer(proxy, method, arguments, work));
    }

    @SuppressWarnings("ReferenceEquality")
    private static @Nullable Object answer(Object proxy, Method method, Object @Nullable [] arguments, Runnable work) {
        return switch (method.getName()) {
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> arguments != null && proxy == arguments[0];
            case "toString" -> UndertowCommit.class.getName();
            default -> {
                work.run();
                yield null;
            }
        };
    }
}
