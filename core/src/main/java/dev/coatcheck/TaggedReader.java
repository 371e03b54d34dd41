package dev.coatcheck;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads what {@link TaggedWriter} wrote, out of bytes that {@link CborCheck} has seen. For one value and one thread. */
final class TaggedReader {
    private final JsonParser in;
    private final Aliases aliases;
    private final ObjectCodec objects;

    TaggedReader(JsonParser in, Aliases aliases, ObjectCodec objects) {
        this.in = in;
        this.aliases = aliases;
        this.objects = objects;
    }

    /** Reads the one value. */
    Object read(String tag) throws UndecodableValueException {
        try {
            in.nextToken();
            return value(tag);
        } catch (RuntimeException e) {
            throw new UndecodableValueException(
                    "no value of the tag " + AttributeNames.quoted(tag) + ": "
                            + e.getClass().getSimpleName(),
                    e);
        }
    }

    private Object value(String tag) throws UndecodableValueException {
        Scalar<?> scalar = Scalar.ofTag(tag);
        if (scalar != null) {
            return scalar.read(in);
        }
        ValueType.Shape shape = ValueType.Shape.ofTag(tag);
        if (shape != null) {
            return container(shape);
        }
        if (tag.length() < 2) {
            throw new UndecodableValueException("an unknown tag");
        }
        Class<?> type = aliases.type(tag);
        if (type == null) {
            throw UndecodableValueException.ofUnknownAlias(tag);
        }
        return objects.read(in, ValueType.of(type));
    }

    private Object container(ValueType.Shape shape) throws UndecodableValueException {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw new UndecodableValueException("no container");
        }
        if (shape == ValueType.Shape.MAP) {
            return map();
        }
        Collection<@Nullable Object> elements =
                shape == ValueType.Shape.SET ? new LinkedHashSet<>() : new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            elements.add(element());
        }
        return elements;
    }

    private Object map() throws UndecodableValueException {
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            Object key = element();
            if (key != null && (Scalar.ofValue(key) == null || key instanceof byte[])) {
                throw new UndecodableValueException("a map's key that is none");
            }
            in.nextToken();
            if (map.containsKey(key)) {
                throw new UndecodableValueException("a map's key twice");
            }
            map.put(key, element());
        }
        return map;
    }

    /** Reads a tag, which is the current token, and what it is the tag of. */
    private @Nullable Object element() throws UndecodableValueException {
        if (in.currentToken() != JsonToken.VALUE_STRING) {
            throw new UndecodableValueException("an element without a tag");
        }
        String tag = in.getString();
        JsonToken next = in.nextToken();
        if (!tag.equals(TaggedWriter.NULL)) {
            return value(tag);
        }
        if (next != JsonToken.VALUE_NULL) {
            throw new UndecodableValueException("a null that is none");
        }
        return null;
    }
}
