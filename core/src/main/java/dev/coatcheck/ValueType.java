package dev.coatcheck;

import java.lang.invoke.MethodType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a key are.
 *
 * @param shape one value or a container
 * @param element the class of the value, or of each element; never a primitive
 */
record ValueType<T>(Shape shape, Class<?> element) {

    enum Shape {
        ONE(""),
        LIST("l"),
        SET("s"),
        MAP("p");

        /** The tag of our own encoding of it. */
        final String tag;

        Shape(String tag) {
            this.tag = tag;
        }

        /** The container that a tag says; null for none. */
        static @Nullable Shape ofTag(String tag) {
            return switch (tag) {
                case "l" -> LIST;
                case "s" -> SET;
                case "p" -> MAP;
                default -> null;
            };
        }

        /** The container that a value is; ONE for none. */
        static Shape ofValue(Object value) {
            return value instanceof List ? LIST : value instanceof Set ? SET : value instanceof Map ? MAP : ONE;
        }

        /** As messages say it. */
        String of(String element) {
            return switch (this) {
                case ONE -> element;
                case LIST -> "List<" + element + ">";
                case SET -> "Set<" + element + ">";
                case MAP -> "Map<String, " + element + ">";
            };
        }
    }

    static <T> ValueType<T> of(Class<T> type) {
        return new ValueType<>(Shape.ONE, boxed(type));
    }

    static <E> ValueType<List<E>> listOf(Class<E> type) {
        return new ValueType<>(Shape.LIST, boxed(type));
    }

    static <E> ValueType<Set<E>> setOf(Class<E> type) {
        return new ValueType<>(Shape.SET, boxed(type));
    }

    static <V> ValueType<Map<String, V>> mapOf(Class<V> type) {
        return new ValueType<>(Shape.MAP, boxed(type));
    }

    private static Class<?> boxed(Class<?> type) {
        return MethodType.methodType(type).wrap().returnType();
    }

    /** Why values could not be read back; null when they can. */
    @Nullable
    String fault() {
        return TypeCheck.fault(element);
    }

    /** Whether the value is of this type through and through, so that it reads back as it is. */
    boolean accepts(Object value) {
        return switch (shape) {
            case ONE -> acceptsElement(value);
            case LIST -> value instanceof List<?> list && acceptsAll(list);
            case SET -> value instanceof Set<?> set && acceptsAll(set);
            case MAP ->
                value instanceof Map<?, ?> map
                        && map.keySet().stream().allMatch(String.class::isInstance)
                        && acceptsAll(map.values());
        };
    }

    private boolean acceptsAll(Collection<?> elements) {
        for (Object each : elements) {
            if (each != null && !acceptsElement(each)) {
                return false;
            }
        }
        return true;
    }

    /** Subclasses only where the stored form says which: else they would come back as their parent. */
    boolean acceptsElement(Object value) {
        return switch (Kind.of(element)) {
            case SCALAR, CLOSED -> element.isInstance(value);
            case PLAIN ->
                value.getClass() == element
                        || value instanceof Enum<?> constant && constant.getDeclaringClass() == element;
        };
    }

    private enum Kind {
        SCALAR,
        CLOSED,
        PLAIN;

        static Kind of(Class<?> type) {
            return Scalar.of(type) != null ? SCALAR : TypeCheck.isAbstract(type) ? CLOSED : PLAIN;
        }
    }

    /** Whether a value could be changed after it was handed out. */
    boolean isMutable() {
        return shape != Shape.ONE || !Immutability.isImmutable(element);
    }

    /** The same type with boxes and full class names, as it stands in messages. */
    @Override
    public String toString() {
        return shape.of(element.getTypeName());
    }
}
