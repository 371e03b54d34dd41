package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.Serializable;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class SessionKeyTest {
    public interface Open {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME)
    @JsonSubTypes(@JsonSubTypes.Type(OpenOne.class))
    public interface OpenNamed {}

    public record OpenOne() implements OpenNamed {}

    public sealed interface Nameless permits NamelessOne {}

    public record NamelessOne(int x) implements Nameless {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
    public sealed interface ByClass permits ByClassOne {}

    public record ByClassOne(int x) implements ByClass {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.MINIMAL_CLASS)
    public record ByMinimalClass(int x) {}

    public record HoldsByClass(List<Map<String, ByClassOne>> deep) {}

    public record PropertyByClass(
            @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Object any) {}

    public record ElementsByClass(
            @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) List<SampleValues.Item> items) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME)
    public sealed interface Twins permits Left.Twin, Right.Twin {}

    public static final class Left {
        public record Twin(int x) implements Twins {}
    }

    public static final class Right {
        public record Twin(int y) implements Twins {}
    }

    public record RawList(@SuppressWarnings("rawtypes") List raw) {}

    public record Wild(Map<String, ?> wild) {}

    public record Generic<T>(T value) {}

    public record HoldsObject(SampleValues.Item fine, Object any) {}

    public record HoldsNumber(Number number) {}

    public record HoldsLock(ReentrantLock lock) {}

    public record OddKeys(Map<SampleValues.Item, String> map) {}

    public static final class OwnList extends ArrayList<String> {}

    public record HoldsOwnList(OwnList list) {}

    public final class Inner {
        public int x;
    }

    public static final class Closed {
        private final int x;

        private Closed(int x) {
            this.x = x;
        }

        public int getX() {
            return x;
        }
    }

    public static final class Nothing {}

    public static final class Anything {
        @JsonAnySetter
        public void set(String name, Object value) {}
    }

    public static final class OneWay {
        @JsonValue
        public String text() {
            return "x";
        }
    }

    public record Empty() {}

    public record Email(@JsonValue String text) {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public Email {}
    }

    @Test
    void typesThatCouldNotBeReadBackAreRefusedByNameAndType() {
        Supplier<Integer> lambda = () -> 1;
        for (Class<?> type : List.<Class<?>>of(
                Object.class,
                Serializable.class,
                Number.class,
                Open.class,
                OpenNamed.class,
                Nameless.class,
                ByClass.class,
                ByClassOne.class,
                ByMinimalClass.class,
                HoldsByClass.class,
                PropertyByClass.class,
                ElementsByClass.class,
                Twins.class,
                RawList.class,
                Wild.class,
                Generic.class,
                HoldsObject.class,
                HoldsNumber.class,
                HoldsLock.class,
                OddKeys.class,
                OwnList.class,
                HoldsOwnList.class,
                Inner.class,
                Closed.class,
                Nothing.class,
                Anything.class,
                OneWay.class,
                void.class,
                Void.class,
                Class.class,
                Thread.class,
                Enum.class,
                Record.class,
                int[].class,
                String[].class,
                List.class,
                Map.class,
                HashMap.class,
                Collection.class,
                lambda.getClass(),
                new Object() {}.getClass())) {
            assertThatThrownBy(() -> SessionKey.of("the-key", type))
                    .as(type.getName())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the-key")
                    .hasMessageContaining(
                            type.getTypeName().replace("void", "Void").replace("java.lang.Void", "Void"))
                    .hasMessageContaining("Accepted are");
            assertThatThrownBy(() -> SessionKey.listOf("the-key", type))
                    .as(type.getName())
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> SessionKey.listOf("x", List.class)).hasMessageContaining("put it into a record");
        assertThatThrownBy(() -> SessionKey.of("x", HoldsObject.class)).hasMessageContaining("HoldsObject.any");
        assertThatThrownBy(() -> SessionKey.of("x", HoldsByClass.class)).hasMessageContaining("use = CLASS");
    }

    @Test
    void typesThatCanBeReadBackAreAccepted() {
        for (Class<?> type : List.<Class<?>>of(
                SampleValues.Cart.class,
                SampleValues.Drawing.class,
                SampleValues.Shape.class,
                SampleValues.Everything.class,
                SampleValues.Profile.class,
                SampleValues.Color.class,
                Empty.class,
                Email.class,
                int.class,
                byte[].class)) {
            assertThatCode(() -> SessionKey.of("x", type)).as(type.getName()).doesNotThrowAnyException();
            assertThatCode(() -> SessionKey.mapOf("x", type)).as(type.getName()).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "_flash", "a b", "a\r\nb", "\uD83D\uDE00", "coatcheck", "Coatcheck.x"})
    void anyTextIsAName(String name) {
        assertThat(SessionKey.of(name, Integer.class).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "coatcheck.", "coatcheck.flash"})
    void emptyAndReservedNamesAreRefused(String name) {
        assertThatThrownBy(() -> SessionKey.of(name, Integer.class)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tooLongAndHalfNamesAreRefusedOnOneLine() {
        assertThat(SessionKey.of("x".repeat(256), int.class).name()).hasSize(256);
        for (String name : List.of("x".repeat(257), "a\uD800", "\uDC00a", "x\r\n".repeat(100))) {
            assertThatThrownBy(() -> SessionKey.of(name, Integer.class))
                    .isInstanceOf(IllegalArgumentException.class)
                    .message()
                    .doesNotContain("\r", "\n");
        }
    }

    @Test
    void keysAreEqualByNameAndType() {
        SessionKey<Integer> key = SessionKey.of("x", Integer.class);
        assertThat(key)
                .isEqualTo(SessionKey.of("x", int.class))
                .isEqualTo(key.guarded())
                .hasSameHashCodeAs(key.guarded().cacheOnly())
                .isNotEqualTo(SessionKey.of("x", Long.class))
                .isNotEqualTo(SessionKey.of("y", Integer.class))
                .isNotEqualTo(SessionKey.listOf("x", Integer.class))
                .hasToString("\"x\" of type java.lang.Integer");
        assertThat(SessionKey.mapOf("x", LocalDate.class))
                .hasToString("\"x\" of type Map<String, java.time.LocalDate>");
        assertThat(SessionKey.setOf("x", LocalDate.class)).isNotEqualTo(SessionKey.listOf("x", LocalDate.class));
    }

    @Test
    void guardedAndCacheOnlyGiveNewKeys() {
        SessionKey<Set<String>> key = SessionKey.setOf("x", String.class);
        assertThat(key.guarded().isGuarded()).isTrue();
        assertThat(key.cacheOnly().isCacheOnly()).isTrue();
        assertThat(key.guarded().isCacheOnly()).isFalse();
        assertThat(key.guarded().cacheOnly().isGuarded()).isTrue();
        assertThat(key.isGuarded() || key.isCacheOnly()).isFalse();
    }
}
