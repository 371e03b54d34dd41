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
    void aSessionsAreItsVersionAndTwelveBitsOfItsWriter() {
        assertThat(of(Kind.LIVE, 1, 0x1234_5678_9ABC_DEF0L)).isEqualTo(0x1123L);
        assertThat(of(Kind.LIVE, 2, 0xFFF0_0000_0000_0000L)).isEqualTo(0x2FFFL);
        assertThat(of(Kind.LIVE, Envelope.LAST_VERSION, 0xFFF0_0000_0000_0000L)).isEqualTo(0xFFFF_DFFFL);
        assertThat(ClientFlags.version(0xFFFF_DFFFL)).isEqualTo(Envelope.LAST_VERSION);
        assertThat(ClientFlags.version(0x1123L)).isEqualTo(1);
    }

    @Test
    void whatEndsAKeyHasFlagsOfItsOwnThatOutrankEverySession() {
        assertThat(List.of(of(Kind.FORWARD), of(Kind.MARKER), of(Kind.MOVED), of(Kind.TOMB)))
                .containsExactly(4_294_963_201L, 4_294_963_202L, 4_294_963_203L, 4_294_967_295L);
        assertThat(of(Kind.FORWARD)).isGreaterThan(of(Kind.LIVE, Envelope.LAST_VERSION, -1));
    }

    @Test
    void whatEndsAKeyIsTold() {
        for (Kind kind : List.of(Kind.FORWARD, Kind.MARKER, Kind.MOVED, Kind.TOMB)) {
            assertThat(ClientFlags.isTerminal(of(kind))).as("%s", kind).isTrue();
            assertThat(ClientFlags.isOldId(of(kind)))
                    .as("%s", kind)
                    .isEqualTo(kind == Kind.FORWARD || kind == Kind.MARKER);
        }
        for (long flags : new long[] {0, 0x1123L, of(Kind.LIVE, Envelope.LAST_VERSION, -1)}) {
            assertThat(ClientFlags.isTerminal(flags)).isFalse();
            assertThat(ClientFlags.isOldId(flags)).isFalse();
        }
    }
}
