package dev.coatcheck;

import static dev.coatcheck.SampleValues.MAX_BYTES;
import static dev.coatcheck.SampleValues.codec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SampleValues.Cart;
import dev.coatcheck.SampleValues.Circle;
import dev.coatcheck.SampleValues.Color;
import dev.coatcheck.SampleValues.Item;
import dev.coatcheck.SampleValues.Money;
import dev.coatcheck.SampleValues.Profile;
import dev.coatcheck.SampleValues.Shape;
import dev.coatcheck.SampleValues.Square;
import java.time.DayOfWeek;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

public class ValueCodecTest {
    private static final Settings.Alias ITEM = new Settings.Alias("item", Item.class);
    private static final Settings.Alias SHAPE = new Settings.Alias("shape", Shape.class);
    private static final Settings.Alias COLOR = new Settings.Alias("color", Color.class);
    private static final SessionKey<Integer> COUNT = SessionKey.of("count", Integer.class);

    private final ValueCodec plain = codec();
    private final ValueCodec withAliases = codec(ITEM, SHAPE, COLOR);

    // Types that do not fit

    @Test
    void anotherClassIsAnErrorThatNamesKeyWantedAndFoundType() {
        Attribute text = plain.encodeUntyped("count", "secret");
        for (SessionKey<?> key : List.of(
                COUNT,
                SessionKey.of("count", Long.class),
                SessionKey.of("count", Item.class),
                SessionKey.listOf("count", String.class),
                SessionKey.mapOf("count", Item.class))) {
            assertThatThrownBy(() -> plain.decode(key, text))
                    .isInstanceOf(SessionAttributeException.class)
                    .hasMessageContaining("\"count\"")
                    .hasMessageContaining(key.type().toString())
                    .hasMessageContaining("java.lang.String")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void numbersAreNotWidenedBetweenKeys() {
        Attribute number = plain.encode(COUNT, 1);
        assertThatThrownBy(() -> plain.decode(SessionKey.of("count", Long.class), number))
                .isInstanceOf(SessionAttributeException.class);
    }

    @Test
    void aRecordUnderAScalarKeyIsAnErrorAndNoData() {
        Attribute item = plain.encode(SessionKey.of("count", Item.class), new Item("secret", 1));
        assertThatThrownBy(() -> plain.decode(COUNT, item))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("Integer")
                .hasMessageNotContaining("secret");
    }

    @Test
    void elementsOfAnotherClassAreAnErrorThatNamesBoth() {
        Attribute mixed = plain.encodeUntyped("x", List.of("secret", 1));
        assertThatThrownBy(() -> plain.decode(SessionKey.listOf("x", String.class), mixed))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("List<java.lang.String>")
                .hasMessageContaining("List<java.lang.Integer>")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> plain.decode(SessionKey.setOf("x", String.class), mixed))
                .isInstanceOf(SessionAttributeException.class);
        Attribute numbered = plain.encodeUntyped("x", Map.of(1, "secret"));
        assertThatThrownBy(() -> plain.decode(SessionKey.mapOf("x", String.class), numbered))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("other keys than String");
    }

    @Test
    void aRegionAndAnOffsetAreBothZones() throws Exception {
        SessionKey<ZoneId> zone = SessionKey.of("x", ZoneId.class);
        assertThat(plain.decode(zone, plain.encode(zone, ZoneOffset.UTC))).isEqualTo(ZoneOffset.UTC);
        assertThat(plain.decode(zone, plain.encode(zone, ZoneId.of("Europe/Berlin"))))
                .isEqualTo(ZoneId.of("Europe/Berlin"));
        SessionKey<List<ZoneId>> zones = SessionKey.listOf("x", ZoneId.class);
        List<ZoneId> both = List.of(ZoneOffset.MAX, ZoneId.of("UTC"));
        assertThat(plain.decode(zones, plain.encode(zones, both))).isEqualTo(both);
    }

    public static class Parent {
        public int x;
    }

    public static final class Child extends Parent {
        public int y;
    }

    @Test
    void aSubclassIsRefusedSinceItWouldComeBackAsItsParent() {
        assertThatThrownBy(() -> plain.encode(SessionKey.of("x", Parent.class), new Child()))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("Child");
        assertThatThrownBy(() -> plain.encode(SessionKey.listOf("x", Parent.class), List.of(new Parent(), new Child())))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("Child");
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void aPollutedListIsRefused() {
        List<String> polluted = (List) List.of(1);
        assertThatThrownBy(() -> plain.encode(SessionKey.listOf("x", String.class), polluted))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("Integer");
        Map<String, String> numbered = (Map) Map.of(1, "x");
        assertThatThrownBy(() -> plain.encode(SessionKey.mapOf("x", String.class), numbered))
                .isInstanceOf(SessionAttributeException.class);
    }

    // Without a key

    @Test
    void whatHasNoTagIsRefusedWithWhatToDo() {
        for (Object value : List.of(
                new Item("secret", 1),
                Color.RED,
                new ArrayDeque<>(),
                new int[1],
                Map.of("k", new Item("s", 1)),
                new Object())) {
            assertThatThrownBy(() -> plain.encodeUntyped("x", value))
                    .isInstanceOf(SessionAttributeException.class)
                    .hasMessageContaining("\"x\"")
                    .hasMessageContaining("register")
                    .hasMessageNotContaining("secret");
        }
        assertThatThrownBy(() -> plain.encodeUntyped("x", Map.of(List.of(), 1)))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("key");
        assertThatThrownBy(() -> withAliases.encodeUntyped("x", Map.of(Color.RED, 1)))
                .isInstanceOf(SessionAttributeException.class);
    }

    @Test
    void namesAreCheckedWithoutAKeyToo() {
        for (String name : List.of("", "coatcheck.x", "x".repeat(257), "\uD800")) {
            assertThatThrownBy(() -> plain.encodeUntyped(name, 1)).isInstanceOf(SessionAttributeException.class);
        }
    }

    @Test
    void anAliasKeepsTheClassAlsoWithinContainers() throws Exception {
        Map<String, Object> value = new HashMap<>();
        value.put("items", Arrays.asList(new Item("a", 1), null, 1L));
        value.put("shape", new Circle(1));
        value.put("color", Color.GREEN);
        value.put("colors", Set.of(Color.RED));
        assertThat(withAliases.decodeUntyped("x", withAliases.encodeUntyped("x", value)))
                .isEqualTo(value);
        assertThat(withAliases.encodeUntyped("x", new Item("a", 1)).tag()).isEqualTo("item");
        assertThat(withAliases.encodeUntyped("x", new Square(1)).tag()).isEqualTo("shape");
    }

    @Test
    void aTypedValueWithAnAliasIsReadWithoutAKeyAndBack() throws Exception {
        SessionKey<Item> one = SessionKey.of("x", Item.class);
        SessionKey<List<Shape>> many = SessionKey.listOf("x", Shape.class);
        Item item = new Item("a", 1);
        List<Shape> shapes = List.of(new Circle(1), new Square(2));
        assertThat(withAliases.decodeUntyped("x", withAliases.encode(one, item)))
                .isEqualTo(item);
        assertThat(withAliases.decode(one, withAliases.encodeUntyped("x", item)))
                .isEqualTo(item);
        assertThat(withAliases.decodeUntyped("x", withAliases.encode(many, shapes)))
                .isEqualTo(shapes);
        assertThat(withAliases.decode(many, withAliases.encodeUntyped("x", shapes)))
                .isEqualTo(shapes);
        // From before the alias was registered
        assertThat(withAliases.decode(one, plain.encode(one, item))).isEqualTo(item);
        assertThat(withAliases.decode(many, plain.encode(many, shapes))).isEqualTo(shapes);
    }

    @Test
    void aClassOfASealedInterfaceMayHaveAnAliasOfItsOwn() throws Exception {
        ValueCodec codec = codec(new Settings.Alias("circle", Circle.class));
        Attribute circle = codec.encodeUntyped("x", new Circle(1));
        assertThat(circle.tag()).isEqualTo("circle");
        assertThat(codec.decode(SessionKey.of("x", Shape.class), circle)).isEqualTo(new Circle(1));
        assertThatThrownBy(() -> codec.encodeUntyped("x", new Square(1))).isInstanceOf(SessionAttributeException.class);
    }

    @Test
    void anotherAliasUnderAKeyIsAnErrorThatNamesBoth() {
        Attribute item = withAliases.encodeUntyped("x", new Item("secret", 1));
        assertThatThrownBy(() -> withAliases.decode(SessionKey.of("x", Money.class), item))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining(Money.class.getTypeName())
                .hasMessageContaining(Item.class.getTypeName());
    }

    @Test
    void anUnknownAliasIsUndecodableForAKeyAndAnErrorThatNamesItWithoutOne() {
        Attribute item = withAliases.encodeUntyped("x", new Item("secret", 1));
        Attribute list = withAliases.encodeUntyped("x", List.of(new Item("secret", 1)));
        assertThatThrownBy(() -> plain.decode(SessionKey.of("x", Item.class), item))
                .isInstanceOf(UndecodableValueException.class);
        for (Attribute attribute : List.of(item, list)) {
            assertThatThrownBy(() -> plain.decodeUntyped("x", attribute))
                    .isInstanceOf(SessionAttributeException.class)
                    .hasMessageContaining("\"item\"")
                    .hasMessageContaining("type(alias, Class)");
        }
    }

    @Test
    void withoutATagTheRegisteredKeyReads() throws Exception {
        SessionKey<List<Item>> key = SessionKey.listOf("x", Item.class).guarded();
        ValueCodec codec = new ValueCodec(List.of(), List.of(key), MAX_BYTES);
        List<Item> items = List.of(new Item("a", 1));
        Attribute stored = plain.encode(key, items);
        assertThat(stored.tag()).isEmpty();
        assertThat(codec.decodeUntyped("x", stored)).isEqualTo(items);
        assertThat(codec.encodeUntyped("x", items)).isEqualTo(stored);
        assertThatThrownBy(() -> plain.decodeUntyped("x", stored))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("register the key");
        assertThat(codec.encodeUntyped("x", 1).isGuarded()).isTrue();
    }

    @Test
    void badAliasesAndKeysAreReportedAllAtOnce() {
        List<String> faults = ValueCodec.faults(
                List.of(
                        ITEM,
                        new Settings.Alias("item", Money.class),
                        new Settings.Alias("again", Item.class),
                        new Settings.Alias("x", Cart.class),
                        new Settings.Alias("with space", Color.class),
                        new Settings.Alias("y".repeat(65), Shape.class),
                        new Settings.Alias("object", Object.class)),
                List.of(COUNT, COUNT, SessionKey.of("count", Long.class), COUNT.guarded()));
        assertThat(faults).hasSize(8);
        assertThat(faults.get(0)).contains("item", "Money", "taken");
        assertThat(faults.get(5)).contains("java.lang.Object");
        assertThatThrownBy(() -> codec(new Settings.Alias("x", Item.class)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ValueCodec.faults(
                        List.of(ITEM, SHAPE, new Settings.Alias("a.b-c_D9", Profile.class)), List.of(COUNT)))
                .isEmpty();
    }

    // Limits

    @Test
    void aCycleIsRefusedWithItsPath() {
        List<Object> list = new ArrayList<>();
        list.add(1);
        list.add(Map.of("secret", list));
        assertThatThrownBy(() -> plain.encodeUntyped("x", list))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("contains itself at [1][0]")
                .hasMessageNotContaining("secret");
        Node node = new Node();
        node.next = new Node();
        node.next.next = node;
        assertThatThrownBy(() -> plain.encode(SessionKey.of("x", Node.class), node))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("contains itself")
                .hasMessageContaining(".next.next");
    }

    public static final class Node {
        public Node next;
    }

    @Test
    void aSharedReferenceIsWrittenTwiceWithinTheLimits() throws Exception {
        List<Integer> shared = List.of(1);
        assertThat(plain.decodeUntyped("x", plain.encodeUntyped("x", List.of(shared, shared))))
                .isEqualTo(List.of(shared, shared));
        List<Object> doubling = List.of("0123456789");
        for (int i = 0; i < 25; i++) {
            doubling = List.of(doubling, doubling);
        }
        List<Object> huge = doubling;
        assertThatThrownBy(() -> plain.encodeUntyped("x", huge))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("bytes");
    }

    @Test
    void depthIsLimitedOnWritingAsOnReading() throws Exception {
        Object nested = 1;
        Node node = new Node();
        for (int i = 0; i < 32; i++) {
            nested = List.of(nested);
        }
        for (int i = 0; i < 31; i++) {
            Node outer = new Node();
            outer.next = node;
            node = outer;
        }
        assertThat(plain.decodeUntyped("x", plain.encodeUntyped("x", nested))).isEqualTo(nested);
        Object deeper = List.of(nested);
        assertThatThrownBy(() -> plain.encodeUntyped("x", deeper))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("deeper than 32");
        SessionKey<Node> key = SessionKey.of("x", Node.class);
        assertThat(plain.decode(key, plain.encode(key, node)).next.next).isNotNull();
        Node deep = new Node();
        deep.next = node;
        assertThatThrownBy(() -> plain.encode(key, deep)).isInstanceOf(SessionAttributeException.class);
    }

    @Test
    void aValueOverTheLimitIsRefused() {
        ValueCodec small = new ValueCodec(List.of(), List.of(), 1_024);
        assertThat(small.encodeUntyped("x", "x".repeat(1_021)).bytes()).hasSize(1_024);
        for (Object value : List.of("x".repeat(1_022), new byte[1_022], List.of("x".repeat(600), "x".repeat(600)))) {
            assertThatThrownBy(() -> small.encodeUntyped("x", value))
                    .isInstanceOf(SessionAttributeException.class)
                    .hasMessageContaining("1024 bytes");
        }
        assertThatThrownBy(() -> small.encode(SessionKey.of("x", Item.class), new Item("x".repeat(2_000), 1)))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("1024 bytes");
    }

    @Test
    void countsAndNamesAreLimitedOnWriting() {
        assertThatThrownBy(() -> plain.encodeUntyped("x", java.util.Collections.nCopies(60_000, 1)))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("100000");
        SessionKey<Cart> cart = SessionKey.of("x", Cart.class);
        Cart longName = new Cart("c", List.of(), Map.of("k".repeat(257), 1), Set.of(), null);
        assertThatThrownBy(() -> plain.encode(cart, longName))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("name");
    }

    // Mutability

    public record Deep(Money money, DayOfWeek day, Deep inner, Shape shape) {}

    @Test
    void onlyWhatIsImmutableThroughAndThroughNeedsNoComparison() {
        for (Object value : SampleValues.scalars()) {
            assertThat(plain.isMutable(value)).isEqualTo(value instanceof byte[]);
        }
        for (Class<?> type : List.of(Item.class, Money.class, Color.class, Shape.class, Deep.class, ZoneId.class)) {
            assertThat(plain.isMutable(SessionKey.of("x", type)))
                    .as(type.getName())
                    .isFalse();
            assertThat(plain.isMutable(SessionKey.listOf("x", type))).isTrue();
        }
        for (Class<?> type : List.of(Cart.class, Profile.class, byte[].class, SampleValues.Drawing.class)) {
            assertThat(plain.isMutable(SessionKey.of("x", type)))
                    .as(type.getName())
                    .isTrue();
        }
        assertThat(plain.isMutable(new Circle(1))).isFalse();
        assertThat(plain.isMutable(Color.RED)).isFalse();
        assertThat(plain.isMutable(List.of())).isTrue();
        assertThat(plain.isMutable(new Profile())).isTrue();
    }
}
