package dev.coatcheck.servlet;

import jakarta.servlet.ServletContext;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what is written to the log of a servlet context. */
final class LogBook {
    final List<String> lines = new CopyOnWriteArrayList<>();

    /** The context, with its log kept here. */
    ServletContext over(ServletContext context) {
        return over((proxy, method, arguments) -> {
            try {
                return method.invoke(context, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    /** A context whose other methods are answered by the handler. */
    ServletContext over(InvocationHandler others) {
        return fake(ServletContext.class, (proxy, method, arguments) -> {
            if (method.getName().equals("log")) {
                lines.add((String) arguments[0]);
                return null;
            }
            return others.invoke(proxy, method, arguments);
        });
    }

    /** An object whose methods are answered by the handler. */
    static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(LogBook.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
