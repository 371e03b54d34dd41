package dev.coatcheck;

import static dev.coatcheck.SampleValues.codec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.coatcheck.SampleValues.Cart;
import dev.coatcheck.SampleValues.Drawing;
import dev.coatcheck.SampleValues.Item;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HostileValueTest {
    private static final long MAX_ALLOCATED = 10_000_000;
    private static final long MAX_NANOS = 50_000_000;
    private static final int MUTATIONS = 120_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final SessionKey<?>[] KEYS = {
        SessionKey.of("x", Integer.class),
        SessionKey.of("x", String.class),
        SessionKey.of("x", byte[].class),
        SessionKey.of("x", Cart.class),
        SessionKey.of("x", Drawing.class),
        SessionKey.of("x", SampleValues.Everything.class),
        SessionKey.of("x", SampleValues.Color.class),
        SessionKey.listOf("x", Item.class),
        SessionKey.listOf("x", String.class),
        SessionKey.mapOf("x", Long.class),
        SessionKey.setOf("x", Instant.class)
    };

    private final ValueCodec codec = codec(new Settings.Alias("item", Item.class));

    static List<byte[]> hostile() throws Exception {
        List<byte[]> all = new ArrayList<>();
        all.add(bytes());
        for (int head : new int[] {0x40, 0x60, 0x80, 0xa0}) {
            all.add(bytes(head | 27, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
            all.add(bytes(head | 27, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
            all.add(bytes(head | 26, 0x7f, 0xff, 0xff, 0xff));
            all.add(bytes(head | 26, 0xff, 0xff, 0xff, 0xff, 1, 2, 3));
            all.add(bytes(head | 25, 0xff, 0xff));
            all.add(bytes(head | 28));
            all.add(bytes(head | 31));
            all.add(bytes(head | 31, head | 1, 'a'));
            all.add(bytes(0xa1, 0x62, 'i', 'd', head | 27, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff));
        }
        all.add(bytes(0x5f, 0x41, 1, 0xff));
        all.add(bytes(0x7f, 0x61, 'a', 0xff));
        all.add(bytes(0xff));
        all.add(bytes(0x81, 0xff));
        all.add(bytes(0xbf, 0x61, 'a', 0xff));
        all.add(bytes(0xa1, 0xf6, 1));
        all.add(bytes(0xc2, 0x41, 1));
        all.add(bytes(0xc4, 0x82, 0x3a, 0x3b, 0x9a, 0xc9, 0xff, 1));
        all.add(bytes(0xd9, 0xd9, 0xf7, 1));
        all.add(bytes(0xf7));
        all.add(bytes(0xf8, 0xff));
        all.add(bytes(0xf9, 0, 0));
        all.add(bytes(1, 1));
        all.add(bytes(0x62, 0xc0, 0x80));
        all.add(bytes(0x63, 0xed, 0xa0, 0x80));
        all.add(bytes(0x64, 0xf4, 0x90, 0x80, 0x80));
        all.add(bytes(0x61, 0xc3));
        for (int head : new int[] {0x81, 0x9f, 0xa1, 0xbf}) {
            byte[] deep = new byte[200_000];
            Arrays.fill(deep, (byte) head);
            all.add(deep);
        }
        byte[] many = new byte[262_000];
        many[0] = (byte) 0x9f;
        many[many.length - 1] = (byte) 0xff;
        all.add(many);
        all.add(new byte[262_145]);
        byte[] longName = new byte[260_006];
        Arrays.fill(longName, (byte) 'a');
        System.arraycopy(bytes(0xa1, 0x7a, 0, 3, 0xf7, 0xa0), 0, longName, 0, 6);
        all.add(longName);
        all.add(jdkStream());
        return all;
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void hostileBytesAreRefusedFastAndWithoutMemory(byte[] bytes) {
        List<String> tags = List.of("", "i", "t", "x", "n", "e", "u", "I", "Z", "l", "s", "p", "item", "unknown", "?");
        for (SessionKey<?> key : KEYS) {
            for (String tag : tags) {
                attempt(key, new Attribute(tag, 0, bytes)); // warms up, so that class loading is not counted
                long allocated = THREADS.getCurrentThreadAllocatedBytes();
                long started = THREADS.getCurrentThreadCpuTime();
                String outcome = attempt(key, new Attribute(tag, 0, bytes));
                long nanos = THREADS.getCurrentThreadCpuTime() - started;
                allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
                assertThat(outcome).isNotEqualTo("decoded");
                assertThat(allocated).as("bytes allocated").isLessThan(MAX_ALLOCATED);
                assertThat(nanos).as("nanoseconds of the processor").isLessThan(MAX_NANOS);
            }
        }
    }

    /** Whatever decodes must fit its key; whatever does not must say so by one of two exceptions. */
    @Test
    void mutatedBytesGiveAValueOrATypedException() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Attribute> samples = samples();
        int decoded = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            Attribute sample = samples.get(random.nextInt(samples.size()));
            Attribute mutated = new Attribute(
                    random.nextInt(8) == 0
                            ? samples.get(random.nextInt(samples.size())).tag()
                            : sample.tag(),
                    0,
                    mutate(sample.bytes(), random));
            SessionKey<?> key = KEYS[random.nextInt(KEYS.length)];
            try {
                decoded += attempt(key, mutated).equals("decoded") ? 1 : 0;
                decoded += attempt(null, mutated).equals("decoded") ? 1 : 0;
            } catch (Throwable e) {
                fail("seed " + seed + ", mutation " + i + ", " + mutated + ", " + key, e);
            }
        }
        assertThat(decoded).as("seed %s", seed).isPositive().isLessThan(2 * MUTATIONS);
    }

    private String attempt(SessionKey<?> key, Attribute attribute) {
        try {
            Object value = key == null ? codec.decodeUntyped("x", attribute) : codec.decode(key, attribute);
            assertThat(key == null || key.type().accepts(value)).isTrue();
            return "decoded";
        } catch (UndecodableValueException e) {
            return "undecodable";
        } catch (SessionAttributeException e) {
            return "another type";
        }
    }

    private List<Attribute> samples() {
        List<Attribute> samples = new ArrayList<>();
        for (Object scalar : SampleValues.scalars()) {
            Attribute stored = codec.encodeUntyped("x", scalar);
            if (stored.bytes().length < 1_000) {
                samples.add(stored);
            }
        }
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put("k", List.of(1, 2L, new Item("a", 1)));
        map.put(5, Arrays.asList(null, "x", Map.of("a", Instant.MAX)));
        samples.add(codec.encodeUntyped("x", map));
        samples.add(codec.encode(SessionKey.of("x", Cart.class), SampleValues.cart()));
        samples.add(codec.encode(
                SessionKey.of("x", Drawing.class),
                new Drawing(List.of(new SampleValues.Circle(1)), new SampleValues.Square(2))));
        samples.add(codec.encode(
                SessionKey.of("x", SampleValues.Everything.class),
                SampleValues.everything(ZoneId.of("Europe/Berlin"), Instant.EPOCH)));
        samples.add(codec.encode(SessionKey.listOf("x", Item.class), List.of(new Item("a", 1), new Item("b", 2))));
        samples.add(codec.encode(SessionKey.mapOf("x", Long.class), Map.of("a", 1L, "b", -1L)));
        samples.add(codec.encode(SessionKey.of("x", SampleValues.Color.class), SampleValues.Color.RED));
        return samples;
    }

    private static byte[] mutate(byte[] original, Random random) {
        byte[] bytes = original.clone();
        switch (random.nextInt(5)) {
            case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(4));
            case 2 -> {
                int from = random.nextInt(bytes.length + 1);
                byte[] cut = new byte[bytes.length - (from < bytes.length ? 1 : 0)];
                System.arraycopy(bytes, 0, cut, 0, Math.min(from, cut.length));
                System.arraycopy(
                        bytes,
                        bytes.length - (cut.length - Math.min(from, cut.length)),
                        cut,
                        Math.min(from, cut.length),
                        cut.length - Math.min(from, cut.length));
                bytes = cut;
            }
            default -> {}
        }
        for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (bytes[at] ^ 1 << random.nextInt(8));
        }
        return bytes;
    }

    private static byte[] jdkStream() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
            objects.writeObject(new HashMap<>(Map.of("a", 1)));
        }
        byte[] stream = out.toByteArray();
        assertThat(stream).startsWith(0xac, 0xed);
        return stream;
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
