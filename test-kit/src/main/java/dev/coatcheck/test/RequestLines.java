package dev.coatcheck.test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Picks the command lines out of what a client sends to memcached, and leaves the data blocks out. One connection's. */
final class RequestLines {
    private static final int LONGEST_LINE = 64 * 1024;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int dataLeft;

    /** The lines that these bytes complete, without their ends, in order. */
    List<String> add(byte[] bytes) {
        List<String> complete = new ArrayList<>();
        for (byte b : bytes) {
            if (dataLeft > 0) {
                dataLeft--;
            } else if (b == '\n' || line.size() >= LONGEST_LINE) {
                String text = line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
                line.reset();
                complete.add(text);
                dataLeft = dataBehind(text.split(" ", -1));
            } else {
                line.write(b);
            }
        }
        return complete;
    }

    private static int dataBehind(String[] words) {
        int place = switch (words[0]) {
            case "ms" -> 2;
            case "set", "add", "replace", "append", "prepend", "cas" -> 4;
            default -> Integer.MAX_VALUE;
        };
        return place < words.length && words[place].matches("\\d{1,9}") ? Integer.parseInt(words[place]) + 2 : 0;
    }
}
