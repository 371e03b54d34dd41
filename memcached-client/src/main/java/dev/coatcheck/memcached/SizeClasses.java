package dev.coatcheck.memcached;

import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a server says of its items, of each size of memory apart: the answer to {@code stats items}. */
final class SizeClasses {
    /** Their numbers begin with 1. */
    private static final int MOST = 64;

    private static final int MAX_LINES = MOST * 64;
    private static final Pattern NAME = Pattern.compile("items:([0-9]{1,2}):([a-z_]{1,40})");

    private final long[] items = new long[MOST];
    private final long[] evicted = new long[MOST];
    private final long[] unused = new long[MOST];

    static SizeClasses read(ReplyInput in) throws IOException {
        SizeClasses classes = new SizeClasses();
        for (int lines = 0; ; lines++) {
            ReplyLine line = in.line();
            line.next();
            if (line.is("END")) {
                return classes;
            }
            if (!line.is("STAT") || !line.next() || lines == MAX_LINES) {
                throw new MalformedReplyException("No statistics of items");
            }
            classes.take(line.word(), line.rest());
        }
    }

    private void take(String name, String value) throws IOException {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) >= MOST) {
            throw new MalformedReplyException("Statistics of something else than items");
        }
        int number = Integer.parseInt(matcher.group(1));
        switch (matcher.group(2)) {
            case "number" -> items[number] = Handshake.number(name, value);
            case "evicted" -> evicted[number] = Handshake.number(name, value);
            case "evicted_time" -> unused[number] = Handshake.number(name, value);
            default -> {} // not needed
        }
    }

    /** The numbers of those that hold something. */
    int[] used() {
        return IntStream.range(0, MOST).filter(i -> items[i] > 0).toArray();
    }

    /** How long what was thrown out last had not been used; null when nothing was. */
    @Nullable
    Duration evictedUnused() {
        return IntStream.range(0, MOST)
                .filter(i -> evicted[i] > 0)
                .mapToObj(i -> Duration.ofSeconds(unused[i]))
                .min(Duration::compareTo)
                .orElse(null);
    }
}
