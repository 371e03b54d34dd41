package dev.coatcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/**
 * Turns values into attributes and back. The same value always gives the same bytes, and reading and writing again gives
 * them too, so that equal bytes mean an unchanged value. Immutable; safe for use by many threads.
 */
final class ValueCodec {
    private final Aliases aliases;
    private final ObjectCodec objects;
    private final Map<String, SessionKey<?>> keys = new HashMap<>();
    private final int maxBytes;
    private final @Nullable JdkCodec jdk;

    /** As the other one, without the JDK's serialization. */
    ValueCodec(List<Settings.Alias> aliases, List<SessionKey<?>> keys, int maxBytes) {
        this(aliases, keys, maxBytes, null);
    }

    /**
     * @param maxBytes how large a single value may be
     * @param serializable what may be stored by the JDK's serialization; null for nothing
     * @throws IllegalArgumentException when there are {@link #faults}
     */
    ValueCodec(
            List<Settings.Alias> aliases,
            List<SessionKey<?>> keys,
            int maxBytes,
            @Nullable SerializableTypes serializable) {
        List<String> faults = faults(aliases, keys);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", faults));
        }
        this.aliases = new Aliases(aliases);
        this.objects = new ObjectCodec(maxBytes);
        keys.forEach(key -> this.keys.put(key.name(), key));
        this.maxBytes = maxBytes;
        this.jdk = serializable == null ? null : new JdkCodec(serializable, maxBytes);
    }

    /** A line for each alias and key that cannot be. */
    static List<String> faults(List<Settings.Alias> aliases, List<SessionKey<?>> keys) {
        List<String> faults = new ArrayList<>(Aliases.faults(aliases));
        Map<String, SessionKey<?>> seen = new HashMap<>();
        for (SessionKey<?> key : keys) {
            SessionKey<?> other = seen.putIfAbsent(key.name(), key);
            if (other != null && !(other.equals(key) && other.flags() == key.flags())) {
                faults.add("keys(" + key + "): another key of this name is " + other
                        + (other.equals(key) ? ", guarded or cacheOnly otherwise" : ""));
            }
        }
        return faults;
    }

    /** @throws SessionAttributeException when the value is not of the key's type, or cannot be stored */
    <T> Attribute encode(SessionKey<T> key, T value) {
        ValueType<T> type = key.type();
        if (!type.accepts(value)) {
            throw refused(key.toString(), new UnwritableValueException("the value is " + describe(value, type)));
        }
        String tag = tag(type);
        try {
            byte[] bytes = objects.toBytes(out -> {
                if (tag.isEmpty() || aliases.type(tag) != null) {
                    objects.write(out, type, value);
                } else {
                    new TaggedWriter(out, aliases, objects).write(value);
                }
            });
            boolean exact = type.shape() == ValueType.Shape.ONE && Scalar.of(type.element()) != null;
            String written = exact ? String.valueOf(TaggedWriter.tagOf(value, aliases)) : tag;
            return new Attribute(written, key.flags(), bytes);
        } catch (UnwritableValueException e) {
            throw refused(key.toString(), e);
        }
    }

    /** How values of a type are stored: tagged by us where every part has a tag, else as only the key can read it. */
    private String tag(ValueType<?> type) {
        Scalar<?> scalar = Scalar.of(type.element());
        String alias = aliases.name(type.element());
        if (type.shape() != ValueType.Shape.ONE) {
            return scalar != null || alias != null ? type.shape().tag : "";
        }
        return scalar != null ? String.valueOf(scalar.tag) : alias != null ? alias : "";
    }

    /**
     * @throws SessionAttributeException when what is stored is of another class
     * @throws UndecodableValueException when it cannot be decoded
     */
    <T> T decode(SessionKey<T> key, Attribute attribute) throws UndecodableValueException {
        ValueType<T> type = key.type();
        String tag = attribute.tag();
        Object value;
        if (tag.isEmpty()) {
            if (Scalar.of(type.element()) != null) {
                throw mismatch(key, "a value of a key of another type");
            }
            value = parse(attribute, parser -> {
                parser.nextToken();
                return objects.read(parser, type);
            });
        } else {
            refuseOther(key, tag);
            value = tagged(attribute);
        }
        if (!type.accepts(value)) {
            throw mismatch(key, describe(value, type));
        }
        return type.cast(value);
    }

    private void refuseOther(SessionKey<?> key, String tag) {
        ValueType<?> wanted = key.type();
        ValueType.Shape shape = ValueType.Shape.ofTag(tag);
        Scalar<?> scalar = Scalar.ofTag(tag);
        Class<?> found = scalar != null ? scalar.type : aliases.type(tag);
        if (shape != null && shape != wanted.shape()) {
            throw mismatch(key, "a " + shape.of("?"));
        }
        if (found != null
                && (wanted.shape() != ValueType.Shape.ONE || !wanted.element().isAssignableFrom(found))) {
            throw mismatch(key, found.getTypeName());
        }
    }

    /**
     * As {@link #encode}, for the classes that have a tag, for values of a registered key's type under its name, and for
     * what may be serialized.
     *
     * @throws SessionAttributeException when the name or the value cannot be stored
     */
    Attribute encodeUntyped(String name, Object value) {
        return encodeUntyped(name, value, null);
    }

    /** @param known bytes of which is known that they can be read back; null for none */
    Attribute encodeUntyped(String name, Object value, byte @Nullable [] known) {
        refuseName(name);
        SessionKey<?> key = keys.get(name);
        if (key != null && key.type().accepts(value)) {
            return encodeAs(key, value);
        }
        try {
            return encodeByClass(value, key == null ? 0 : key.flags(), known);
        } catch (UnwritableValueException e) {
            throw refused(AttributeNames.quoted(name), e);
        }
    }

    private Attribute encodeByClass(Object value, int flags, byte @Nullable [] known) {
        JdkCodec serialization = jdk;
        if (serialization == null || Scalar.ofValue(value) != null || aliases.nameOf(value) != null) {
            return encodeTagged(value, flags);
        }
        if (ValueType.Shape.ofValue(value) == ValueType.Shape.ONE || serialization.keepsClassOf(value)) {
            return serialized(serialization, value, flags, known);
        }
        try {
            return encodeTagged(value, flags);
        } catch (UnwritableValueException e) {
            return serialized(serialization, value, flags, known);
        }
    }

    private Attribute encodeTagged(Object value, int flags) {
        String tag = TaggedWriter.tagOf(value, aliases);
        byte[] bytes = objects.toBytes(out -> new TaggedWriter(out, aliases, objects).write(value));
        return new Attribute(String.valueOf(tag), flags, bytes);
    }

    private Attribute serialized(JdkCodec serialization, Object value, int flags, byte @Nullable [] known) {
        byte[] stream = serialization.write(value);
        byte[] bytes = objects.toBytes(out -> out.writeBinary(stream));
        if (!Arrays.equals(bytes, known)) {
            serialization.readBack(stream);
        }
        return new Attribute(JdkCodec.TAG, flags, bytes);
    }

    private <T> Attribute encodeAs(SessionKey<T> key, Object value) {
        return encode(key, key.type().cast(value));
    }

    /**
     * The value by its tag, or else by the key that is registered under the name.
     *
     * @throws SessionAttributeException when this manager was not told what it is
     * @throws UndecodableValueException when it cannot be decoded
     */
    Object decodeUntyped(String name, Attribute attribute) throws UndecodableValueException {
        refuseName(name);
        if (attribute.tag().isEmpty()) {
            SessionKey<?> key = keys.get(name);
            if (key == null) {
                throw new SessionAttributeException(
                        "The attribute " + AttributeNames.quoted(name)
                                + " was stored with a SessionKey that this manager"
                                + " does not know: register the key with keys(...), or read it with the key",
                        null);
            }
            return decode(key, attribute);
        }
        try {
            return tagged(attribute);
        } catch (UndecodableValueException e) {
            if (e.unknownAlias() == null) {
                throw e;
            }
            throw new SessionAttributeException(
                    "The attribute " + AttributeNames.quoted(name) + " holds a value of the alias "
                            + AttributeNames.quoted(e.unknownAlias())
                            + ", which is not registered: register it with type(alias, Class)",
                    null);
        }
    }

    /** Writes what a test run learned of serializable classes; not to be called under a lock. */
    void saveLearned() {
        if (jdk != null) {
            jdk.saveLearned();
        }
    }

    /** Whether values of a key's type can be changed after they were handed out. */
    boolean isMutable(SessionKey<?> key) {
        return key.type().isMutable();
    }

    /** Whether a value can be changed after it was handed out; true when in doubt. */
    boolean isMutable(Object value) {
        Scalar<?> scalar = Scalar.ofValue(value);
        return !Immutability.isImmutable(scalar != null ? scalar.type : value.getClass());
    }

    private Object tagged(Attribute attribute) throws UndecodableValueException {
        if (attribute.tag().equals(JdkCodec.TAG)) {
            return deserialized(attribute);
        }
        return parse(attribute, parser -> new TaggedReader(parser, aliases, objects).read(attribute.tag()));
    }

    private Object deserialized(Attribute attribute) throws UndecodableValueException {
        if (jdk == null) {
            throw new UndecodableValueException("a serialized object, and serializable(...) is not set here");
        }
        return jdk.read((byte[]) parse(attribute, parser -> new TaggedReader(parser, aliases, objects).read("x")));
    }

    private interface Reading {
        Object read(JsonParser parser) throws UndecodableValueException;
    }

    private Object parse(Attribute attribute, Reading reading) throws UndecodableValueException {
        CborCheck.check(attribute.bytes(), maxBytes);
        try (JsonParser parser = objects.parser(attribute.bytes())) {
            return reading.read(parser);
        } catch (RuntimeException e) {
            throw new UndecodableValueException("not readable: " + e.getClass().getSimpleName(), e);
        }
    }

    private static void refuseName(String name) {
        String fault = AttributeNames.fault(name);
        if (fault != null) {
            throw new SessionAttributeException(
                    "The attribute name " + AttributeNames.quoted(name) + " is refused: " + fault, null);
        }
    }

    private static SessionAttributeException refused(String what, UnwritableValueException e) {
        return new SessionAttributeException(
                "The attribute " + what + " cannot be stored: " + e.getMessage(), e.getCause());
    }

    private static SessionAttributeException mismatch(SessionKey<?> key, String found) {
        return new SessionAttributeException("The attribute " + key + " is stored as " + found, null);
    }

    /** A value's class, or that of the element which the type does not accept. */
    private static String describe(Object value, ValueType<?> type) {
        ValueType.Shape shape = ValueType.Shape.ofValue(value);
        if (shape != type.shape()) {
            return "a " + value.getClass().getTypeName();
        }
        Collection<?> elements =
                value instanceof Map<?, ?> map ? map.values() : value instanceof Collection<?> c ? c : List.of();
        for (Object each : elements) {
            @Nullable Object one = each;
            if (one != null && !type.acceptsElement(one)) {
                return shape.of(one.getClass().getTypeName());
            }
        }
        return shape == ValueType.Shape.ONE
                ? "a " + value.getClass().getTypeName()
                : "a map with other keys than String";
    }
}
