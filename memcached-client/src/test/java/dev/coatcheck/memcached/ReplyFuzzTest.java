package dev.coatcheck.memcached;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Valid streams of replies, broken at random: each reply that is taken belongs to its command, and all else is an error. */
class ReplyFuzzTest {
    private static final int MUTATIONS = Integer.getInteger("coatcheck.fuzz.mutations", 1_000_000);
    private static final ServerIdentity SERVER = new ServerIdentity(1, 2);
    private static final int LIMIT = 64;

    /** The buffer of 32 kB, with room for the values and an exception. */
    private static final long ALLOCATED_AT_MOST = 64_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private record Sent(Command command, long token, byte[] reply) {}

    @Test
    void noMutationGivesAnotherCommandsReplyOrAnUntypedError() {
        long seed = Long.getLong("coatcheck.fuzz.seed", System.nanoTime());
        Random random = new Random(seed);
        int taken = 0;
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            List<Sent> sent = stream(random);
            byte[] bytes = mutated(random, sent);
            Result result = receive(sent, bytes);
            if (result.allocated > ALLOCATED_AT_MOST) {
                // What loads classes the first time does so no second time.
                result = receive(sent, bytes);
            }
            String judged = judge(sent, bytes, result);
            if (!judged.isEmpty()) {
                String stream = new String(bytes, ISO_8859_1);
                throw new AssertionError(
                        "seed " + seed + ", mutation " + i + ": " + judged + ": " + stream, result.end);
            }
            taken += result.replies.size();
            refused += result.end == null ? 0 : 1;
        }
        assertThat(taken).as("replies taken, seed %d", seed).isGreaterThan(MUTATIONS / 4);
        assertThat(refused).as("streams refused, seed %d", seed).isGreaterThan(MUTATIONS / 2);
    }

    private record Result(
            List<@Nullable Reply> replies, @Nullable Exception end, long allocated) {}

    private static Result receive(List<Sent> sent, byte[] bytes) {
        List<@Nullable Reply> replies = new ArrayList<>();
        Exception end = null;
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            ReplyReader reader = new ReplyReader(new ReplyInput(new Chunks(bytes)), LIMIT, SERVER);
            for (Sent one : sent) {
                replies.add(reader.read(one.command, one.token));
            }
        } catch (IOException | RuntimeException e) {
            end = e;
        }
        return new Result(replies, end, THREADS.getCurrentThreadAllocatedBytes() - before);
    }

    /** Finds by other means what of the stream each reply was made from; says what is wrong with it. */
    private static String judge(List<Sent> sent, byte[] bytes, Result result) {
        if (result.allocated > ALLOCATED_AT_MOST) {
            return result.allocated + " bytes were allocated";
        }
        if (result.end != null
                && !(result.end instanceof MalformedReplyException || result.end instanceof EOFException)) {
            return "an error of another type";
        }
        List<@Nullable Reply> replies = result.replies;
        String text = new String(bytes, ISO_8859_1);
        int at = 0;
        for (int i = 0; i < replies.size(); i++) {
            Sent one = sent.get(i);
            Reply reply = replies.get(i);
            int end = text.indexOf('\n', at);
            List<String> words = List.of(text.substring(at, end - 1).split(" ", -1));
            at = end + 1;
            if (reply == null) {
                continue;
            }
            boolean rightToken = words.stream()
                    .anyMatch(word -> word.startsWith("O") && word.substring(1).matches("0*" + one.token));
            if (!rightToken || !words.contains("k" + one.command.key())) {
                return "a reply without its command's token and key was taken";
            }
            byte[] value = reply.value();
            if (value != null) {
                if (value.length > LIMIT
                        || !new String(value, ISO_8859_1).equals(text.substring(at, at + value.length))) {
                    return "a value that is not the one behind the reply's line";
                }
                at += value.length + 2;
            }
        }
        return "";
    }

    private static List<Sent> stream(Random random) {
        List<Sent> sent = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            sent.add(sent(random, 1_000 + i * 37L));
        }
        return sent;
    }

    private static Sent sent(Random random, long token) {
        String end = " kkey" + token + " O" + token + "\r\n";
        String key = "key" + token;
        Command get = Command.get(key).value().cas().flags().secondsLeft();
        return switch (random.nextInt(7)) {
            case 0, 1 -> {
                int length = random.nextInt(12);
                String reply = "VA " + length + " c" + random.nextInt(1_000) + " f" + random.nextInt(9) + " t-1" + end
                        + "v".repeat(length) + "\r\n";
                yield new Sent(get, token, reply.getBytes(ISO_8859_1));
            }
            case 2 -> new Sent(get, token, ("EN" + end).getBytes(ISO_8859_1));
            case 3 -> new Sent(Command.delete(key), token, ("HD" + end).getBytes(ISO_8859_1));
            case 4 -> new Sent(Command.set(key, new byte[1]).cas(), token, ("HD c5" + end).getBytes(ISO_8859_1));
            case 5 -> new Sent(Command.set(key, new byte[1]), token, ("NS" + end).getBytes(ISO_8859_1));
            default -> new Sent(get, token, "SERVER_ERROR out of memory\r\n".getBytes(ISO_8859_1));
        };
    }

    private static byte[] mutated(Random random, List<Sent> sent) {
        List<byte[]> frames = new ArrayList<>();
        sent.forEach(one -> frames.add(one.reply));
        switch (random.nextInt(4)) {
            case 0 -> Collections.swap(frames, 0, frames.size() - 1);
            case 1 -> frames.add(random.nextInt(frames.size()), frames.get(random.nextInt(frames.size())));
            case 2 -> frames.remove(random.nextInt(frames.size()));
            default -> {} // Bytes alone.
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        frames.forEach(all::writeBytes);
        byte[] bytes = all.toByteArray();
        if (bytes.length == 0) {
            return bytes;
        }
        int changes = random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            bytes[random.nextInt(bytes.length)] = (byte)
                    (random.nextBoolean()
                            ? random.nextInt(256)
                            : " 0123456789\r\nckOtfHVA-".charAt(random.nextInt(22)));
        }
        return bytes;
    }
}
