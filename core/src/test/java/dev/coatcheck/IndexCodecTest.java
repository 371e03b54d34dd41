package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.coatcheck.RecordCodec.MalformedRecordException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Users' indexes as bytes: one spelling each, and nothing else is read. */
class IndexCodecTest {
    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00.123Z");

    private static Place place(int number) {
        byte[] key = new byte[24];
        byte[] id = new byte[15];
        Arrays.fill(key, (byte) number);
        Arrays.fill(id, (byte) -number);
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        return new Place(
                SessionStore.Key.of(encoder.encodeToString(key)),
                LeaseClass.of(number % 13),
                encoder.encodeToString(id));
    }

    private static IndexEntry entry(String device, List<Place> places, String label, String address, byte... extra) {
        return new IndexEntry(
                device,
                places,
                SINCE.plus(Duration.ofHours(12)),
                label == null,
                SINCE.plusSeconds(1),
                SINCE.plusSeconds(2),
                label,
                address,
                extra);
    }

    private static DeviceIndex full() {
        return new DeviceIndex(
                SINCE,
                new byte[] {1, 2},
                List.of(
                        entry("one", List.of(place(1)), "Firefox on Linux \uD83D\uDE00", "2001:db8::1"),
                        entry("two", List.of(place(2), place(3)), null, null, (byte) 7),
                        entry("three", List.of(place(4)), "\u20AC".repeat(120), null)));
    }

    @Test
    void anIndexComesBackWithWhatANewerReleaseAdded() throws MalformedRecordException {
        for (DeviceIndex index : List.of(full(), DeviceIndex.empty(SINCE))) {
            byte[] bytes = IndexCodec.encode(index);
            DeviceIndex back = IndexCodec.decode(bytes);
            assertThat(back.since()).isEqualTo(SINCE);
            assertThat(back).usingRecursiveComparison().isEqualTo(index);
            assertThat(IndexCodec.encode(back)).isEqualTo(bytes);
        }
    }

    @Test
    void anEmptyIndexIsTheseBytesForEver() {
        assertThat(Base64.getEncoder().encodeToString(IndexCodec.encode(DeviceIndex.empty(SINCE))))
                .isEqualTo("AAgAAAGbdtqoewAA");
    }

    @Test
    void whatIsCutShortOrTooLongIsNoIndex() {
        byte[] whole = IndexCodec.encode(full());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> IndexCodec.decode(cut)).isInstanceOf(MalformedRecordException.class);
        }
        assertThatThrownBy(() -> IndexCodec.decode(Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void theLimitsAreReachedAndNotPassed() throws MalformedRecordException {
        List<Place> most = new ArrayList<>();
        for (int i = 0; i < IndexEntry.MAX_PLACES; i++) {
            most.add(place(i));
        }
        DeviceIndex index = DeviceIndex.empty(SINCE).with(List.of(entry("d", most, "l".repeat(120), "a".repeat(64))));
        assertThat(IndexCodec.decode(IndexCodec.encode(index)).entries().get(0).places())
                .isEqualTo(most);
        most.add(place(100));
        for (IndexEntry wrong : List.of(
                entry("d", most, "l", null),
                entry("d", List.of(), "l", null),
                entry("d", List.of(place(1)), "l".repeat(121), null),
                entry("d", List.of(place(1)), "", null),
                entry("d", List.of(place(1)), "l", "a".repeat(65)))) {
            byte[] bytes = IndexCodec.encode(index.with(List.of(wrong)));
            assertThatThrownBy(() -> IndexCodec.decode(bytes)).isInstanceOf(MalformedRecordException.class);
        }
        List<IndexEntry> many = new ArrayList<>();
        for (int i = 0; i <= IndexCodec.MAX_ENTRIES; i++) {
            many.add(entry("d" + i, List.of(place(1)), null, null));
        }
        byte[] tooMany = IndexCodec.encode(index.with(many));
        assertThatThrownBy(() -> IndexCodec.decode(tooMany)).isInstanceOf(MalformedRecordException.class);
        many.remove(0);
        assertThat(IndexCodec.decode(IndexCodec.encode(index.with(many))).entries())
                .hasSize(IndexCodec.MAX_ENTRIES);
    }

    @Test
    void aDeviceIsThereOnce() {
        IndexEntry one = entry("one", List.of(place(1)), null, null);
        byte[] twice = IndexCodec.encode(DeviceIndex.empty(SINCE).with(List.of(one, one)));
        assertThatThrownBy(() -> IndexCodec.decode(twice)).isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void hostileCountsAndLengthsAllocateNothingToSpeakOf() {
        byte[] whole = IndexCodec.encode(full());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < whole.length; i++) {
            byte[] hostile = whole.clone();
            for (int j = i; j < Math.min(i + 4, hostile.length); j++) {
                hostile[j] = (byte) (j == i ? 0x7F : 0xFF);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            boolean isIndex = isIndex(hostile);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(allocated).as("byte %d, read: %s", i, isIndex).isLessThan(1_000_000);
        }
    }

    private static boolean isIndex(byte[] bytes) {
        try {
            IndexCodec.decode(bytes);
            return true;
        } catch (MalformedRecordException e) {
            return false;
        }
    }

    @Test
    void halfAMillionMutationsAreRefusedOrReadAsWhatTheySpell() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        byte[] start = IndexCodec.encode(full());
        int read = 0;
        int refused = 0;
        for (int i = 0; i < 500_000; i++) {
            byte[] mutated = RecordCodecTest.mutate(start, random);
            try {
                DeviceIndex index = IndexCodec.decode(mutated);
                read++;
                if (!Arrays.equals(IndexCodec.encode(index), mutated)) {
                    throw new AssertionError("Two spellings of one index; seed " + seed + ", mutation " + i);
                }
            } catch (MalformedRecordException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("Seed " + seed + ", mutation " + i, e);
            }
        }
        assertThat(read).isPositive();
        assertThat(refused).isPositive();
    }
}
