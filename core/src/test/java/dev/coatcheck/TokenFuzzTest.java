package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A million strings that are nearly tokens. */
class TokenFuzzTest {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void noMutationOfASignedTokenIsRead() {
        Tokens tokens = tokens(KeyRing.parse(KeyRing.generate()));
        String[] originals = originals(tokens);
        Set<String> valid = new HashSet<>(Arrays.asList(originals));
        for (int i = 0; i < 500_000; i++) {
            String mutation = mutation(originals);
            if (!valid.contains(mutation) && read(tokens, mutation) != null) {
                throw new AssertionError("accepted, seed " + seed + ", step " + i);
            }
        }
    }

    @Test
    void aMutationOfAnUnsignedTokenIsAbsentOrHasOneSpelling() {
        Tokens tokens = tokens(null);
        String[] originals = originals(tokens);
        for (int i = 0; i < 500_000; i++) {
            String mutation = mutation(originals);
            SessionToken read = read(tokens, mutation);
            if (read != null && !tokens.write(read).equals(mutation)) {
                throw new AssertionError("two spellings, seed " + seed + ", step " + i);
            }
        }
    }

    @Test
    void noiseIsNeverRead() {
        Tokens[] both = {tokens(null), tokens(KeyRing.parse(KeyRing.generate()))};
        for (int i = 0; i < 300_000; i++) {
            String noise = noise(random.nextInt(4) == 0 ? random.nextInt(100) : random.nextBoolean() ? 44 : 60);
            assertThat(read(both[1], noise)).as("seed %d", seed).isNull();
            SessionToken unsigned = read(both[0], noise);
            if (unsigned != null && !both[0].write(unsigned).equals(noise)) {
                throw new AssertionError("two spellings, seed " + seed + ", step " + i);
            }
        }
    }

    private SessionToken read(Tokens tokens, String text) {
        try {
            return tokens.read(text);
        } catch (RuntimeException e) {
            throw new AssertionError("thrown, seed " + seed, e);
        }
    }

    private String mutation(String[] originals) {
        StringBuilder text = new StringBuilder(originals[random.nextInt(originals.length)]);
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = text.length() == 0 ? 0 : random.nextInt(text.length());
            switch (text.length() == 0 ? 1 : random.nextInt(8)) {
                case 0, 7 -> text.setCharAt(at, ALPHABET.charAt(random.nextInt(64)));
                case 1 -> text.insert(at, character());
                case 2 -> text.deleteCharAt(at);
                case 3 -> text.setCharAt(at, character());
                case 4 -> text.setLength(at);
                case 5 -> text.replace(at, text.length(), tail(originals[random.nextInt(originals.length)], at));
                default -> text.append(text, at, text.length());
            }
        }
        return text.toString();
    }

    private static String tail(String text, int from) {
        return from < text.length() ? text.substring(from) : "";
    }

    private String noise(int length) {
        StringBuilder text = new StringBuilder();
        boolean wild = random.nextInt(4) == 0;
        for (int i = 0; i < length; i++) {
            text.append(wild ? character() : ALPHABET.charAt(random.nextInt(64)));
        }
        return text.toString();
    }

    private char character() {
        return switch (random.nextInt(3)) {
            case 0 -> "+/=. \n\r\0\"%;,\u00e9\u0100\u0141\uD83D\uDE00\uFFFF".charAt(random.nextInt(18));
            case 1 -> (char) random.nextInt(128);
            default -> (char) random.nextInt(0x10000);
        };
    }

    private static String[] originals(Tokens tokens) {
        String[] originals = new String[20];
        for (int i = 0; i < originals.length; i++) {
            LeaseClass leaseClass = LeaseClass.of(i % LeaseClass.values().length);
            originals[i] = tokens.write(i % 4 == 3 ? tokens.drawBlank() : tokens.draw(leaseClass));
        }
        return originals;
    }

    private static Tokens tokens(KeyRing ring) {
        return new Tokens(new Derivation("app", ring), new SecureRandom(), null, Clock.systemUTC());
    }
}
