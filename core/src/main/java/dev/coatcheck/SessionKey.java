package dev.coatcheck;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Names an attribute and its type. Keys are constants:
 *
 * <pre>{@code
 * static final SessionKey<Cart> CART = SessionKey.of("cart", Cart.class);
 * }</pre>
 *
 * <p>A type is a class whose values can be read back as they were: a scalar ({@code String}, {@code Integer} and the
 * other boxes, {@code BigDecimal}, {@code UUID}, {@code byte[]}, {@code java.time}), an enum, a record or a plain class
 * that Jackson can read and write, or a sealed interface with {@code @JsonTypeInfo(use = Id.SIMPLE_NAME)}; or a list, set
 * or map of these. Anything deeper belongs into a record. Types are checked when the key is made. No class name is ever
 * stored, so classes may be renamed and moved.
 *
 * <p>When a type changes between releases: a component that was added reads as null or 0 from old data, one that was
 * removed is ignored, one that was renamed is found with {@code @JsonAlias}. A change of type or of meaning needs a key of
 * another name.
 *
 * <p>Immutable. Keys are equal when name and type are.
 *
 * @param <T> what the values are
 */
public final class SessionKey<T> {
    private final String name;
    private final ValueType<T> type;
    private final int flags;

    private SessionKey(String name, ValueType<T> type, int flags) {
        this.name = name;
        this.type = type;
        this.flags = flags;
    }

    /**
     * A key of values of one class.
     *
     * @param name 1 to 256 characters, any but half surrogate pairs; not beginning with {@code coatcheck.}
     * @param type of every value, exactly, unless it is a sealed interface
     * @throws IllegalArgumentException when the name is none, or values of the type could not be read back
     */
    public static <T> SessionKey<T> of(String name, Class<T> type) {
        return checked(name, ValueType.of(type));
    }

    /**
     * A key of lists; what is read is a new {@code ArrayList}.
     *
     * @throws IllegalArgumentException as {@link #of} does
     */
    public static <E> SessionKey<List<E>> listOf(String name, Class<E> type) {
        return checked(name, ValueType.listOf(type));
    }

    /**
     * A key of sets, whose order is kept; what is read is a new {@code LinkedHashSet}.
     *
     * @throws IllegalArgumentException as {@link #of} does
     */
    public static <E> SessionKey<Set<E>> setOf(String name, Class<E> type) {
        return checked(name, ValueType.setOf(type));
    }

    /**
     * A key of maps, whose order is kept; what is read is a new {@code LinkedHashMap}.
     *
     * @throws IllegalArgumentException as {@link #of} does
     */
    public static <V> SessionKey<Map<String, V>> mapOf(String name, Class<V> type) {
        return checked(name, ValueType.mapOf(type));
    }

    private static <T> SessionKey<T> checked(String name, ValueType<T> type) {
        String fault = AttributeNames.fault(name);
        if (fault == null) {
            fault = type.fault();
        }
        if (fault != null) {
            throw new IllegalArgumentException(
                    "The key " + AttributeNames.quoted(name) + " of type " + type + " is refused: " + fault);
        }
        return new SessionKey<>(name, type, 0);
    }

    /**
     * The same key for a value that decides about access: it throws while the store is away, under
     * {@link SessionManager.StoreFailurePolicy#DEGRADE} too; it ends the session when it cannot be decoded; and it does not
     * come along when the user changes.
     */
    public SessionKey<T> guarded() {
        return new SessionKey<>(name, type, flags | Attribute.GUARDED);
    }

    /** The same key for a value that may be lost: it is not written to a durable store behind the cache. */
    public SessionKey<T> cacheOnly() {
        return new SessionKey<>(name, type, flags | Attribute.CACHE_ONLY);
    }

    String name() {
        return name;
    }

    ValueType<T> type() {
        return type;
    }

    int flags() {
        return flags;
    }

    boolean isGuarded() {
        return (flags & Attribute.GUARDED) != 0;
    }

    boolean isCacheOnly() {
        return (flags & Attribute.CACHE_ONLY) != 0;
    }

    /** Whether name and type are equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SessionKey<?> that && name.equals(that.name) && type.equals(that.type);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, type);
    }

    /** The name and the type. */
    @Override
    public String toString() {
        return AttributeNames.quoted(name) + " of type " + type;
    }
}
