package dev.coatcheck;

import static dev.coatcheck.SampleValues.codec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SampleValues.Cart;
import dev.coatcheck.SampleValues.Circle;
import dev.coatcheck.SampleValues.Color;
import dev.coatcheck.SampleValues.Drawing;
import dev.coatcheck.SampleValues.Everything;
import dev.coatcheck.SampleValues.Item;
import dev.coatcheck.SampleValues.Profile;
import dev.coatcheck.SampleValues.Shape;
import dev.coatcheck.SampleValues.Square;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ValueRoundTripTest {
    private final ValueCodec codec = new ValueCodec(List.of(), List.of(), 1_000_000);

    static List<Object> scalars() {
        return SampleValues.scalars();
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void everyScalarKeepsClassAndValueWithoutAKey(Object value) throws Exception {
        Attribute stored = codec.encodeUntyped("x", value);
        assertThat(stored.tag()).hasSize(1);
        assertSame(codec.decodeUntyped("x", stored), value);
        assertThat(codec.encodeUntyped("x", codec.decodeUntyped("x", stored))).isEqualTo(stored);
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void everyScalarIsReadByItsKeyWhoeverWroteIt(Object value) throws Exception {
        readBothWays(SessionKey.of("x", scalarType(value)), value);
    }

    private <T> void readBothWays(SessionKey<T> key, Object value) throws Exception {
        @SuppressWarnings("unchecked")
        T typed = (T) value;
        Attribute stored = codec.encode(key, typed);
        assertThat(stored).isEqualTo(codec.encodeUntyped("x", value));
        assertSame(codec.decode(key, stored), value);
        assertSame(codec.decodeUntyped("x", stored), value);
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void everyScalarKeepsItsClassWithinContainers(Object value) throws Exception {
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put("k", Arrays.asList(value, null, List.of(value)));
        map.put(value instanceof byte[] ? "b" : value, value);
        Object back = untyped(List.of(map, value));
        assertThat(back).isInstanceOf(ArrayList.class);
        Object first = ((List<?>) back).get(0);
        assertThat(first).isInstanceOf(LinkedHashMap.class);
        List<?> nested = (List<?>) ((Map<?, ?>) first).get("k");
        assertSame(nested.get(0), value);
        assertThat(nested.get(1)).isNull();
        assertSame(((List<?>) nested.get(2)).get(0), value);
        if (!(value instanceof byte[])) {
            assertSame(((Map<?, ?>) first).get(value), value);
        }
    }

    @Test
    void mapsMayHaveNumbersAsKeysAndNulls() throws Exception {
        Map<Object, Object> map = new HashMap<>();
        map.put(1, "int");
        map.put(1L, "long");
        map.put("1", null);
        map.put(null, 2.0);
        assertThat(untyped(map)).isEqualTo(map);
    }

    @Test
    void setsAndMapsKeepTheirOrder() throws Exception {
        Set<String> set = new LinkedHashSet<>(List.of("c", "a", "b"));
        assertThat((Set<?>) untyped(set)).isInstanceOf(LinkedHashSet.class).isEqualTo(set);
        assertThat(new ArrayList<Object>((Set<?>) untyped(set))).containsExactly("c", "a", "b");
        assertThat(typed(SessionKey.setOf("s", String.class), set)).containsExactly("c", "a", "b");
        assertThat(typed(SessionKey.setOf("s", Color.class), new LinkedHashSet<>(List.of(Color.GREEN, Color.RED))))
                .containsExactly(Color.GREEN, Color.RED);
        assertThat(untyped(new TreeSet<>(List.of(2, 1)))).isEqualTo(Set.of(1, 2));
    }

    @Test
    void typedContainersOfScalarsAreReadWithoutAKeyToo() throws Exception {
        SessionKey<List<Long>> list = SessionKey.listOf("x", Long.class);
        SessionKey<Map<String, Instant>> map = SessionKey.mapOf("x", Instant.class);
        List<Long> longs = Arrays.asList(7L, null, Long.MIN_VALUE);
        assertThat(codec.decodeUntyped("x", codec.encode(list, longs))).isEqualTo(longs);
        assertThat(codec.decode(list, codec.encodeUntyped("x", longs))).isEqualTo(longs);
        Map<String, Instant> moments = Collections.singletonMap("k", Instant.MAX);
        assertThat(codec.decodeUntyped("x", codec.encode(map, moments))).isEqualTo(moments);
        assertThat(codec.decode(map, codec.encodeUntyped("x", moments))).isEqualTo(moments);
        assertThat(codec.decode(list, codec.encode(list, longs))).isInstanceOf(ArrayList.class);
    }

    @Test
    void recordsEnumsAndPlainClassesComeBack() throws Exception {
        Cart cart = SampleValues.cart();
        assertThat(typed(SessionKey.of("x", Cart.class), cart)).isEqualTo(cart);
        assertThat(typed(SessionKey.of("x", Color.class), Color.GREEN)).isEqualTo(Color.GREEN);
        Profile profile = new Profile();
        profile.setName("Ann");
        profile.setTags(new ArrayList<>(List.of("a")));
        assertThat(typed(SessionKey.of("x", Profile.class), profile)).isEqualTo(profile);
        assertThat(typed(SessionKey.listOf("x", Item.class), List.of(new Item("a", 1))))
                .containsExactly(new Item("a", 1));
        assertThat(typed(SessionKey.mapOf("x", Item.class), Map.of("k", new Item("a", 1))))
                .containsExactly(Map.entry("k", new Item("a", 1)));
    }

    @Test
    void everyScalarWithinARecordIsExact() throws Exception {
        SessionKey<Everything> key = SessionKey.of("x", Everything.class);
        for (Instant instant : List.of(Instant.MIN, Instant.MAX)) {
            for (String zone : List.of("Europe/Berlin", "+01:00", "UTC", "UTC+01:00")) {
                Everything value = SampleValues.everything(ZoneId.of(zone), instant);
                assertThat(typed(key, value)).isEqualTo(value);
            }
        }
    }

    public record More(
            Locale locale,
            URI uri,
            Currency currency,
            Date date,
            Optional<String> some,
            Optional<Item> none,
            OptionalInt number,
            int[] ints,
            String[] texts,
            byte[] bytes,
            Map<Color, List<Integer>> byColor,
            Map<Integer, String> byNumber) {}

    @Test
    void someOtherClassesOfTheJdkComeBackWithinRecords() throws Exception {
        More more = new More(
                Locale.forLanguageTag("zh-Hant-TW"),
                URI.create("https://example.org/a?b=%20"),
                Currency.getInstance("EUR"),
                new Date(1_234_567_890_123L),
                Optional.of("x"),
                Optional.empty(),
                OptionalInt.of(3),
                new int[] {1, -1},
                new String[] {"a", null},
                new byte[] {0, -1},
                Map.of(Color.RED, List.of(1)),
                Map.of(-1, "x"));
        assertThat(typed(SessionKey.of("x", More.class), more))
                .usingRecursiveComparison()
                .isEqualTo(more);
        assertThat(typed(SessionKey.of("x", Locale.class), Locale.GERMANY)).isEqualTo(Locale.GERMANY);
    }

    @Test
    void sealedInterfacesComeBackByTheirSimpleName() throws Exception {
        Drawing drawing = new Drawing(List.of(new Circle(1), new Square(2)), new Circle(3));
        assertThat(typed(SessionKey.of("x", Drawing.class), drawing)).isEqualTo(drawing);
        SessionKey<Shape> shape = SessionKey.of("x", Shape.class);
        assertThat(typed(shape, new Square(1))).isEqualTo(new Square(1));
        assertThat(typed(SessionKey.listOf("x", Shape.class), List.of(new Circle(1), new Square(1))))
                .containsExactly(new Circle(1), new Square(1));
        String stored =
                new String(codec.encode(shape, new Square(1)).bytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(stored).contains("Square").doesNotContain("dev", "SampleValues");
    }

    @Test
    void noClassNameIsStored() {
        Attribute stored = codec.encode(SessionKey.of("x", Cart.class), SampleValues.cart());
        assertThat(new String(stored.bytes(), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("coatcheck", "Cart", "java");
        assertThat(stored.tag()).isEmpty();
    }

    @Test
    void anArrayIsStoredAsItWasWhenItWasSetAndReadAsACopy() throws Exception {
        byte[] mine = {1, 2, 3};
        SessionKey<byte[]> key = SessionKey.of("x", byte[].class);
        Attribute stored = codec.encode(key, mine);
        mine[0] = 9;
        byte[] first = codec.decode(key, stored);
        assertThat(first).containsExactly(1, 2, 3);
        first[1] = 9;
        assertThat(codec.decode(key, stored)).containsExactly(1, 2, 3);
    }

    @Test
    void theSameValueGivesTheSameBytes() throws Exception {
        SessionKey<Cart> key = SessionKey.of("x", Cart.class);
        Attribute first = codec.encode(key, SampleValues.cart());
        assertThat(codec().encode(key, SampleValues.cart())).isEqualTo(first);
        assertThat(codec.encode(key, codec.decode(key, first))).isEqualTo(first);
    }

    @Test
    void flagsComeFromTheKey() {
        SessionKey<Integer> key = SessionKey.of("x", Integer.class);
        assertThat(codec.encode(key, 1).flags()).isZero();
        assertThat(codec.encode(key.guarded(), 1).flags()).isEqualTo(Attribute.GUARDED);
        assertThat(codec.encode(key.cacheOnly().guarded(), 1).flags())
                .isEqualTo(Attribute.GUARDED | Attribute.CACHE_ONLY);
    }

    @Test
    void halfASurrogatePairIsRefusedInText() {
        for (String text : List.of("a\uD800", "\uDC00b", "\uD800\uD800", "x".repeat(5000) + "\uD83D")) {
            assertThatThrownBy(() -> codec.encodeUntyped("x", text)).isInstanceOf(SessionAttributeException.class);
            assertThatThrownBy(() -> codec.encodeUntyped("x", List.of(Map.of(text, 1))))
                    .isInstanceOf(SessionAttributeException.class);
            assertThatThrownBy(() -> codec.encode(SessionKey.of("x", Item.class), new Item(text, 1)))
                    .isInstanceOf(SessionAttributeException.class);
        }
    }

    public record Texts(String one, List<String> list, String[] array, Map<String, String> map, Set<String> set) {}

    @Test
    void longTextComesBackFromEveryPlaceOfARecord() throws Exception {
        for (String text : List.of("x".repeat(3_900), "é\uD83D\uDE00x".repeat(17_000))) {
            Texts texts = new Texts(text, List.of(text), new String[] {text}, Map.of("k", text), Set.of(text));
            assertThat(typed(SessionKey.of("x", Texts.class), texts))
                    .usingRecursiveComparison()
                    .isEqualTo(texts);
        }
    }

    @Test
    void numbersOfMoreThanAThousandDigitsAreRefused() {
        BigInteger huge = BigInteger.TEN.pow(1005);
        assertThatThrownBy(() -> codec.encodeUntyped("x", huge))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("1,000 digits");
        assertThatThrownBy(() -> codec.encodeUntyped("x", new java.math.BigDecimal(huge)))
                .isInstanceOf(SessionAttributeException.class);
    }

    private Object untyped(Object value) throws Exception {
        Attribute stored = codec.encodeUntyped("x", value);
        Object back = codec.decodeUntyped("x", stored);
        assertThat(codec.encodeUntyped("x", back)).isEqualTo(stored);
        return back;
    }

    private <T> T typed(SessionKey<T> key, T value) throws Exception {
        Attribute stored = codec.encode(key, value);
        T back = codec.decode(key, stored);
        assertThat(codec.encode(key, back)).isEqualTo(stored);
        return back;
    }

    private static Class<?> scalarType(Object value) {
        return java.util.Objects.requireNonNull(Scalar.ofValue(value)).type;
    }

    private static void assertSame(Object actual, Object expected) {
        assertThat(actual).hasSameClassAs(expected).isEqualTo(expected);
    }
}
