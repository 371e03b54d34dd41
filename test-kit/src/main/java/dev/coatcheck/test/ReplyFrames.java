package dev.coatcheck.test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts what a memcached sends into its replies: a line, with the data block that a {@code VA} or {@code VALUE} line
 * announces, and with all lines up to {@code END} for the classic replies that are lists. What is not memcached's, such as
 * TLS, comes out in pieces that mean nothing. For one connection, by one thread.
 */
final class ReplyFrames {
    private static final int LONGEST_LINE = 64 * 1024;

    private final ByteArrayOutputStream frame = new ByteArrayOutputStream();
    private int lineStart;
    private int dataLeft;

    /** The replies that these bytes complete, in order. */
    List<byte[]> add(byte[] bytes) {
        List<byte[]> complete = new ArrayList<>();
        for (byte b : bytes) {
            frame.write(b);
            if (dataLeft > 0) {
                dataLeft--;
                if (dataLeft == 0) {
                    endOfData(complete);
                }
            } else if (b == '\n' || frame.size() - lineStart >= LONGEST_LINE) {
                endOfLine(complete);
            }
        }
        return complete;
    }

    private void endOfData(List<byte[]> complete) {
        if (startsWith("VALUE ")) {
            lineStart = frame.size();
        } else {
            complete.add(take());
        }
    }

    private void endOfLine(List<byte[]> complete) {
        byte[] all = frame.toByteArray();
        String[] words = new String(Arrays.copyOfRange(all, lineStart, all.length), StandardCharsets.ISO_8859_1)
                .strip()
                .split(" ", -1);
        int length = -1;
        if (words[0].equals("VA") && words.length > 1) {
            length = number(words[1]);
        } else if (words[0].equals("VALUE") && words.length > 3) {
            length = number(words[3]);
        }
        if (length >= 0) {
            dataLeft = length + 2;
        } else if (words[0].equals("STAT")) {
            lineStart = all.length;
        } else {
            complete.add(take());
        }
    }

    private static int number(String word) {
        return word.matches("\\d{1,9}") ? Integer.parseInt(word) : -1;
    }

    private boolean startsWith(String word) {
        byte[] all = frame.toByteArray();
        return new String(all, 0, Math.min(all.length, word.length()), StandardCharsets.ISO_8859_1).equals(word);
    }

    /** The beginning of a reply whose end has not come yet. */
    byte[] begun() {
        return frame.toByteArray();
    }

    private byte[] take() {
        byte[] all = frame.toByteArray();
        frame.reset();
        lineStart = 0;
        return all;
    }
}
