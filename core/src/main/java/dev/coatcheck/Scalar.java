package dev.coatcheck;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;

/**
 * A class that needs no declaration: its tag and its exact CBOR form. The tags are in stored data; none may change its
 * meaning.
 */
final class Scalar<T> {
    /** Bytes of the largest number of 1,000 digits. */
    static final int MAX_NUMBER_BYTES = 416;

    private static final int SHORT_TEXT = 1_000;

    private static final List<Scalar<?>> ALL = new ArrayList<>();
    private static final Map<Class<?>, Scalar<?>> BY_CLASS = new HashMap<>();
    private static final @Nullable Scalar<?>[] BY_TAG = new Scalar<?>[128];
    /** A code unit and not text: half a surrogate pair is a character too. */
    private static final Scalar<Character> CHARACTER =
            own('c', Character.class, JsonToken.VALUE_NUMBER_INT, (g, v) -> g.writeNumber((int) v), Scalar::readChar);

    static {
        plain('i', Integer.class, JsonToken.VALUE_NUMBER_INT, JsonGenerator::writeNumber, JsonParser::getIntValue);
        plain('j', Long.class, JsonToken.VALUE_NUMBER_INT, JsonGenerator::writeNumber, JsonParser::getLongValue);
        plain('h', Short.class, JsonToken.VALUE_NUMBER_INT, JsonGenerator::writeNumber, Scalar::readShort);
        plain('b', Byte.class, JsonToken.VALUE_NUMBER_INT, (g, v) -> g.writeNumber(v.shortValue()), Scalar::readByte);
        plain('f', Float.class, JsonToken.VALUE_NUMBER_FLOAT, JsonGenerator::writeNumber, Scalar::readFloat);
        plain('d', Double.class, JsonToken.VALUE_NUMBER_FLOAT, JsonGenerator::writeNumber, JsonParser::getDoubleValue);
        // Jackson itself reads bytes as text, in Base64
        own('t', String.class, JsonToken.VALUE_STRING, Scalar::writeText, JsonParser::getString);
        plain(
                'x',
                byte[].class,
                JsonToken.VALUE_EMBEDDED_OBJECT,
                JsonGenerator::writeBinary,
                JsonParser::getBinaryValue);
        add(new Scalar<>('z', Boolean.class, false, JsonGenerator::writeBoolean, JsonParser::getBooleanValue));
        own('n', BigInteger.class, JsonToken.VALUE_EMBEDDED_OBJECT, Scalar::writeBigInteger, Scalar::readBigInteger);
        own('e', BigDecimal.class, JsonToken.VALUE_EMBEDDED_OBJECT, Scalar::writeBigDecimal, Scalar::readBigDecimal);
        own('u', UUID.class, JsonToken.VALUE_EMBEDDED_OBJECT, Scalar::writeUuid, Scalar::readUuid);
        own(
                'Y',
                Year.class,
                JsonToken.VALUE_NUMBER_INT,
                (g, v) -> g.writeNumber(v.getValue()),
                p -> Year.of(p.getIntValue()));
        text('I', Instant.class, Instant::parse);
        text('D', LocalDate.class, LocalDate::parse);
        text('T', LocalTime.class, LocalTime::parse);
        text('L', LocalDateTime.class, LocalDateTime::parse);
        text('O', OffsetDateTime.class, OffsetDateTime::parse);
        text('o', OffsetTime.class, OffsetTime::parse);
        text('Z', ZonedDateTime.class, ZonedDateTime::parse);
        text('R', Duration.class, Duration::parse);
        text('P', Period.class, Period::parse);
        // Counted in months: the text of a year above 9999 does not parse
        own('y', YearMonth.class, JsonToken.VALUE_NUMBER_INT, Scalar::writeYearMonth, Scalar::readYearMonth);
        text('M', MonthDay.class, MonthDay::parse);
        text('K', ZoneOffset.class, ZoneOffset::of);
        text('k', ZoneId.class, ZoneId::of);
        text('w', DayOfWeek.class, DayOfWeek::valueOf);
        text('m', Month.class, Month::valueOf);
    }

    final char tag;
    final Class<T> type;
    /** Whether Jackson has no form, or not an exact one, of its own. */
    final boolean inRecordsToo;

    private final BiConsumer<JsonGenerator, T> writer;
    private final Function<JsonParser, T> reader;

    private Scalar(
            char tag,
            Class<T> type,
            boolean inRecordsToo,
            BiConsumer<JsonGenerator, T> writer,
            Function<JsonParser, T> reader) {
        this.tag = tag;
        this.type = type;
        this.inRecordsToo = inRecordsToo;
        this.writer = writer;
        this.reader = reader;
    }

    static Scalar<Character> forCharacters() {
        return CHARACTER;
    }

    static List<Scalar<?>> all() {
        return List.copyOf(ALL);
    }

    /** The scalar of a declared class. */
    static @Nullable Scalar<?> of(Class<?> type) {
        return BY_CLASS.get(type);
    }

    /** The scalar of a value; regions are of a class that the JDK hides. */
    static @Nullable Scalar<?> ofValue(Object value) {
        Scalar<?> scalar = BY_CLASS.get(value.getClass());
        if (scalar == null && value instanceof ZoneId) {
            return BY_CLASS.get(ZoneId.class);
        }
        return scalar;
    }

    static @Nullable Scalar<?> ofTag(String tag) {
        return tag.length() == 1 && tag.charAt(0) < BY_TAG.length ? BY_TAG[tag.charAt(0)] : null;
    }

    void write(JsonGenerator generator, Object value) {
        writer.accept(generator, type.cast(value));
    }

    /** Reads the current token; what is thrown may quote data. */
    T read(JsonParser parser) {
        return reader.apply(parser);
    }

    private static <T> void text(char tag, Class<T> type, Function<String, T> parse) {
        own(tag, type, JsonToken.VALUE_STRING, (g, v) -> g.writeString(v.toString()), p -> parse.apply(p.getString()));
    }

    private static <T> void plain(
            char tag, Class<T> type, JsonToken token, BiConsumer<JsonGenerator, T> w, Function<JsonParser, T> r) {
        add(new Scalar<>(tag, type, false, w, expecting(token, r)));
    }

    private static <T> Scalar<T> own(
            char tag, Class<T> type, JsonToken token, BiConsumer<JsonGenerator, T> w, Function<JsonParser, T> r) {
        return add(new Scalar<>(tag, type, true, w, expecting(token, r)));
    }

    private static <T> Function<JsonParser, T> expecting(JsonToken token, Function<JsonParser, T> reader) {
        return parser -> {
            if (parser.currentToken() != token) {
                throw new StreamReadException(parser, "another token than " + token);
            }
            return reader.apply(parser);
        };
    }

    private static <T> Scalar<T> add(Scalar<T> scalar) {
        ALL.add(scalar);
        BY_CLASS.put(scalar.type, scalar);
        BY_TAG[scalar.tag] = scalar;
        return scalar;
    }

    /** Of one length: Jackson would cut long text into chunks, which {@link CborCheck} refuses. */
    static void writeText(JsonGenerator generator, String text) {
        if (text.length() <= SHORT_TEXT) {
            generator.writeString(text);
            return;
        }
        try {
            ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            generator.writeUTF8String(utf8.array(), utf8.arrayOffset(), utf8.remaining());
        } catch (CharacterCodingException e) {
            throw new UnwritableValueException("text has half a surrogate pair");
        }
    }

    private static void writeYearMonth(JsonGenerator generator, YearMonth value) {
        generator.writeNumber(value.getLong(ChronoField.PROLEPTIC_MONTH));
    }

    private static YearMonth readYearMonth(JsonParser parser) {
        long months = parser.getLongValue();
        return YearMonth.of(Math.toIntExact(Math.floorDiv(months, 12L)), 1 + Math.floorMod(months, 12));
    }

    private static int readInt(JsonParser parser, int min, int max) {
        int value = parser.getIntValue();
        if (value < min || value > max) {
            throw new StreamReadException(parser, "out of range");
        }
        return value;
    }

    private static short readShort(JsonParser parser) {
        return (short) readInt(parser, Short.MIN_VALUE, Short.MAX_VALUE);
    }

    private static byte readByte(JsonParser parser) {
        return (byte) readInt(parser, Byte.MIN_VALUE, Byte.MAX_VALUE);
    }

    private static char readChar(JsonParser parser) {
        return (char) readInt(parser, Character.MIN_VALUE, Character.MAX_VALUE);
    }

    private static float readFloat(JsonParser parser) {
        if (parser.getNumberType() != JsonParser.NumberType.FLOAT) {
            throw new StreamReadException(parser, "no float");
        }
        return parser.getFloatValue();
    }

    private static void writeBigInteger(JsonGenerator generator, BigInteger value) {
        generator.writeBinary(limited(value.toByteArray()));
    }

    private static BigInteger readBigInteger(JsonParser parser) {
        return new BigInteger(limited(parser.getBinaryValue()));
    }

    /** Four bytes of scale, then the unscaled value: exact for every scale, and never expanded. */
    private static void writeBigDecimal(JsonGenerator generator, BigDecimal value) {
        byte[] unscaled = limited(value.unscaledValue().toByteArray());
        generator.writeBinary(ByteBuffer.allocate(4 + unscaled.length)
                .putInt(value.scale())
                .put(unscaled)
                .array());
    }

    private static BigDecimal readBigDecimal(JsonParser parser) {
        ByteBuffer bytes = ByteBuffer.wrap(parser.getBinaryValue());
        int scale = bytes.getInt();
        byte[] unscaled = new byte[bytes.remaining()];
        bytes.get(unscaled);
        return new BigDecimal(new BigInteger(limited(unscaled)), scale);
    }

    private static byte[] limited(byte[] number) {
        if (number.length > MAX_NUMBER_BYTES) {
            throw new ArithmeticException("a number of more than 1,000 digits");
        }
        return number;
    }

    private static void writeUuid(JsonGenerator generator, UUID value) {
        generator.writeBinary(ByteBuffer.allocate(16)
                .putLong(value.getMostSignificantBits())
                .putLong(value.getLeastSignificantBits())
                .array());
    }

    private static UUID readUuid(JsonParser parser) {
        byte[] bytes = parser.getBinaryValue();
        if (bytes.length != 16) {
            throw new StreamReadException(parser, "no UUID");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }
}
