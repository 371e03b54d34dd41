package dev.coatcheck;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Writes a value of which only its own class is known. A container is an array of tag, element, tag, element, so that each
 * element keeps its class: plain CBOR would give back an Integer for a small Long. For one value and one thread.
 */
final class TaggedWriter {
    static final String NULL = "0";

    private final JsonGenerator out;
    private final Aliases aliases;
    private final ObjectCodec objects;
    /** The containers around the current element, and which element of each it is. */
    private final Object[] around = new Object[CborCheck.MAX_DEPTH];

    private final int[] place = new int[CborCheck.MAX_DEPTH];
    private int depth;

    TaggedWriter(JsonGenerator out, Aliases aliases, ObjectCodec objects) {
        this.out = out;
        this.aliases = aliases;
        this.objects = objects;
    }

    /** The tag of a value; null when it has none. */
    static @Nullable String tagOf(Object value, Aliases aliases) {
        Scalar<?> scalar = Scalar.ofValue(value);
        if (scalar != null) {
            return String.valueOf(scalar.tag);
        }
        String alias = aliases.nameOf(value);
        if (alias != null) {
            return alias;
        }
        String container = ValueType.Shape.ofValue(value).tag;
        return container.isEmpty() ? null : container;
    }

    void write(Object value) {
        Scalar<?> scalar = Scalar.ofValue(value);
        if (scalar != null) {
            scalar.write(out, value);
            return;
        }
        Class<?> type = aliasedType(value);
        if (type != null) {
            objects.write(out, ValueType.of(type), value);
        } else if (value instanceof Map<?, ?> map) {
            open(map, 4 * map.size());
            map.forEach((key, element) -> {
                element(key);
                place[depth - 1]--;
                element(element);
            });
            close();
        } else if (value instanceof Collection<?> collection && ValueType.Shape.ofValue(value) != ValueType.Shape.ONE) {
            open(collection, 2 * collection.size());
            collection.forEach(this::element);
            close();
        } else {
            throw unregistered(value);
        }
    }

    private @Nullable Class<?> aliasedType(Object value) {
        String alias = aliases.nameOf(value);
        return alias == null ? null : aliases.type(alias);
    }

    private void element(@Nullable Object element) {
        place[depth - 1]++;
        if (element == null) {
            out.writeString(NULL);
            out.writeNull();
            return;
        }
        String tag = tagOf(element, aliases);
        if (tag == null) {
            throw unregistered(element);
        }
        out.writeString(tag);
        write(element);
    }

    @SuppressWarnings("ReferenceEquality") // equal containers side by side are no cycle
    private void open(Object container, int items) {
        for (int i = 0; i < depth; i++) {
            if (around[i] == container) {
                throw new UnwritableValueException("it contains itself at " + path());
            }
        }
        if (depth == CborCheck.MAX_DEPTH) {
            throw new UnwritableValueException("it is nested deeper than " + CborCheck.MAX_DEPTH + " at " + path());
        }
        if (container instanceof Map<?, ?> map) {
            map.keySet().forEach(this::checkMapKey);
        }
        around[depth] = container;
        place[depth++] = -1;
        out.writeStartArray(container, items);
    }

    /** Other keys could be changed, or would not be found again. */
    private void checkMapKey(@Nullable Object key) {
        if (key != null && (Scalar.ofValue(key) == null || key instanceof byte[])) {
            throw new UnwritableValueException("a map at " + path() + " has a key of "
                    + key.getClass().getTypeName() + "; String, numbers, UUID and java.time will do");
        }
    }

    private void close() {
        out.writeEndArray();
        depth--;
    }

    private UnwritableValueException unregistered(Object value) {
        String type = value.getClass().getTypeName();
        return new UnwritableValueException("there is a " + type + " at " + path()
                + ". Accepted by name alone are scalars,"
                + " java.time, UUID, byte[], and lists, sets and maps of these; register other classes with"
                + " type(\"an-alias\", " + type + ".class), allow them with serializable(...), or use a SessionKey");
    }

    private String path() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < depth; i++) {
            text.append('[').append(place[i]).append(']');
        }
        return text.isEmpty() ? "the top" : text.toString();
    }
}
