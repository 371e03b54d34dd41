package dev.coatcheck;

import static dev.coatcheck.SampleValues.codec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What two releases of an application make of each other's values: written as one class, read as another. */
public class SchemaChangeTest {
    public record Old(String name, int count, Color color) {}

    public record Added(
            String name, int count, Color color, String extra, int number, Integer boxed, List<String> list) {}

    public record Removed(String name) {}

    public record Renamed(@JsonAlias("name") String title, int count) {}

    public enum Color {
        RED,
        BLUE
    }

    public enum FewerColors {
        RED
    }

    public enum ColorsWithDefault {
        RED,
        @JsonEnumDefaultValue
        OTHER
    }

    public record OneColor(FewerColors color) {}

    public record DefaultColor(ColorsWithDefault color) {}

    public record Strict(String name, int count) {
        public Strict {
            if (count > 1) {
                throw new IllegalArgumentException("bad " + name + count);
            }
        }
    }

    public record One<T>(T value) {}

    public record AnInt(int value) {}

    public record ALong(long value) {}

    public record ADouble(double value) {}

    public record AByte(byte value) {}

    public record AnInteger(Integer value) {}

    public record AString(String value) {}

    public record ABoolean(boolean value) {}

    public record AChar(char value) {}

    public record AnEnum(Color value) {}

    public record ADecimal(BigDecimal value) {}

    public record ADate(LocalDate value) {}

    public record AUuid(UUID value) {}

    public record Bytes(byte[] value) {}

    public record AList(List<String> value) {}

    public record AMap(Map<String, String> value) {}

    private final ValueCodec codec = codec();
    private final Old old = new Old("secret", 7, Color.BLUE);

    @Test
    void anAddedComponentReadsAsNullOrZero() throws Exception {
        assertThat(reread(old, Added.class)).isEqualTo(new Added("secret", 7, Color.BLUE, null, 0, null, null));
    }

    @Test
    void aRemovedComponentIsIgnored() throws Exception {
        assertThat(reread(old, Removed.class)).isEqualTo(new Removed("secret"));
    }

    @Test
    void aRenamedComponentIsFoundByItsAlias() throws Exception {
        assertThat(reread(old, Renamed.class)).isEqualTo(new Renamed("secret", 7));
    }

    @Test
    void anUnknownConstantIsUndecodableUnlessThereIsADefault() throws Exception {
        assertUndecodable(old, OneColor.class);
        assertUndecodable(Color.BLUE, FewerColors.class);
        assertThat(reread(old, DefaultColor.class)).isEqualTo(new DefaultColor(ColorsWithDefault.OTHER));
        assertThat(reread(Color.BLUE, ColorsWithDefault.class)).isEqualTo(ColorsWithDefault.OTHER);
    }

    @Test
    void aThrowingConstructorIsUndecodableAndItsWordsAreNotRepeated() {
        UndecodableValueException e = assertUndecodable(old, Strict.class);
        assertThat(e)
                .hasMessageContaining("IllegalArgumentException")
                .hasRootCauseMessage("java.lang.IllegalArgumentException");
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).contains("Strict.<init>").doesNotContain("secret");
    }

    @Test
    void aGetterThatThrowsIsRefusedAndItsWordsAreNotRepeated() {
        assertThatThrownBy(() -> codec.encode(SessionKey.of("x", Throwing.class), new Throwing()))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining(".value")
                .hasMessageNotContaining("secret")
                .hasRootCauseMessage("java.lang.IllegalStateException");
    }

    public static final class Throwing {
        public String getValue() {
            throw new IllegalStateException("secret");
        }

        public void setValue(String value) {}
    }

    @Test
    void onlyLosslessWideningIsDone() throws Exception {
        assertThat(reread(new AnInt(7), ALong.class)).isEqualTo(new ALong(7));
        assertThat(reread(new AnInt(7), AnInteger.class)).isEqualTo(new AnInteger(7));
        assertThat(reread(new AnInt(7), ADouble.class)).isEqualTo(new ADouble(7));
        assertThat(reread(new ALong(7), AnInt.class)).isEqualTo(new AnInt(7));
        assertThat(reread(new AnInteger(null), AnInt.class)).isEqualTo(new AnInt(0));
    }

    @Test
    void nothingIsReadAsSomethingElse() {
        List<Object> values = List.of(
                new ADouble(1.5),
                new AString("7"),
                new AString(""),
                new AString("true"),
                new AString("BLUE2"),
                new ABoolean(true),
                new Bytes(new byte[] {1}),
                new AList(List.of("7")),
                new AMap(Map.of("value", "7")),
                new AUuid(new UUID(1, 2)),
                new ADecimal(BigDecimal.ONE));
        for (Object value : values) {
            for (Class<?> type : List.of(
                    AnInt.class,
                    ALong.class,
                    AnInteger.class,
                    AChar.class,
                    AnEnum.class,
                    ADate.class,
                    AList.class,
                    AMap.class)) {
                if (value.getClass() != type) {
                    assertUndecodable(value, type);
                }
            }
        }
        for (Object value : List.of(
                new AnInt(7),
                new ADouble(1.5),
                new ABoolean(true),
                new Bytes(new byte[] {65}),
                new AList(List.of("7")))) {
            assertUndecodable(value, AString.class);
            assertUndecodable(value, AUuid.class);
            assertUndecodable(value, AMap.class);
        }
        for (Object value : List.of(new AnInt(0), new AnInt(1), new AString("true"), new ADouble(1))) {
            assertUndecodable(value, ABoolean.class);
            assertUndecodable(value, AnEnum.class);
            assertUndecodable(value, Bytes.class);
        }
        assertUndecodable(new AString("QUJD"), Bytes.class);
        assertUndecodable(new ALong(1L << 40), AnInt.class);
        assertUndecodable(new AnInt(300), AByte.class);
        assertUndecodable(new AString("7"), ADouble.class);
    }

    @Test
    void oneOfTwoEqualNamesDoesNotWin() throws Exception {
        byte[] twice = {(byte) 0xa2, 0x65, 'v', 'a', 'l', 'u', 'e', 1, 0x65, 'v', 'a', 'l', 'u', 'e', 2};
        byte[] once = {(byte) 0xa1, 0x65, 'v', 'a', 'l', 'u', 'e', 1};
        SessionKey<AnInt> key = SessionKey.of("x", AnInt.class);
        assertThat(codec.decode(key, new Attribute("", 0, once))).isEqualTo(new AnInt(1));
        assertThatThrownBy(() -> codec.decode(key, new Attribute("", 0, twice)))
                .isInstanceOf(UndecodableValueException.class);
    }

    @Test
    void nullIsNoValue() {
        byte[] nothing = {(byte) 0xf6};
        assertThatThrownBy(() -> codec.decode(SessionKey.of("x", AnInt.class), new Attribute("", 0, nothing)))
                .isInstanceOf(UndecodableValueException.class);
        assertThatCode(() -> SessionKey.of("x", AnInt.class)).doesNotThrowAnyException();
    }

    private <T> T reread(Object value, Class<T> type) throws UndecodableValueException {
        return codec.decode(SessionKey.of("x", type), written(value.getClass(), value));
    }

    private <S> Attribute written(Class<S> type, Object value) {
        return codec.encode(SessionKey.of("x", type), type.cast(value));
    }

    private UndecodableValueException assertUndecodable(Object value, Class<?> type) {
        Throwable thrown = catchThrowable(() -> reread(value, type));
        assertThat(thrown)
                .as(value + " as " + type.getSimpleName())
                .isInstanceOf(UndecodableValueException.class)
                .hasMessageNotContaining("secret");
        return (UndecodableValueException) thrown;
    }
}
