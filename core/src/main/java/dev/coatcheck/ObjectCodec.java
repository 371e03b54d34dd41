package dev.coatcheck;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.type.TypeFactory;

/** Writes and reads classes of the application through Jackson, and turns what Jackson throws into messages without data. */
final class ObjectCodec {
    private static final int MAX_PATH = 12;

    private final ObjectMapper mapper;
    private final int maxBytes;
    private final Map<ValueType<?>, ObjectReader> readers = new ConcurrentHashMap<>();
    private final Map<ValueType<?>, ObjectWriter> writers = new ConcurrentHashMap<>();

    ObjectCodec(int maxBytes) {
        this.mapper = CborMapper.build(maxBytes);
        this.maxBytes = maxBytes;
    }

    /** What the body writes, within all limits. */
    byte[] toBytes(Consumer<JsonGenerator> body) {
        BoundedBytes out = new BoundedBytes(maxBytes);
        try (JsonGenerator generator = mapper.createGenerator(out)) {
            try {
                body.accept(generator);
                generator.flush();
            } catch (RuntimeException e) {
                throw unwritable(e);
            }
        } catch (UnwritableValueException e) {
            throw e;
        } catch (RuntimeException e) {
            throw unwritable(e); // closing may notice an item that is not finished
        }
        byte[] bytes = out.toByteArray();
        try {
            CborCheck.check(bytes, maxBytes);
        } catch (UndecodableValueException e) {
            throw new UnwritableValueException("it could not be read back: " + e.getMessage());
        }
        return bytes;
    }

    void write(JsonGenerator generator, ValueType<?> type, Object value) {
        writers.computeIfAbsent(type, t -> mapper.writerFor(javaType(t))).writeValue(generator, value);
    }

    /** A parser of bytes that {@link CborCheck} has seen. */
    JsonParser parser(byte[] bytes) {
        return mapper.createParser(bytes);
    }

    /** Reads the item at the parser's current token. */
    Object read(JsonParser parser, ValueType<?> type) throws UndecodableValueException {
        Object value;
        try {
            value = readers.computeIfAbsent(type, t -> mapper.readerFor(javaType(t)))
                    .readValue(parser);
        } catch (RuntimeException e) {
            throw undecodable(type, e);
        }
        if (value == null) {
            throw new UndecodableValueException("null where a " + type + " should be");
        }
        return value;
    }

    static UndecodableValueException undecodable(ValueType<?> type, RuntimeException e) {
        return new UndecodableValueException(
                "no " + type + " at " + path(e) + ": " + rootOf(e).getClass().getSimpleName(), e);
    }

    private JavaType javaType(ValueType<?> type) {
        TypeFactory types = mapper.getTypeFactory();
        JavaType element = types.constructType(type.element());
        return switch (type.shape()) {
            case ONE -> element;
            case LIST -> types.constructCollectionType(List.class, element);
            case SET -> types.constructCollectionType(java.util.Set.class, element);
            case MAP -> types.constructMapType(Map.class, types.constructType(String.class), element);
        };
    }

    private UnwritableValueException unwritable(RuntimeException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof UnwritableValueException known) {
                return known;
            }
            if (t instanceof StreamConstraintsException) {
                return new UnwritableValueException(
                        "it is nested deeper than " + CborCheck.MAX_DEPTH + ", or contains itself, at " + path(e));
            }
        }
        Throwable root = rootOf(e);
        String why = root instanceof ArithmeticException ? " (a number has 1,000 digits at most)" : "";
        return new UnwritableValueException(
                "writing fails at " + path(e) + " with " + root.getClass().getSimpleName() + why, e);
    }

    private static Throwable rootOf(Throwable e) {
        Throwable root = e;
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        return root;
    }

    /** Where in the value: components by name, elements by number, entries of maps without their keys, which are data. */
    private static String path(RuntimeException e) {
        if (!(e instanceof JacksonException jackson) || jackson.getPath() == null) {
            return "the top";
        }
        List<JacksonException.Reference> path = jackson.getPath();
        StringBuilder text = new StringBuilder();
        for (JacksonException.Reference place : path.subList(0, Math.min(MAX_PATH, path.size()))) {
            @Nullable String name = place.getPropertyName();
            if (name == null) {
                text.append('[').append(place.getIndex()).append(']');
            } else {
                text.append(isMap(place.from()) ? "[entry]" : "." + name);
            }
        }
        return text.isEmpty() ? "the top" : path.size() > MAX_PATH ? text + "..." : text.toString();
    }

    private static boolean isMap(@Nullable Object from) {
        return from instanceof Map || from instanceof Class<?> type && Map.class.isAssignableFrom(type);
    }
}
