package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that an attacker would have written, if he had the keys: no object of theirs is made. */
class HostileStreamTest {
    private static final long MAX_ALLOCATED = 10_000_000;
    private static final long MAX_NANOS = 50_000_000;
    private static final int MUTATIONS = 60_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final AtomicInteger SPRUNG = new AtomicInteger();

    /** Stands for a gadget: it does something by being read. */
    static final class Gadget implements Serializable {
        private static final long serialVersionUID = 1L;

        private Object readResolve() {
            SPRUNG.incrementAndGet();
            return this;
        }
    }

    static final class Handler implements InvocationHandler, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public Object invoke(Object proxy, Method method, Object[] args) {
            SPRUNG.incrementAndGet();
            return 0;
        }
    }

    static final class Listed implements Serializable {
        private static final long serialVersionUID = 1L;
        final Object part;
        final long number = 5;

        Listed(Object part) {
            this.part = part;
        }
    }

    private final JdkCodec codec =
            new JdkCodec(SerializableTypes.of(Listed.class.getName(), Handler.class.getName()), SampleValues.MAX_BYTES);

    @SuppressWarnings("JdkObsolete")
    static List<byte[]> hostile() throws Exception {
        List<byte[]> all = new ArrayList<>();
        all.add(new byte[0]);
        all.add(new byte[] {(byte) 0xac, (byte) 0xed, 0, 5});
        all.add(new byte[262_144]);
        all.add(stream(new Gadget()));
        all.add(stream(new Gadget[0]));
        all.add(stream(new Listed(new Gadget())));
        all.add(stream(new HashMap<>(Map.of("a", new Gadget()))));
        all.add(stream(new URL("http://127.0.0.1:9/")));
        all.add(stream(new HashMap<>(Map.of("a", Gadget.class))));
        all.add(stream(Proxy.newProxyInstance(
                HostileStreamTest.class.getClassLoader(), new Class<?>[] {Comparable.class}, new Handler())));
        all.add(stream(new PriorityQueue<>(List.of(1, 2))));
        all.add(stream(new Listed((Runnable & Serializable) SPRUNG::incrementAndGet)));
        all.add(stream(setsOfSets(new HashSet<>(), new HashSet<>(), 100)));
        all.add(stream(setsOfSets(new HashSet<>(), new HashSet<>(), 28)));
        all.add(stream(setsOfSets(new LinkedHashSet<>(), new LinkedHashSet<>(), 28)));
        all.add(stream(listsOfLists(40)));
        all.add(stream(mapsOfLists(new HashMap<>(), 40)));
        all.add(stream(mapsOfLists(new Hashtable<>(), 40)));
        all.add(stream(mapsOfLists(new ConcurrentHashMap<>(), 40)));
        all.add(stream(nested(1_000)));
        byte[] wide = stream(new Object[0]);
        System.arraycopy(new byte[] {0x7f, -1, -1, -1}, 0, wide, wide.length - 4, 4);
        all.add(wide);
        byte[] longs = stream(new long[0]);
        System.arraycopy(new byte[] {0x7f, -1, -1, -1}, 0, longs, longs.length - 4, 4);
        all.add(longs);
        all.add(claims(new ArrayList<>(List.of("x")), 1, 0x00ff_ffff));
        all.add(claims(new HashMap<>(Map.of("x", "y")), 1, 0x00ff_ffff));
        byte[] whole = stream(new Listed("x"));
        all.add(Arrays.copyOf(whole, whole.length - 1));
        all.add(Arrays.copyOf(whole, whole.length + 1));
        all.add(withTag(whole, 0x79));
        all.add(withTag(whole, 0x7b));
        all.add(withTag(whole, 0x71));
        return all;
    }

    /** What costs two to the number of levels to hash, in a kilobyte or two. */
    private static Set<Object> setsOfSets(Set<Object> root, Set<Object> other, int levels) {
        Set<Object> one = root;
        Set<Object> two = other;
        for (int i = 0; i < levels; i++) {
            Set<Object> left = new HashSet<>();
            Set<Object> right = new HashSet<>();
            left.add("foo");
            one.add(new Hidden(left));
            one.add(new Hidden(right));
            two.add(new Hidden(left));
            two.add(new Hidden(right));
            one = left;
            two = right;
        }
        return root;
    }

    /** Hashed when it is read and not when the stream is made. */
    private static final class Hidden implements Serializable {
        private static final long serialVersionUID = 1L;
        private final Object value;

        Hidden(Object value) {
            this.value = value;
        }

        private Object writeReplace() {
            return value;
        }
    }

    private static Object doubled(int levels, List<Object> flat) {
        Object last = new ArrayList<>(List.of("x"));
        for (int i = 0; i < levels; i++) {
            last = new ArrayList<>(Arrays.asList(last, last));
            flat.add(last);
        }
        return last;
    }

    /** All levels side by side, so that the depth is nothing, and a set that hashes the last one. */
    private static Object listsOfLists(int levels) {
        List<Object> flat = new ArrayList<>();
        Object last = doubled(levels, flat);
        Set<Object> set = new HashSet<>();
        set.add(new Hidden(last));
        flat.add(set);
        return flat.toArray();
    }

    private static Object mapsOfLists(Map<Object, Object> map, int levels) {
        List<Object> flat = new ArrayList<>();
        map.put(new Hidden(doubled(levels, flat)), "x");
        flat.add(map);
        return flat.toArray();
    }

    private static Object nested(int levels) {
        Object[] outer = new Object[1];
        for (int i = 0; i < levels; i++) {
            outer = new Object[] {outer};
        }
        return outer;
    }

    /** A collection that says it has more than it has. */
    private static byte[] claims(Object collection, int size, int claimed) throws IOException {
        byte[] bytes = stream(collection);
        byte[] told = {0, 0, 0, (byte) size};
        ByteBuffer changed = ByteBuffer.wrap(bytes.clone());
        for (int i = 0; i + 4 < bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + 4, told, 0, 4)) {
                changed.putInt(i, claimed);
            }
        }
        assertThat(changed.array()).isNotEqualTo(bytes);
        return changed.array();
    }

    private static byte[] withTag(byte[] stream, int tag) {
        byte[] changed = stream.clone();
        changed[4] = (byte) tag;
        return changed;
    }

    private static byte[] stream(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void hostileStreamsAreRefusedFastWithoutMemoryAndWithoutSpringing(byte[] stream) {
        int before = SPRUNG.get();
        attempt(stream); // warms up, so that class loading is not counted
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long started = THREADS.getCurrentThreadCpuTime();
        Object value = attempt(stream);
        long nanos = THREADS.getCurrentThreadCpuTime() - started;
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        assertThat(value).isNull();
        assertThat(allocated).as("bytes allocated").isLessThan(MAX_ALLOCATED);
        assertThat(nanos).as("nanoseconds of the processor").isLessThan(MAX_NANOS);
        assertThat(SPRUNG.get()).isEqualTo(before);
    }

    @Test
    void whatIsMerelySharedManyTimesIsRead() throws Exception {
        List<Object> many = new ArrayList<>();
        Listed product = new Listed(new HashSet<>(List.of("a", "b")));
        for (int i = 0; i < 5_000; i++) {
            many.add(product);
        }
        Map<String, Object> byName = new HashMap<>();
        List<Object> flat = new ArrayList<>();
        byName.put("shared", doubled(40, flat));
        Object value = attempt(stream(new Object[] {many, byName, new TreeMap<>(Map.of("a", many))}));
        assertThat(value).isInstanceOf(Object[].class);
    }

    /** Whatever comes of it, it is a value of listed classes or the one exception, and soon. */
    @Test
    void mutatedStreamsGiveAValueOrTheTypedException() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<byte[]> samples = List.of(
                stream(new Listed(List.of(1, "two", new Listed(null)))),
                stream(new HashMap<>(Map.of("a", new HashSet<>(List.of(1, 2)), "b", new int[] {1, 2}))),
                stream(new Object[] {new ArrayList<>(List.of("x")), Map.of(1, 2), new ConcurrentHashMap<>(Map.of(1, 2))
                }));
        int decoded = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                int at = random.nextInt(bytes.length);
                bytes[at] =
                        random.nextBoolean() ? (byte) random.nextInt() : (byte) (bytes[at] ^ 1 << random.nextInt(8));
            }
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            try {
                decoded += attempt(bytes) == null ? 0 : 1;
            } catch (Throwable e) {
                fail("seed " + seed + ", mutation " + i, e);
            }
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - allocated)
                    .as("seed %s, mutation %s", seed, i)
                    .isLessThan(MAX_ALLOCATED);
        }
        assertThat(decoded).as("seed %s", seed).isPositive().isLessThan(MUTATIONS);
        assertThat(SPRUNG).hasValue(0);
    }

    private Object attempt(byte[] stream) {
        try {
            return codec.read(stream);
        } catch (UndecodableValueException e) {
            return null;
        }
    }
}
