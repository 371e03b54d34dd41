package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.coatcheck.Envelope.Kind;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
    private static final long ONE = 0x1111_2222_3333_4444L;
    private static final long OTHER_TRY = 0x9999_2222_3333_4444L;
    private static final long OTHER_COMMIT = 0x1111_2222_3333_5555L;

    @ParameterizedTest
    @EnumSource
    void theBytesAreTheKnownAnswer(Kind kind) {
        Vectors vectors = Vectors.of("envelope");
        Envelope envelope = new Envelope(
                kind,
                vectors.number(kind + ".leaseClass"),
                vectors.number(kind + ".ringKey"),
                vectors.number(kind + ".storeBits"),
                vectors.number(kind + ".version"),
                Long.parseLong(vectors.text(kind + ".end")),
                List.of(vectors.writeIds(kind + ".writeIds")));

        assertThat(envelope.bytes()).isEqualTo(vectors.bytes(kind + ".bytes"));
        assertThat(Envelope.of(vectors.bytes(kind + ".bytes"))).isEqualTo(envelope);
    }

    @Test
    void whatIsWrittenIsRead() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            Envelope envelope = new Envelope(
                    Kind.values()[random.nextInt(7)],
                    random.nextInt(16),
                    random.nextInt(16),
                    random.nextInt(16),
                    1 + random.nextInt(Envelope.TERMINAL_VERSION),
                    random.nextLong(),
                    random.longs(random.nextInt(9)).boxed().toList());
            byte[] value = Arrays.copyOf(envelope.bytes(), 80 + random.nextInt(40));

            assertThat(Envelope.of(value)).as("seed %d", seed).isEqualTo(envelope);
        }
    }

    @Test
    void everyFieldHasBounds() {
        accepted(0, 0, 0, 1, 0);
        accepted(15, 15, 15, Envelope.TERMINAL_VERSION, 8);
        accepted(0, 0, 0, Envelope.LAST_VERSION, 0);
        refused(-1, 0, 0, 1, 0);
        refused(16, 0, 0, 1, 0);
        refused(0, -1, 0, 1, 0);
        refused(0, 16, 0, 1, 0);
        refused(0, 0, -1, 1, 0);
        refused(0, 0, 16, 1, 0);
        refused(0, 0, 0, 0, 0);
        refused(0, 0, 0, -1, 0);
        refused(0, 0, 0, Envelope.TERMINAL_VERSION + 1, 0);
        refused(0, 0, 0, 1, 9);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 79})
    void aValueThatIsTooShortIsNone(int length) {
        byte[] value = Arrays.copyOf(envelope().bytes(), length);
        assertThatIllegalArgumentException().isThrownBy(() -> Envelope.of(value));
    }

    @Test
    void everyOtherFormatIsNone() {
        byte[] value = envelope().bytes();
        for (int format = 0; format < 256; format++) {
            value[0] = (byte) format;
            if (format != Envelope.FORMAT) {
                assertThatIllegalArgumentException().isThrownBy(() -> Envelope.of(value));
            }
        }
    }

    @Test
    void theNextFormatIsNotABitAway() {
        assertThat(Integer.bitCount(Envelope.FORMAT ^ Envelope.NEXT_FORMAT)).isGreaterThanOrEqualTo(2);
    }

    @Test
    void everyOtherKindIsNone() {
        byte[] value = envelope().bytes();
        for (int kind = 9; kind <= 256; kind++) {
            value[1] = (byte) kind;
            assertThatIllegalArgumentException().isThrownBy(() -> Envelope.of(value));
        }
    }

    @Test
    void hostileBytesAreRefusedOrMeanWhatTheySay() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] good = envelope().bytes();
        for (int i = 0; i < 300_000; i++) {
            byte[] value = good.clone();
            int changes = 1 + random.nextInt(8);
            for (int j = 0; j < changes; j++) {
                value[random.nextInt(value.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(Envelope.of(value).bytes()).as("seed %d", seed).isEqualTo(value);
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).as("seed %d", seed).startsWith("Not a");
            }
        }
    }

    @Test
    void aTryIsToldFromAnotherTryOfItsCommit() {
        Envelope envelope = with(7L, ONE);

        assertThat(envelope.containsWrite(ONE)).isTrue();
        assertThat(envelope.containsWrite(OTHER_TRY)).isFalse();
        assertThat(envelope.containsWrite(OTHER_COMMIT)).isFalse();
        assertThat(envelope.containsCommit(ONE)).isTrue();
        assertThat(envelope.containsCommit(OTHER_TRY)).isTrue();
        assertThat(envelope.containsCommit(OTHER_COMMIT)).isFalse();
    }

    @Test
    void anUnusedPlaceIsNoWrite() {
        Envelope envelope = with(ONE);

        assertThat(envelope.containsWrite(0)).isFalse();
        assertThat(envelope.containsCommit(0)).isFalse();
        assertThat(envelope.containsCommit(0x7777_0000_0000_0000L)).isFalse();
    }

    @Test
    void theNinthWriteForgetsTheFirst() {
        Envelope envelope = with();
        for (long write = 1; write <= 9; write++) {
            envelope = with(envelope.writeIdsAfter(write).toArray(new Long[0]));
            assertThat(envelope.newestWrite()).isEqualTo(write);
        }
        assertThat(envelope.writeIds()).containsExactly(9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L);
        assertThat(envelope.containsWrite(1)).isFalse();
        assertThat(envelope.containsWrite(2)).isTrue();
    }

    @Test
    void whatEndsAKeyIsTerminal() {
        assertThat(Kind.values())
                .filteredOn(Kind::isTerminal)
                .containsExactly(Kind.FORWARD, Kind.MARKER, Kind.MOVED, Kind.TOMB);
    }

    private static void accepted(int leaseClass, int ringKey, int storeBits, int version, int writeIds) {
        assertThatCode(() -> envelope(leaseClass, ringKey, storeBits, version, writeIds))
                .doesNotThrowAnyException();
    }

    private static void refused(int leaseClass, int ringKey, int storeBits, int version, int writeIds) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> envelope(leaseClass, ringKey, storeBits, version, writeIds));
    }

    private static Envelope envelope(int leaseClass, int ringKey, int storeBits, int version, int writeIds) {
        return new Envelope(
                Kind.LIVE, leaseClass, ringKey, storeBits, version, 1_893_456_000L, Collections.nCopies(writeIds, ONE));
    }

    private static Envelope envelope() {
        return envelope(2, 3, 0, 5, 4);
    }

    private static Envelope with(Long... writeIds) {
        return new Envelope(Kind.LIVE, 2, 3, 0, 5, 1_893_456_000L, List.of(writeIds));
    }
}
