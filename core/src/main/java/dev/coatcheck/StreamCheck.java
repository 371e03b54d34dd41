package dev.coatcheck;

import static java.io.ObjectStreamConstants.*;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks over a stream of the JDK's serialization without making an object of it: classes that are not allowed, and whatever
 * is too deep or too much, are refused first. The walk counts what hash maps and sets would hash, shared parts each time
 * they are met: a set of two sets of two sets and so on keeps a processor busy for minutes with a kilobyte, and neither a
 * class nor a depth gives it away. The same walk ends every writing.
 *
 * <p>Refused besides: proxies, exceptions and resets in the stream, and the first protocol's {@code Externalizable}.
 */
final class StreamCheck {
    static final int MAX_DEPTH = 128;
    static final int MAX_OBJECTS = 50_000;
    static final int MAX_HASHED = 1_000_000;

    private static final Set<String> SETS = Set.of("java.util.HashSet", "java.util.CollSer");
    private static final Set<String> MAPS =
            Set.of("java.util.HashMap", "java.util.Hashtable", "java.util.concurrent.ConcurrentHashMap");

    private final ByteBuffer in;
    private final Names names;
    private final List<Handle> handles = new ArrayList<>();
    private int depth;
    /** How many keys of maps and elements of sets are around the current place. */
    private int keys;

    private long hashed;

    /** Says which classes may be read. */
    interface Names {
        void check(String name) throws UndecodableValueException;
    }

    /** What a later part may refer to. */
    private static final class Handle {
        final @Nullable Descriptor descriptor;
        /** Objects within, so far; shared ones each time. */
        long size = 1;

        boolean complete;

        Handle(@Nullable Descriptor descriptor) {
            this.descriptor = descriptor;
        }
    }

    private static final class Descriptor {
        final String name;
        int flags;
        /** A letter a field, primitives first. */
        String fields = "";

        @Nullable
        Descriptor parent;

        Descriptor(String name) {
            this.name = name;
        }
    }

    private StreamCheck(byte[] stream, Names names) {
        this.in = ByteBuffer.wrap(stream);
        this.names = names;
    }

    /** Refuses all that is not exactly one object of allowed classes within the limits. */
    static void check(byte[] stream, Names names) throws UndecodableValueException {
        try {
            new StreamCheck(stream, names).run();
        } catch (BufferUnderflowException e) {
            throw new UndecodableValueException("cut off");
        }
    }

    private void run() throws UndecodableValueException {
        if (in.getShort() != STREAM_MAGIC || in.getShort() != STREAM_VERSION) {
            throw new UndecodableValueException("no serialized object");
        }
        object();
        if (in.hasRemaining()) {
            throw new UndecodableValueException("bytes after the end");
        }
    }

    /** Reads one object and says how many are in it. */
    private long object() throws UndecodableValueException {
        deeper();
        byte tag = in.get();
        long size = switch (tag) {
            case TC_NULL -> 1;
            case TC_REFERENCE -> referred();
            case TC_STRING -> text(Short.toUnsignedInt(in.getShort()));
            case TC_LONGSTRING -> text(in.getLong());
            case TC_OBJECT -> instance();
            case TC_ARRAY -> array();
            case TC_ENUM -> constant();
            case TC_CLASS -> named();
            case TC_CLASSDESC -> {
                described();
                yield 1;
            }
            default ->
                throw new UndecodableValueException(tag == TC_PROXYCLASSDESC ? "a proxy" : "a part that is none");
        };
        depth--;
        return size;
    }

    private void deeper() throws UndecodableValueException {
        if (++depth > MAX_DEPTH) {
            throw new UndecodableValueException("nested deeper than " + MAX_DEPTH);
        }
    }

    /** What is still being read counts as far as it is, where it would be hashed as such. */
    private long referred() throws UndecodableValueException {
        Handle handle = handle();
        return handle.complete || keys > 0 ? handle.size : 1;
    }

    private Handle handle() throws UndecodableValueException {
        int at = in.getInt() - baseWireHandle;
        if (at < 0 || at >= handles.size()) {
            throw new UndecodableValueException("a reference to nothing");
        }
        return handles.get(at);
    }

    private Handle begin(@Nullable Descriptor descriptor) throws UndecodableValueException {
        if (handles.size() == MAX_OBJECTS) {
            throw new UndecodableValueException("more than " + MAX_OBJECTS + " objects");
        }
        Handle handle = new Handle(descriptor);
        handles.add(handle);
        return handle;
    }

    private static void add(Handle handle, long size) {
        handle.size = Math.min(Integer.MAX_VALUE, handle.size + size);
    }

    private static long complete(Handle handle) {
        handle.complete = true;
        return handle.size;
    }

    private long text(long length) throws UndecodableValueException {
        Handle handle = begin(null);
        skip(length);
        return complete(handle);
    }

    private long named() throws UndecodableValueException {
        some(descriptor());
        return complete(begin(null));
    }

    private long constant() throws UndecodableValueException {
        some(descriptor());
        Handle handle = begin(null);
        object();
        return complete(handle);
    }

    private long array() throws UndecodableValueException {
        Descriptor type = some(descriptor());
        Handle handle = begin(null);
        int length = in.getInt();
        char element = type.name.length() < 2 ? '?' : type.name.charAt(1);
        if (!type.name.startsWith("[") || length < 0) {
            throw new UndecodableValueException("an array that is none");
        }
        if (element != 'L' && element != '[') {
            skip((long) length * width(element));
            return complete(handle);
        }
        for (int i = 0; i < length; i++) {
            add(handle, object());
        }
        return complete(handle);
    }

    private long instance() throws UndecodableValueException {
        Descriptor type = some(descriptor());
        Handle handle = begin(null);
        List<Descriptor> levels = new ArrayList<>();
        for (Descriptor level = type; level != null; level = level.parent) {
            levels.add(0, level);
        }
        for (Descriptor level : levels) {
            switch (level.flags & (SC_SERIALIZABLE | SC_EXTERNALIZABLE)) {
                case SC_SERIALIZABLE -> fields(level, handle);
                case SC_EXTERNALIZABLE -> {
                    if ((level.flags & SC_BLOCK_DATA) == 0) {
                        throw new UndecodableValueException("an object of the first protocol");
                    }
                    annotation(level, handle);
                }
                default -> throw new UndecodableValueException("an object of a class that is not serializable");
            }
        }
        return complete(handle);
    }

    private void fields(Descriptor level, Handle handle) throws UndecodableValueException {
        for (int i = 0; i < level.fields.length(); i++) {
            char type = level.fields.charAt(i);
            if (type == 'L' || type == '[') {
                add(handle, object());
            } else {
                skip(width(type));
            }
        }
        if ((level.flags & SC_WRITE_METHOD) != 0) {
            annotation(level, handle);
        }
    }

    /** What a class writes by itself; for maps and sets of the JDK we know what of it they hash. */
    private void annotation(Descriptor level, @Nullable Handle handle) throws UndecodableValueException {
        boolean set = handle != null && SETS.contains(level.name);
        boolean map = handle != null && MAPS.contains(level.name);
        for (int i = 0; ; ) {
            in.mark();
            byte tag = in.get();
            in.reset();
            switch (tag) {
                case TC_ENDBLOCKDATA -> {
                    in.get();
                    return;
                }
                case TC_BLOCKDATA -> {
                    in.get();
                    skip(Byte.toUnsignedInt(in.get()));
                }
                case TC_BLOCKDATALONG -> {
                    in.get();
                    skip(in.getInt());
                }
                default -> {
                    long size = set || map && i % 2 == 0 ? key() : object();
                    i++;
                    if (handle != null) {
                        add(handle, size);
                    }
                }
            }
        }
    }

    private long key() throws UndecodableValueException {
        keys++;
        long size = object();
        keys--;
        hashed += size;
        if (hashed > MAX_HASHED) {
            throw new UndecodableValueException("keys of maps and elements of sets that hold more than " + MAX_HASHED
                    + " objects, shared ones each time");
        }
        return size;
    }

    private @Nullable Descriptor descriptor() throws UndecodableValueException {
        byte tag = in.get();
        return switch (tag) {
            case TC_NULL -> null;
            case TC_REFERENCE -> some(handle().descriptor);
            case TC_CLASSDESC -> described();
            case TC_PROXYCLASSDESC -> throw new UndecodableValueException("a proxy");
            default -> throw new UndecodableValueException("a class that is none");
        };
    }

    private Descriptor described() throws UndecodableValueException {
        deeper();
        Descriptor descriptor = new Descriptor(name());
        names.check(descriptor.name);
        in.getLong();
        complete(begin(descriptor));
        descriptor.flags = in.get();
        int count = in.getShort();
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < count; i++) {
            char type = (char) in.get();
            name();
            if (type == 'L' || type == '[') {
                object();
            } else if (fields.length() > 0 && "L[".indexOf(fields.charAt(fields.length() - 1)) >= 0) {
                throw new UndecodableValueException("fields out of order");
            }
            fields.append(type);
        }
        descriptor.fields = fields.toString();
        annotation(descriptor, null);
        descriptor.parent = descriptor();
        depth--;
        return descriptor;
    }

    private static Descriptor some(@Nullable Descriptor descriptor) throws UndecodableValueException {
        if (descriptor == null) {
            throw new UndecodableValueException("a class that is none");
        }
        return descriptor;
    }

    private String name() throws UndecodableValueException {
        int length = Short.toUnsignedInt(in.getShort());
        int from = in.position();
        skip(length);
        return new String(in.array(), from, length, StandardCharsets.UTF_8);
    }

    private void skip(long bytes) throws UndecodableValueException {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new UndecodableValueException("cut off");
        }
        in.position(in.position() + (int) bytes);
    }

    private static int width(char type) throws UndecodableValueException {
        return switch (type) {
            case 'B', 'Z' -> 1;
            case 'C', 'S' -> 2;
            case 'I', 'F' -> 4;
            case 'J', 'D' -> 8;
            default -> throw new UndecodableValueException("a field of no type");
        };
    }
}
