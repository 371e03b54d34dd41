package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Envelope;
import dev.coatcheck.Envelope.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientFlagsTest {
    private static long of(Kind kind, int version, long writeId) {
        return ClientFlags.of(new Envelope(kind, 2, 1, 0, version, 1_800_000_000L, List.of(writeId)));
    }

    private static long of(Kind kind) {
        return of(kind, Envelope.TERMINAL_VERSION, 0xFFFF_0000_0000_0001L);
    }

    @Test
    void aSessionsAreItsVersionAndItsWriter() {
        assertThat(of(Kind.LIVE, 1, 0x1234_5678_9ABC_DEF0L)).isEqualTo(0x0112_3456L);
        assertThat(of(Kind.LIVE, 2, 0xFFFF_FF00_0000_0000L)).isEqualTo(0x02FF_FFFFL);
        assertThat(of(Kind.LIVE, 0x1_0003, 0xFFFF_FF00_0000_0000L)).isEqualTo(0x03FF_FFFFL);
    }

    @Test
    void noSessionsAreThoseOfWhatEndsAKey() {
        for (long writeId : new long[] {-1, 0xFFFF_F000_0000_0000L, 0xF000_0000_0000_0000L, 0xFFFF_F123_4567_89ABL}) {
            for (Kind kind : List.of(Kind.LIVE, Kind.SPLIT, Kind.INDEX, Kind.STUB)) {
                assertThat(ClientFlags.isTerminal(of(kind, 0xFF, writeId))).isFalse();
            }
        }
    }

    @Test
    void aWitnessOfAWriteIsNeverTakenForIt() {
        for (long writeId : new long[] {-1, 0, 0x1234_5678_9ABC_DEF0L}) {
            assertThat(of(Kind.STUB, 7, writeId)).isNotEqualTo(of(Kind.LIVE, 7, writeId));
        }
    }

    @Test
    void whatEndsAKeyHasFlagsOfItsOwn() {
        assertThat(List.of(of(Kind.FORWARD), of(Kind.MARKER), of(Kind.MOVED), of(Kind.TOMB)))
                .containsExactly(0xFFF3_FFFCL, 0xFFF7_FFFCL, 0xFFFB_FFFCL, 0xFFFF_FFFFL);
    }

    @Test
    void twoThatEndAKeyInTheSameWayAreToldApart() {
        for (Kind kind : List.of(Kind.FORWARD, Kind.MARKER)) {
            assertThat(of(kind, Envelope.TERMINAL_VERSION, 1L << 46))
                    .isNotEqualTo(of(kind, Envelope.TERMINAL_VERSION, 0));
        }
    }

    @Test
    void whatEndsAKeyIsTold() {
        for (Kind kind : List.of(Kind.FORWARD, Kind.MARKER, Kind.MOVED, Kind.TOMB)) {
            assertThat(ClientFlags.isTerminal(of(kind))).as("%s", kind).isTrue();
            assertThat(ClientFlags.isOldId(of(kind)))
                    .as("%s", kind)
                    .isEqualTo(kind == Kind.FORWARD || kind == Kind.MARKER);
        }
        for (long flags : new long[] {0, 0x0112_3456L, of(Kind.LIVE, 0xFF, -1)}) {
            assertThat(ClientFlags.isTerminal(flags)).isFalse();
            assertThat(ClientFlags.isOldId(flags)).isFalse();
        }
    }
}
