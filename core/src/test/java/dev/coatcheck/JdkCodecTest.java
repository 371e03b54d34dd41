package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects of listed classes, and what is refused. */
class JdkCodecTest {
    private static final String HERE = JdkCodecTest.class.getName();

    static class Thing implements Serializable {
        private static final long serialVersionUID = 1L;
        String name = "thing";
        Object part;

        Thing(Object part) {
            this.part = part;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Thing that && name.equals(that.name) && Objects.deepEquals(part, that.part);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    static final class Plain {}

    static final class Unlisted implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    static final class Unreadable implements Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            throw new IOException("secret");
        }
    }

    record Point(int x, Thing thing) implements Serializable {
        Point {
            if (x < 0) {
                throw new IllegalArgumentException("negative");
            }
        }
    }

    enum Color {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "green";
            }
        }
    }

    interface SerializableSupplier extends Supplier<String>, Serializable {}

    private final SerializableTypes types =
            SerializableTypes.of(HERE + "$Thing", HERE + "$Point", HERE + "$Color", HERE + "$Unreadable");
    private final ValueCodec codec = codec(types);

    private static ValueCodec codec(SerializableTypes types) {
        return new ValueCodec(
                List.of(new Settings.Alias("item", SampleValues.Item.class)), List.of(), SampleValues.MAX_BYTES, types);
    }

    private Object there(Object value) throws UndecodableValueException {
        return codec.decodeUntyped("x", codec.encodeUntyped("x", value));
    }

    @SuppressWarnings({"JdkObsolete", "JavaUtilDate"})
    static List<Object> everyday() {
        TreeMap<String, Integer> reversed = new TreeMap<>(Comparator.reverseOrder());
        reversed.putAll(Map.of("a", 1, "b", 2));
        Properties properties = new Properties();
        properties.setProperty("k", "v");
        EnumMap<Color, String> byColor = new EnumMap<>(Map.of(Color.GREEN, "g"));
        return List.of(
                new HashMap<>(Map.of("k", List.of(1, 2L))),
                new LinkedHashMap<>(Map.of("k", "v")),
                reversed,
                new TreeSet<>(List.of("b", "a")),
                new ConcurrentHashMap<>(Map.of("k", 1)),
                properties,
                byColor,
                EnumSet.of(Color.RED, Color.GREEN),
                new LinkedList<>(List.of(1)),
                new Vector<>(List.of(1)),
                new CopyOnWriteArrayList<>(List.of(1)),
                List.of(1, 2, 3),
                Set.of(1, 2, 3),
                Map.of(1, 2),
                Arrays.asList(1, null),
                Collections.unmodifiableMap(new TreeMap<>(Map.of("a", 1))),
                Collections.unmodifiableSet(new TreeSet<>(Set.of(1))),
                Collections.synchronizedMap(new HashMap<>(Map.of(1, 2))),
                Collections.emptyList(),
                Collections.singletonMap("a", "b"),
                new BitSet(70),
                new BigDecimal("1.50"),
                BigInteger.TEN.pow(100),
                UUID.randomUUID(),
                new Date(5),
                Locale.GERMANY,
                Currency.getInstance("EUR"),
                Instant.MAX,
                LocalDate.EPOCH,
                Duration.ofDays(1),
                ZoneId.of("Europe/Berlin"),
                new int[][] {{1}, {2, 3}},
                new Object[] {"a", 1, null},
                new String[] {"a"},
                new byte[] {1},
                new boolean[] {true},
                Color.GREEN,
                'c',
                1.5);
    }

    @ParameterizedTest
    @MethodSource("everyday")
    void everydayValuesOfTheJdkNeedNoLineAndKeepTheirClass(Object value) throws Exception {
        Thing back = (Thing) there(new Thing(value));
        assertThat(back).isEqualTo(new Thing(value));
        assertThat(back.part.getClass()).isEqualTo(value.getClass());
    }

    @ParameterizedTest
    @MethodSource("everyday")
    void theSameObjectAlwaysHasTheSameBytesAndSoHasWhatIsReadFromThem(Object value) throws Exception {
        Attribute first = codec.encodeUntyped("x", new Thing(value));
        assertThat(codec.encodeUntyped("x", codec.decodeUntyped("x", first)).bytes().length)
                .isEqualTo(first.bytes().length);
        Object back = codec.decodeUntyped("x", first);
        assertThat(codec.encodeUntyped("x", back)).isEqualTo(codec.encodeUntyped("x", back));
    }

    @Test
    void recordsEnumsCyclesAndSharedPartsComeBackAsTheyWere() throws Exception {
        Thing shared = new Thing("part");
        assertThat(there(new Point(1, shared))).isEqualTo(new Point(1, shared));
        assertThat(there(Color.GREEN)).isSameAs(Color.GREEN);
        Thing cycle = new Thing(null);
        cycle.part = new Object[] {cycle, shared, shared};
        Thing back = (Thing) there(cycle);
        Object[] parts = (Object[]) back.part;
        assertThat(parts[0]).isSameAs(back);
        assertThat(parts[1]).isSameAs(parts[2]);
    }

    @Test
    void scalarsAliasesAndPlainContainersOfThemAreStoredAsEver() {
        ValueCodec without = SampleValues.codec(new Settings.Alias("item", SampleValues.Item.class));
        for (Object value : List.of(
                1,
                "text",
                new SampleValues.Item("sku", 1),
                new ArrayList<>(List.of(new SampleValues.Item("sku", 1))),
                new HashMap<>(Map.of("k", 1)),
                List.of(1),
                Set.of("a"),
                Collections.unmodifiableList(List.of(1)))) {
            assertThat(codec.encodeUntyped("x", value)).isEqualTo(without.encodeUntyped("x", value));
        }
    }

    @Test
    void aContainerOfListedObjectsAndOneOfAnotherClassKeepWhatTheyAre() throws Exception {
        assertThat(there(new ArrayList<>(List.of(new Thing(1))))).isEqualTo(List.of(new Thing(1)));
        assertThat(there(new TreeMap<>(Map.of("a", 1)))).isInstanceOf(TreeMap.class);
        assertThat(there(new ConcurrentHashMap<>(Map.of("a", 1)))).isInstanceOf(ConcurrentHashMap.class);
        assertThat(there(new ArrayDeque<>(List.of(1)))).isInstanceOf(ArrayDeque.class);
    }

    @Test
    void whatIsNotListedIsRefusedByAttributeClassAndLineToAdd() {
        for (Object value : List.of(
                new Unlisted(),
                new Thing(new Unlisted()),
                List.of(new Unlisted()),
                new Unlisted[0],
                new Thing(Map.of(1, new Unlisted())))) {
            assertThatThrownBy(() -> codec.encodeUntyped("cart", value))
                    .isInstanceOf(SessionAttributeException.class)
                    .hasMessageContaining("\"cart\"")
                    .hasMessageContaining("add the line " + HERE + "$Unlisted");
        }
    }

    @Test
    void whatIsNotSerializableOrHasNoClassToNameIsRefusedWithTheReason() {
        SerializableSupplier lambda = () -> "x";
        Object proxy = Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {SerializableSupplier.class}, (p, method, args) -> "x");
        assertThatThrownBy(() -> codec.encodeUntyped("x", new Thing(new Plain())))
                .hasMessageContaining(HERE + "$Plain")
                .hasMessageContaining("not Serializable");
        assertThatThrownBy(() -> codec.encodeUntyped("x", new Thing(lambda)))
                .hasMessageContaining("lambda")
                .hasMessageContaining(HERE);
        assertThatThrownBy(() -> codec.encodeUntyped("x", new Thing(proxy)))
                .hasMessageContaining("proxy")
                .hasMessageContaining("SerializableSupplier");
    }

    @Test
    void whatCouldNotBeReadBackIsRefusedWhenItIsSetAndWithoutData() {
        assertThatThrownBy(() -> codec.encodeUntyped("x", new Unreadable()))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("could not be read back")
                .hasStackTraceContaining("IOException")
                .satisfies(e -> assertThat(e.toString() + e.getCause()).doesNotContain("secret"));
    }

    @Test
    void limitsAreToldWhenItIsSet() {
        Thing deep = new Thing(null);
        for (int i = 0; i < StreamCheck.MAX_DEPTH; i++) {
            deep = new Thing(deep);
        }
        Thing tooDeep = deep;
        assertThatThrownBy(() -> codec.encodeUntyped("x", tooDeep)).hasMessageContaining("deeper than 128");
        for (int i = 0; i < 100_000; i++) {
            deep = new Thing(deep);
        }
        Thing overflowing = deep;
        assertThatThrownBy(() -> codec.encodeUntyped("x", overflowing)).isInstanceOf(SessionAttributeException.class);
        assertThatThrownBy(() -> codec.encodeUntyped("x", new Thing(new byte[300_000])))
                .hasMessageContaining("262144 bytes");
    }

    @Test
    void aNodeThatDoesNotListTheClassOrSerializesNothingReadsNothing() {
        Attribute stored = codec.encodeUntyped("x", new Thing(1));
        for (ValueCodec other : List.of(codec(SerializableTypes.of()), SampleValues.codec())) {
            assertThatThrownBy(() -> other.decodeUntyped("x", stored))
                    .isInstanceOf(UndecodableValueException.class)
                    .hasMessageContaining("serializable");
        }
    }

    @Test
    void aKeyReadsWhatWasSerializedWhereItIsOfItsType() throws Exception {
        Attribute color = codec.encodeUntyped("x", Color.RED);
        assertThat(codec.decode(SessionKey.of("x", Color.class), color)).isEqualTo(Color.RED);
        assertThatThrownBy(() -> codec.decode(SessionKey.of("x", Integer.class), color))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining(HERE + "$Color");
    }

    @Test
    void theApplicationsLoaderIsAskedFirst() throws Exception {
        Attribute stored = codec.encodeUntyped("x", new Thing(1));
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        List<String> asked = new ArrayList<>();
        thread.setContextClassLoader(new ClassLoader(before) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                asked.add(name);
                return super.loadClass(name, resolve);
            }
        });
        try {
            assertThat(codec.decodeUntyped("x", stored)).isEqualTo(new Thing(1));
            thread.setContextClassLoader(null);
            assertThat(codec.decodeUntyped("x", stored)).isEqualTo(new Thing(1));
        } finally {
            thread.setContextClassLoader(before);
        }
        assertThat(asked).contains(HERE + "$Thing");
    }
}
