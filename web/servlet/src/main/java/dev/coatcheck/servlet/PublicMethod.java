package dev.coatcheck.servlet;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A public method of a container's object, by name: a container's classes are not there in another one, and may be hidden
 * from the application.
 */
record PublicMethod(Object target, Method method) {

    /** Empty when the object has no such method that can be called from here. */
    static Optional<PublicMethod> of(@Nullable Object target, String name, Class<?>... parameters) {
        return target == null
                ? Optional.empty()
                : declaring(target.getClass())
                        .flatMap(type -> Stream.of(type.getMethods()))
                        .filter(method -> method.getName().equals(name)
                                && Arrays.equals(method.getParameterTypes(), parameters)
                                && method.canAccess(target))
                        .findFirst()
                        .map(method -> new PublicMethod(target, method));
    }

    /** What a method without parameters gives; empty for null too. */
    static Optional<Object> result(@Nullable Object target, String name) {
        return of(target, name).map(found -> found.call());
    }

    /** The class and all above it: the method may be of a class that is not public, and an interface of a public one. */
    private static Stream<Class<?>> declaring(@Nullable Class<?> type) {
        return type == null
                ? Stream.empty()
                : Stream.concat(
                        Stream.of(type),
                        Stream.concat(
                                Stream.of(type.getInterfaces()).flatMap(PublicMethod::declaring),
                                declaring(type.getSuperclass())));
    }

    @Nullable
    Object call(Object... arguments) {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (thrown.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException(method + " failed", thrown);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(method + " can be called no more", e);
        }
    }
}
