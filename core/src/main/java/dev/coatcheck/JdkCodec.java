package dev.coatcheck;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects by the JDK's serialization, of listed classes alone. {@link StreamCheck} has seen every stream before an object is
 * made of it, and a filter sees each class again. Safe for use by many threads.
 */
final class JdkCodec {
    /** In stored data; the bytes are a stream within a CBOR byte string. */
    static final String TAG = "J";

    private static final Logger LOG = LoggerFactory.getLogger(SerializableTypes.class);
    private static final int MAX_TOLD = 100;
    /** What a list, set or map reads back as, or a superclass of it. */
    private static final Set<String> PLAIN = Set.of(
            "java.util.ArrayList",
            "java.util.HashMap",
            "java.util.LinkedHashMap",
            "java.util.HashSet",
            "java.util.LinkedHashSet");

    private final SerializableTypes types;
    private final @Nullable LearnedTypes learned;
    private final int maxBytes;
    /** Classes whose absence from the list was logged, and failures; who writes to the store must not fill the log. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    JdkCodec(SerializableTypes types, int maxBytes) {
        this.types = types;
        this.learned = types.learned();
        this.maxBytes = maxBytes;
    }

    /** Whether a container is stored as the class that it is, and not as a plain list, set or map. */
    boolean keepsClassOf(Object container) {
        Class<?> type = container.getClass();
        String name = type.getName();
        boolean hidden = name.startsWith("java.") && !Modifier.isPublic(type.getModifiers());
        return container instanceof Serializable && !PLAIN.contains(name) && !hidden && mayWrite(name);
    }

    private boolean mayWrite(String name) {
        return types.allows(name) || learned != null && !KnownTypes.isRefused(name);
    }

    /** @throws UnwritableValueException when anything in it may not be stored; the message names the class */
    byte[] write(Object value) {
        BoundedBytes bytes = new BoundedBytes(maxBytes);
        try (Out out = new Out(bytes)) {
            out.writeObject(value);
            out.flush();
        } catch (UnwritableValueException e) {
            throw e;
        } catch (StackOverflowError e) {
            throw new UnwritableValueException("it is nested deeper than " + StreamCheck.MAX_DEPTH);
        } catch (IOException | RuntimeException | LinkageError e) {
            throw new UnwritableValueException(
                    "a " + value.getClass().getTypeName() + " fails to be serialized with "
                            + e.getClass().getSimpleName(),
                    e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads what was just written here; what is read so is learned.
     *
     * @throws UnwritableValueException when it cannot be read
     */
    void readBack(byte[] stream) {
        Set<String> met = new TreeSet<>();
        try {
            if (learned == null) {
                read(stream, types::allows);
                return;
            }
            read(stream, name -> {
                if (!types.allows(name) && mayWrite(name)) {
                    met.add(name);
                }
                return mayWrite(name);
            });
            learned.add(met);
        } catch (UndecodableValueException e) {
            throw unreadable(e);
        }
    }

    /** Writes what was learned; not to be called under a lock. */
    void saveLearned() {
        if (learned != null) {
            learned.save();
        }
    }

    private static UnwritableValueException unreadable(UndecodableValueException e) {
        String message = "it could not be read back: " + e.getMessage();
        return e.getCause() == null
                ? new UnwritableValueException(message)
                : new UnwritableValueException(message, e.getCause());
    }

    /** @throws UndecodableValueException when it is no object of listed classes within all limits */
    Object read(byte[] stream) throws UndecodableValueException {
        try {
            return read(stream, name -> {
                boolean allowed = types.allows(name);
                if (!allowed) {
                    tell(notListed(name));
                }
                return allowed;
            });
        } catch (UndecodableValueException e) {
            // What the walk refuses is no stream of ours, and counted as such. What fails in listed classes is theirs
            // to mend.
            if (e.getCause() != null) {
                tell(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /** Without it nobody would hear why an attribute reads as absent. */
    private void tell(String reason) {
        if (told.size() < MAX_TOLD && told.add(reason)) {
            LOG.warn("A stored value is not read: {}", reason);
        }
    }

    private static Object read(byte[] stream, Predicate<String> allowed) throws UndecodableValueException {
        StreamCheck.check(stream, name -> {
            if (!isAllowed(name, allowed)) {
                throw new UndecodableValueException(notListed(elementOf(name)));
            }
        });
        In in = null;
        try {
            in = new In(stream, allowed);
            Object value = in.readObject();
            if (value == null) {
                throw new UndecodableValueException("null where an object should be");
            }
            return value;
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (IOException | ClassNotFoundException | RuntimeException | Error e) {
            // Errors too: the stack's end, a class that cannot be initialized, and what collections throw
            String refused = in == null ? null : in.refused;
            throw new UndecodableValueException(refused == null ? failure(e) : notListed(refused), e);
        }
    }

    /** What was thrown and where, without its message: constructors like to quote the value. */
    private static String failure(Throwable e) {
        String type = e instanceof InvalidClassException changed && changed.classname != null
                ? " of " + SafeText.quote(changed.classname)
                : "";
        StackTraceElement[] stack = e.getStackTrace();
        String place = stack.length == 0 ? "" : " in " + stack[0].getClassName() + "." + stack[0].getMethodName();
        return "no object of the listed classes: " + e.getClass().getSimpleName() + type + place;
    }

    private static boolean isAllowed(String name, Predicate<String> allowed) {
        String element = elementOf(name);
        return isPrimitive(name, element) || allowed.test(element);
    }

    private static String notListed(String name) {
        return KnownTypes.isRefused(name)
                ? SafeText.quote(name) + " is never serialized: known for harm"
                : SafeText.quote(name) + " is not on the list of serializable types";
    }

    /** The class that an array is of; of primitives the letter. */
    private static String elementOf(String name) {
        int dimensions = 0;
        while (dimensions < name.length() && name.charAt(dimensions) == '[') {
            dimensions++;
        }
        boolean ofObjects = dimensions > 0 && name.startsWith("L", dimensions) && name.endsWith(";");
        return ofObjects ? name.substring(dimensions + 1, name.length() - 1) : name.substring(dimensions);
    }

    private static boolean isPrimitive(String name, String element) {
        return name.startsWith("[") && element.length() == 1 && "ZBCSIJFD".contains(element);
    }

    /** Refuses while writing, when the object is at hand that is refused. */
    private final class Out extends ObjectOutputStream {
        Out(OutputStream out) throws IOException {
            super(out);
            enableReplaceObject(true);
        }

        @Override
        protected Object replaceObject(Object object) {
            Class<?> type = object.getClass();
            if (object instanceof SerializedLambda lambda) {
                throw new UnwritableValueException("there is a lambda in it, of "
                        + lambda.getCapturingClass().replace('/', '.') + ": make it a class of its own");
            }
            if (Proxy.isProxyClass(type)) {
                throw new UnwritableValueException("there is a proxy in it, of " + interfaces(type));
            }
            if (!(object instanceof Serializable)) {
                throw new UnwritableValueException(
                        "there is a " + type.getTypeName() + " in it, which is not Serializable."
                                + " Make it so, make the field transient, or register the class with type(\"an-alias\", "
                                + type.getTypeName() + ".class)");
            }
            return object;
        }

        @Override
        protected void annotateClass(Class<?> type) {
            String name = elementOf(type.getName());
            if (isPrimitive(type.getName(), name) || types.allows(name)) {
                return;
            }
            if (KnownTypes.isRefused(name)) {
                throw new UnwritableValueException(
                        "there is a " + name + " in it, which is never serialized: known for harm");
            }
            if (learned == null) {
                throw new UnwritableValueException("there is a " + name
                        + " in it, which is not on the list of serializable"
                        + " types: add the line " + name + ", or register the class with type(\"an-alias\", " + name
                        + ".class)");
            }
        }

        private static String interfaces(Class<?> type) {
            return String.join(
                    ", ",
                    Arrays.stream(type.getInterfaces()).map(Class::getTypeName).toList());
        }
    }

    /** Reads with the loader of the running application, and with the filter once more. */
    private static final class In extends ObjectInputStream implements ObjectInputFilter {
        private final int bytes;
        private final Predicate<String> allowed;
        private long elements;
        /** The class that the filter refused: a stream may turn one into another. */
        @Nullable
        String refused;

        In(byte[] stream, Predicate<String> allowed) throws IOException {
            super(new ByteArrayInputStream(stream));
            this.bytes = stream.length;
            this.allowed = allowed;
            setObjectInputFilter(this);
        }

        @Override
        public Status checkInput(FilterInfo info) {
            Class<?> type = info.serialClass();
            if (info.depth() > StreamCheck.MAX_DEPTH || info.references() > 2L * bytes || info.streamBytes() > bytes) {
                return Status.REJECTED;
            }
            if (info.arrayLength() >= 0) {
                // Each element has a byte at least; hash maps make room for up to three times their entries
                elements += info.arrayLength();
                if (elements > 4L * bytes + 1_024) {
                    return Status.REJECTED;
                }
            }
            if (type == null) {
                return Status.UNDECIDED;
            }
            if (isAllowed(type.getName(), allowed)) {
                return Status.ALLOWED;
            }
            refused = elementOf(type.getName());
            return Status.REJECTED;
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass described) throws IOException, ClassNotFoundException {
            String name = described.getName();
            ClassLoader application = Thread.currentThread().getContextClassLoader();
            try {
                return application == null ? super.resolveClass(described) : Class.forName(name, false, application);
            } catch (ClassNotFoundException e) {
                return super.resolveClass(described);
            }
        }

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) throws IOException {
            throw new InvalidClassException("a proxy");
        }
    }
}
