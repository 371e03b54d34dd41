package dev.coatcheck;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.ser.jackson.JsonValueSerializer;

/**
 * Whether values of a class can be read back as they were, found out from what Jackson would do and before anything is
 * stored: its type validator is asked on reading only, when it is too late.
 */
final class TypeCheck {
    static final String ACCEPTED =
            "Accepted are String, the boxes, BigInteger, BigDecimal, UUID, byte[], java.time, enums,"
                    + " records and plain classes of these, sealed interfaces with @JsonTypeInfo(use = SIMPLE_NAME),"
                    + " and lists, sets and maps of these.";

    /** Reads nothing. It allows what the reading one denies, so that this class gets to say why. */
    private static final ObjectMapper MAPPER = CborMapper.build(1 << 20)
            .rebuild()
            .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder()
                    .allowIfBaseType(Object.class)
                    .build())
            .build();

    private static final ClassValue<String> FAULTS = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
            return new TypeCheck().check(type);
        }
    };
    /** What Jackson keeps exactly besides our scalars. */
    private static final Set<String> JDK = Set.of(
            Locale.class.getName(),
            Date.class.getName(),
            "java.net.URI",
            "java.util.Currency",
            "java.util.OptionalInt",
            "java.util.OptionalLong",
            "java.util.OptionalDouble");

    private static final Set<String> CONTAINERS = Set.of(
            "Collection",
            "List",
            "ArrayList",
            "LinkedList",
            "Set",
            "HashSet",
            "LinkedHashSet",
            "SortedSet",
            "TreeSet",
            "EnumSet",
            "ArrayDeque",
            "Map",
            "HashMap",
            "LinkedHashMap",
            "SortedMap",
            "TreeMap",
            "EnumMap");
    private static final Set<Class<?>> NAMES = Set.of(
            String.class,
            Integer.class,
            Long.class,
            Short.class,
            Byte.class,
            java.util.UUID.class,
            java.time.LocalDate.class);

    private final Set<JavaType> visited = new HashSet<>();
    private final DeserializationContext context = MAPPER._deserializationContext();

    private TypeCheck() {}

    /** What stands against values of a class, or elements of it; null for nothing. */
    static @Nullable String fault(Class<?> element) {
        String fault = FAULTS.get(element);
        return fault.isEmpty() ? null : fault;
    }

    /** Whether a class has values of subclasses only. */
    static boolean isAbstract(Class<?> type) {
        return !type.isEnum() && Modifier.isAbstract(type.getModifiers()) && !type.isArray();
    }

    private String check(Class<?> type) {
        try {
            if (Scalar.of(type) == null) {
                if (type.isArray() || Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type)) {
                    throw new Refused(
                            "", "a container within a value: put it into a record, or use listOf, setOf, mapOf");
                }
                walk(MAPPER.constructType(type), type.getSimpleName());
            }
            return "";
        } catch (Refused e) {
            return (e.path.isEmpty() ? "" : e.path + " is ") + e.getMessage() + ". " + ACCEPTED;
        } catch (RuntimeException | LinkageError e) {
            // No data is about yet, so the words may be passed on; the first line has the reason.
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            return "Jackson does not understand the class: " + why + ". " + ACCEPTED;
        }
    }

    private void walk(JavaType type, String path) throws Refused {
        Class<?> raw = type.getRawClass();
        if (type.getTypeHandler() instanceof TypeDeserializer handler) {
            refuseClassNames(handler, path);
        }
        if (raw.isPrimitive() && raw != void.class || Scalar.of(raw) != null || !visited.add(type)) {
            return;
        }
        if (type.isArrayType()) {
            walk(type.getContentType(), path + "[]");
        } else if (type.isContainerType()) {
            walkContainer(type, path);
        } else if (raw == java.util.Optional.class) {
            walk(type.getContentType(), path);
        } else if (!JDK.contains(raw.getName())) {
            walkClass(type, raw, path);
        }
    }

    private void walkContainer(JavaType type, String path) throws Refused {
        Class<?> raw = type.getRawClass();
        if (!raw.getPackageName().equals("java.util") || !CONTAINERS.contains(raw.getSimpleName())) {
            throw new Refused(path, "a " + raw.getName() + ", which would not come back as such");
        }
        JavaType key = type.getKeyType();
        if (key != null && !key.isEnumType() && !NAMES.contains(key.getRawClass())) {
            throw new Refused(
                    path,
                    "a map with keys of " + key.getRawClass().getName()
                            + "; within records String, whole numbers, UUID, LocalDate and enums will do");
        }
        walk(type.getContentType(), path + "[]");
    }

    private void walkClass(JavaType type, Class<?> raw, String path) throws Refused {
        if (raw.getClassLoader() == null || raw.getName().startsWith("java.") || raw == Void.class) {
            throw new Refused(path, raw.getName() + ", a class of the JDK that does not say what it holds");
        }
        if (raw.isHidden() || raw.isSynthetic() || raw.isAnonymousClass() || isInner(raw)) {
            throw new Refused(path, "an inner, anonymous or generated class");
        }
        TypeDeserializer named = context.findTypeDeserializer(type);
        if (named != null) {
            refuseClassNames(named, path);
        }
        if (isAbstract(raw)) {
            walkClosed(raw, named, path);
        } else if (!raw.isEnum()) {
            walkBean(type, raw, path);
        } else if (named != null) {
            throw new Refused(path, "an enum with @JsonTypeInfo");
        }
    }

    private static boolean isInner(Class<?> raw) {
        return raw.getEnclosingClass() != null
                && !Modifier.isStatic(raw.getModifiers())
                && !raw.isRecord()
                && !raw.isEnum()
                && !raw.isInterface();
    }

    private void walkClosed(Class<?> raw, @Nullable TypeDeserializer named, String path) throws Refused {
        if (!raw.isSealed() || named == null) {
            throw new Refused(
                    path,
                    raw.getName() + ", abstract: it must be sealed and have"
                            + " @JsonTypeInfo(use = SIMPLE_NAME), so that every value says what it is");
        }
        Set<String> names = new HashSet<>();
        walkPermitted(raw, names, path);
    }

    private void walkPermitted(Class<?> raw, Set<String> names, String path) throws Refused {
        for (Class<?> permitted : raw.getPermittedSubclasses()) {
            if (!isAbstract(permitted) && !names.add(permitted.getSimpleName())) {
                throw new Refused(
                        path, raw.getName() + ", of which two classes are called " + permitted.getSimpleName());
            }
            if (isAbstract(permitted) && permitted.isSealed()) {
                walkPermitted(permitted, names, path);
            } else if (permitted.isEnum()) {
                throw new Refused(path, raw.getName() + ", which an enum implements: wrap it in a record");
            } else {
                walk(MAPPER.constructType(permitted), path + "." + permitted.getSimpleName());
            }
        }
    }

    private void walkBean(JavaType type, Class<?> raw, String path) throws Refused {
        ValueDeserializer<?> found;
        boolean valueOnly;
        try {
            found = context.findNonContextualValueDeserializer(type);
            valueOnly = MAPPER._serializationContext().findValueSerializer(type) instanceof JsonValueSerializer;
        } catch (RuntimeException e) {
            // No data is about yet, so Jackson's words may be passed on; the first line has the reason.
            throw new Refused(
                    path,
                    raw.getName() + ", which Jackson cannot read back: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
        if (!(found instanceof BeanDeserializerBase bean)) {
            return; // the class brings a deserializer of its own
        }
        if (bean.hasAnySetter()) {
            throw new Refused(path, raw.getName() + ", whose @JsonAnySetter takes anything");
        }
        ValueInstantiator maker = bean.getValueInstantiator();
        JavaType delegate = maker.getDelegateType(MAPPER.deserializationConfig());
        JavaType arrayDelegate = maker.getArrayDelegateType(MAPPER.deserializationConfig());
        boolean fromValue = delegate != null || arrayDelegate != null || takesScalar(maker);
        if (valueOnly ? !fromValue : !maker.canInstantiate()) {
            throw new Refused(path, raw.getName() + ", for which Jackson finds no constructor");
        }
        if (delegate != null) {
            walk(delegate, path);
        }
        if (arrayDelegate != null) {
            walk(arrayDelegate, path);
        }
        Iterator<SettableBeanProperty> properties = bean.properties();
        if (!properties.hasNext() && !fromValue && !raw.isRecord()) {
            throw new Refused(path, raw.getName() + ", of which nothing could be read back");
        }
        while (properties.hasNext()) {
            walkProperty(properties.next(), path);
        }
    }

    private void walkProperty(SettableBeanProperty property, String path) throws Refused {
        String place = path + "." + property.getName();
        TypeDeserializer named = property.getValueTypeDeserializer();
        if (named != null) {
            refuseClassNames(named, place);
        }
        JsonDeserialize own = property.getAnnotation(JsonDeserialize.class);
        if (own == null || own.using() == ValueDeserializer.None.class) {
            walk(property.getType(), place);
        }
    }

    private static boolean takesScalar(ValueInstantiator maker) {
        return maker.canCreateFromString()
                || maker.canCreateFromInt()
                || maker.canCreateFromLong()
                || maker.canCreateFromDouble()
                || maker.canCreateFromBoolean();
    }

    private static void refuseClassNames(TypeDeserializer handler, String path) throws Refused {
        JsonTypeInfo.Id mechanism = handler.getTypeIdResolver() == null
                ? JsonTypeInfo.Id.CUSTOM
                : handler.getTypeIdResolver().getMechanism();
        if (mechanism != JsonTypeInfo.Id.SIMPLE_NAME) {
            throw new Refused(
                    path,
                    "annotated with @JsonTypeInfo(use = " + mechanism + "); SIMPLE_NAME alone is accepted,"
                            + " so that no class name is stored");
        }
    }

    /** Ends the walk. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final String path;

        Refused(String path, String message) {
            super(message);
            this.path = path;
        }
    }
}
