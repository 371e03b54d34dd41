package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.coatcheck.RecordCodec.MalformedRecordException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Records as bytes: one spelling each, and nothing else is read. */
class RecordCodecTest {
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00.123Z");

    private static SessionRecord full() {
        TreeMap<String, Attribute> attributes = new TreeMap<>();
        attributes.put("cart", new Attribute("", 0, new byte[] {1, 2, 3}));
        attributes.put("hits", new Attribute("i", Attribute.GUARDED, new byte[] {7}));
        attributes.put("later \uD83D\uDE00", new Attribute("a.type-of_mine", 0xF3, new byte[300]));
        attributes.put("none", new Attribute("t", Attribute.CACHE_ONLY, new byte[0]));
        byte[] seed = new byte[CsrfToken.SEED_BYTES];
        Arrays.fill(seed, (byte) 9);
        return new SessionRecord(
                CREATED,
                CREATED.plus(Duration.ofHours(12)),
                Duration.ofMinutes(20),
                true,
                true,
                new SessionRecord.Login("älice", "device", CREATED.plusSeconds(5)),
                seed,
                new byte[] {42, 43},
                attributes);
    }

    private static SessionRecord empty() {
        return SessionRecord.empty(
                CREATED, Duration.ofMinutes(20), Duration.ofHours(12), new byte[CsrfToken.SEED_BYTES]);
    }

    @Test
    void aRecordComesBackWithWhatANewerReleaseAdded() throws MalformedRecordException {
        for (SessionRecord session : new SessionRecord[] {full(), empty()}) {
            byte[] bytes = RecordCodec.encode(session);
            SessionRecord back = RecordCodec.decode(bytes);
            assertThat(back.createdAt()).isEqualTo(session.createdAt());
            assertThat(back.deadline()).isEqualTo(session.deadline());
            assertThat(back.idleTimeout()).isEqualTo(session.idleTimeout());
            assertThat(back.ownIdleTimeout()).isEqualTo(session.ownIdleTimeout());
            assertThat(back.remembered()).isEqualTo(session.remembered());
            assertThat(back.login()).isEqualTo(session.login());
            assertThat(back.csrfSeed()).isEqualTo(session.csrfSeed());
            assertThat(back.extra()).isEqualTo(session.extra());
            assertThat(back.attributes()).isEqualTo(session.attributes());
            assertThat(RecordCodec.encode(back)).isEqualTo(bytes);
        }
    }

    @Test
    void anEmptyRecordIsTheseBytesForEver() {
        assertThat(Base64.getEncoder().encodeToString(RecordCodec.encode(empty())))
                .isEqualTo("ACsAAAGbdtqoewAAAZt5bdZ7AAAAAAAST4AAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    }

    @Test
    void whatIsCutShortOrTooLongIsNoRecord() {
        byte[] whole = RecordCodec.encode(full());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> RecordCodec.decode(cut)).isInstanceOf(MalformedRecordException.class);
        }
        assertThatThrownBy(() -> RecordCodec.decode(Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void fieldsOutOfRangeAreRefused() {
        byte[] whole = RecordCodec.encode(empty());
        for (long idle : new long[] {0, -1, Long.MIN_VALUE}) {
            byte[] changed = whole.clone();
            ByteBuffer.wrap(changed).putLong(2 + 16, idle);
            assertThatThrownBy(() -> RecordCodec.decode(changed)).isInstanceOf(MalformedRecordException.class);
        }
        byte[] backwards = whole.clone();
        ByteBuffer.wrap(backwards).putLong(2 + 8, 0);
        assertThatThrownBy(() -> RecordCodec.decode(backwards)).isInstanceOf(MalformedRecordException.class);
        byte[] flags = whole.clone();
        flags[2 + 24] = (byte) 0x80;
        assertThatThrownBy(() -> RecordCodec.decode(flags)).isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void namesOutOfOrderAndTwiceAreRefused() {
        byte[] header = RecordCodec.encode(empty());
        for (String names : new String[] {"ba", "aa"}) {
            ByteBuffer bytes = ByteBuffer.allocate(header.length + 2 * 9);
            bytes.put(header, 0, header.length - 2).putShort((short) 2);
            for (int i = 0; i < names.length(); i++) {
                bytes.putShort((short) 1)
                        .put((byte) names.charAt(i))
                        .put((byte) 0)
                        .put((byte) 0)
                        .putInt(0);
            }
            assertThatThrownBy(() -> RecordCodec.decode(bytes.array())).isInstanceOf(MalformedRecordException.class);
        }
    }

    @Test
    void hostileCountsAndLengthsAllocateNothingToSpeakOf() {
        byte[] whole = RecordCodec.encode(full());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < whole.length; i++) {
            byte[] hostile = whole.clone();
            for (int j = i; j < Math.min(i + 4, hostile.length); j++) {
                hostile[j] = (byte) (j == i ? 0x7F : 0xFF);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            boolean isRecord = isRecord(hostile);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(allocated).as("byte %d, read: %s", i, isRecord).isLessThan(1_000_000);
        }
    }

    private static boolean isRecord(byte[] bytes) {
        try {
            RecordCodec.decode(bytes);
            return true;
        } catch (MalformedRecordException e) {
            return false;
        }
    }

    @Test
    void aMillionMutationsAreRefusedOrReadAsWhatTheySpell() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        byte[][] starts = {RecordCodec.encode(full()), RecordCodec.encode(empty())};
        int read = 0;
        int refused = 0;
        for (int i = 0; i < 1_000_000; i++) {
            byte[] mutated = mutate(starts[i % 2], random);
            try {
                SessionRecord session = RecordCodec.decode(mutated);
                read++;
                if (!Arrays.equals(RecordCodec.encode(session), mutated)) {
                    throw new AssertionError("Two spellings of one record; seed " + seed + ", mutation " + i);
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

    static byte[] mutate(byte[] start, SplittableRandom random) {
        byte[] bytes = start.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xFF : 0);
                case 3 -> bytes = Arrays.copyOf(bytes, at + 1);
                default -> {
                    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
                    System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }

    @Test
    void aFullRecordIsTheseBytesForEver() throws MalformedRecordException {
        byte[] bytes = RecordCodec.encode(full());
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo(Vectors.of("record").text("full"));
        assertThat(RecordCodec.encode(RecordCodec.decode(bytes))).isEqualTo(bytes);
    }

    @Test
    void theLimitsAreReachedAndNotPassed() throws MalformedRecordException {
        TreeMap<String, Attribute> most = new TreeMap<>();
        for (int i = 0; i < RecordCodec.MAX_ATTRIBUTES; i++) {
            most.put("n" + i, new Attribute("", 0, new byte[0]));
        }
        SessionRecord full = empty().withAttributes(most);
        assertThat(RecordCodec.decode(RecordCodec.encode(full)).attributes()).hasSize(1_024);
        assertThatThrownBy(() -> RecordCodec.decode(
                        RecordCodec.encode(full.with("one more", new Attribute("", 0, new byte[0])))))
                .isInstanceOf(MalformedRecordException.class);
        for (String name : new String[] {"", "n".repeat(256), "\u20AC".repeat(256)}) {
            SessionRecord named = empty().with(name, new Attribute("t".repeat(64), 255, new byte[1]));
            assertThat(RecordCodec.decode(RecordCodec.encode(named)).attributes())
                    .isEqualTo(named.attributes());
        }
        for (SessionRecord wrong : new SessionRecord[] {
            empty().with("n".repeat(257), new Attribute("", 0, new byte[0])),
            empty().with("n", new Attribute("t".repeat(65), 0, new byte[0]))
        }) {
            byte[] bytes = RecordCodec.encode(wrong);
            assertThatThrownBy(() -> RecordCodec.decode(bytes)).isInstanceOf(MalformedRecordException.class);
        }
    }
}
