package dev.coatcheck.test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyFramesTest {
    private static final List<String> REPLIES = List.of(
            "HD c7 Oab\r\n",
            "VA 8 c1 f2 t-1\r\nHD\r\nVA 9\r\n",
            "VA 0 W\r\n\r\n",
            "EN\r\n",
            "STAT pid 1\r\nSTAT empty \r\nEND\r\n",
            "VALUE k 0 5\r\nEND\r\n\r\nVALUE l 0 1 9\r\nx\r\nEND\r\n",
            "END\r\n",
            "SERVER_ERROR out of memory storing object\r\n",
            "VA what\r\n",
            "MN\r\n");

    @Test
    void repliesAreCutWhereTheyEndHoweverTheyArrive() {
        byte[] all = String.join("", REPLIES).getBytes(ISO_8859_1);
        for (int size = 1; size <= all.length; size++) {
            ReplyFrames frames = new ReplyFrames();
            List<String> cut = new ArrayList<>();
            for (int at = 0; at < all.length; at += size) {
                byte[] piece = Arrays.copyOfRange(all, at, Math.min(all.length, at + size));
                frames.add(piece).forEach(frame -> cut.add(new String(frame, ISO_8859_1)));
            }
            assertThat(cut).as("in pieces of %s", size).isEqualTo(REPLIES);
            assertThat(frames.begun()).isEmpty();
        }
    }

    @Test
    void whatHasNotEndedIsThereToBeSeen() {
        ReplyFrames frames = new ReplyFrames();
        assertThat(frames.add("HD\r\nVA 5\r\nab".getBytes(ISO_8859_1))).hasSize(1);
        assertThat(frames.begun()).isEqualTo("VA 5\r\nab".getBytes(ISO_8859_1));
    }

    @Test
    void commandLinesAreTakenAndDataBlocksLeftOut() {
        String sent = "ms k 10 T1\r\nmd a\r\nmg b\r\nmd k\r\nset c 0 0 4\r\nmd x\r\nmg k v\r\n";
        byte[] all = sent.getBytes(ISO_8859_1);
        for (int size = 1; size <= all.length; size++) {
            RequestLines lines = new RequestLines();
            List<String> seen = new ArrayList<>();
            for (int at = 0; at < all.length; at += size) {
                seen.addAll(lines.add(Arrays.copyOfRange(all, at, Math.min(all.length, at + size))));
            }
            assertThat(seen).as("in pieces of %s", size).containsExactly("ms k 10 T1", "md k", "set c 0 0 4", "mg k v");
        }
    }
}
