package dev.coatcheck;

import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;
import tools.jackson.databind.type.LogicalType;
import tools.jackson.dataformat.cbor.CBORFactory;
import tools.jackson.dataformat.cbor.CBORMapper;

/** Jackson as we want it: limits, no coercions, no class names, our own form of every scalar that it would round. */
final class CborMapper {
    private static final int MAX_NUMBER_LENGTH = 1_000;

    private CborMapper() {}

    static CBORMapper build(int maxBytes) {
        CBORFactory factory = CBORFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxDocumentLength(maxBytes)
                        .maxStringLength(maxBytes)
                        .maxTokenCount(CborCheck.MAX_TOKENS)
                        .maxNestingDepth(CborCheck.MAX_DEPTH)
                        .maxNameLength(CborCheck.MAX_NAME_BYTES)
                        .maxNumberLength(MAX_NUMBER_LENGTH)
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(CborCheck.MAX_DEPTH)
                        .build())
                .build();
        CBORMapper.Builder builder = CBORMapper.builder(factory)
                .polymorphicTypeValidator(new NoClassNames())
                .addModule(scalars())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS, MapperFeature.ALLOW_FINAL_FIELDS_AS_MUTATORS)
                // What is written can be read: no derived getters
                .enable(
                        MapperFeature.REQUIRE_SETTERS_FOR_GETTERS,
                        MapperFeature.INFER_RECORD_GETTERS_FROM_COMPONENTS_ONLY,
                        MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                // FAIL_ON_TRAILING_TOKENS is CborCheck's business: elements are read out of the middle of a list
                .disable(
                        DeserializationFeature.ACCEPT_FLOAT_AS_INT,
                        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                        DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                // A cycle is found by its depth, with the path
                .disable(
                        SerializationFeature.FAIL_ON_SELF_REFERENCES,
                        SerializationFeature.FAIL_ON_EMPTY_BEANS,
                        SerializationFeature.FLUSH_AFTER_WRITE_VALUE)
                .disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS, EnumFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
                .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS, DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE);
        return refuseCoercions(builder).build();
    }

    private static CBORMapper.Builder refuseCoercions(CBORMapper.Builder builder) {
        return builder.withCoercionConfig(LogicalType.Textual, config -> {
                    config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                    config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                    config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
                    config.setCoercion(CoercionInputShape.Binary, CoercionAction.Fail);
                })
                .withCoercionConfig(LogicalType.Enum, config -> {
                    config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                    config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
                })
                .withCoercionConfig(LogicalType.Boolean, config -> {
                    config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                    config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
                })
                .withCoercionConfig(
                        LogicalType.Integer,
                        config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
                .withCoercionConfig(
                        LogicalType.Float,
                        config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
                .withCoercionConfig(
                        LogicalType.Binary,
                        config -> config.setCoercion(CoercionInputShape.String, CoercionAction.Fail));
    }

    private static SimpleModule scalars() {
        SimpleModule module = new SimpleModule("coatcheck");
        // Order is part of what is stored, else reading alone would look like a change
        module.addAbstractTypeMapping(Set.class, LinkedHashSet.class);
        for (Scalar<?> scalar : Scalar.all()) {
            if (scalar.inRecordsToo) {
                add(module, scalar);
            }
        }
        // The box's deserializer serves the primitive too
        module.addDeserializer(char.class, new Reader<>(Scalar.forCharacters(), (char) 0));
        module.addSerializer(char.class, new Writer<>(Scalar.forCharacters()));
        return module;
    }

    private static <T> void add(SimpleModule module, Scalar<T> scalar) {
        module.addSerializer(scalar.type, new Writer<>(scalar));
        module.addDeserializer(scalar.type, new Reader<>(scalar, null));
    }

    private static final class Writer<T> extends StdScalarSerializer<T> {
        private final Scalar<T> scalar;

        Writer(Scalar<T> scalar) {
            super(scalar.type);
            this.scalar = scalar;
        }

        @Override
        public void serialize(T value, JsonGenerator generator, SerializationContext context) {
            scalar.write(generator, value);
        }
    }

    private static final class Reader<T> extends StdScalarDeserializer<T> {
        private final Scalar<T> scalar;
        private final transient T absent;

        @SuppressWarnings("NullAway") // null is what an absent object reads as
        Reader(Scalar<T> scalar, T absent) {
            super(scalar.type);
            this.scalar = scalar;
            this.absent = absent;
        }

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) {
            return scalar.read(parser);
        }

        @Override
        public Object getNullValue(DeserializationContext context) {
            return absent;
        }
    }

    /** Allows none: SIMPLE_NAME does not ask, and whoever asks has read a class name. */
    private static final class NoClassNames extends PolymorphicTypeValidator {
        private static final long serialVersionUID = 1L;

        @Override
        public Validity validateBaseType(DatabindContext context, JavaType base) {
            return Validity.DENIED;
        }

        @Override
        public Validity validateSubClassName(DatabindContext context, JavaType base, String name) {
            return Validity.DENIED;
        }

        @Override
        public Validity validateSubType(DatabindContext context, JavaType base, JavaType sub) {
            return Validity.DENIED;
        }
    }
}
