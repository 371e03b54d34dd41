package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A million bent headers, read by our scanner and by one that splits and searches. */
class CookieHeaderFuzzTest {
    private static final int HEADERS = 1_000_000;
    private static final String NAME = "SID";
    private static final String[] PIECES = {
        "SID=",
        "SID",
        "=",
        "==",
        ";",
        "; ",
        " ",
        "\t",
        ",",
        "\"",
        "\\",
        "a=b",
        "sid=",
        "$Version=1",
        "S",
        "ID=x",
        "SID=abc",
        "SID =\tz ",
        "\u0000",
        "\n",
        "\r",
        "\u007f",
        "\u00e9",
        "\u2028",
        "\ud800",
        "%53ID=",
        "__Host-SID=q"
    };

    @Test
    void twoReadersAgreeOnEveryHeader() {
        long seed = Long.getLong("coatcheck.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        List<String> lines = new ArrayList<>();
        int found = 0;
        for (int i = 0; i < HEADERS; i++) {
            bend(lines, random);
            CookieHeader.Values ours = CookieHeader.find(lines, NAME);
            if (!ours.equals(reference(lines))) {
                assertThat(ours)
                        .as("-Dcoatcheck.seed=%d, header %d: %s", seed, i, lines)
                        .isEqualTo(reference(lines));
            }
            found += ours.values().isEmpty() ? 0 : 1;
        }
        // Neither nothing nor all: else the headers show nothing.
        assertThat(found).as("-Dcoatcheck.seed=%d", seed).isBetween(HEADERS / 10, HEADERS * 9 / 10);
    }

    /** Either new lines of pieces, or the last ones with a few characters changed. */
    private static void bend(List<String> lines, SplittableRandom random) {
        if (!lines.isEmpty() && random.nextInt(3) == 0) {
            int line = random.nextInt(lines.size());
            StringBuilder text = new StringBuilder(lines.get(line));
            for (int edits = 1 + random.nextInt(3); edits > 0 && text.length() > 0; edits--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, (char) random.nextInt(0x100));
                    default -> text.setCharAt(at, (char) random.nextInt(0x100));
                }
            }
            lines.set(line, text.toString());
            return;
        }
        lines.clear();
        for (int count = random.nextInt(4); count > 0; count--) {
            StringBuilder text = new StringBuilder();
            for (int pieces = random.nextInt(10); pieces > 0; pieces--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            lines.add(text.toString());
        }
    }

    /** Written from RFC 6265, 5.4 read backwards; of no other virtue than that it is another. */
    private static CookieHeader.Values reference(List<String> lines) {
        List<String> all = new ArrayList<>();
        for (String pair : String.join(";", lines).split(";")) {
            String[] halves = pair.split("=", 2);
            if (halves.length == 2 && strip(halves[0]).equals(NAME)) {
                all.add(strip(halves[1]));
            }
        }
        int shown = Math.min(8, all.size());
        return new CookieHeader.Values(all.subList(0, shown), all.size() - shown);
    }

    private static String strip(String text) {
        String rest = text;
        while (rest.startsWith(" ") || rest.startsWith("\t")) {
            rest = rest.substring(1);
        }
        while (rest.endsWith(" ") || rest.endsWith("\t")) {
            rest = rest.substring(0, rest.length() - 1);
        }
        return rest;
    }
}
