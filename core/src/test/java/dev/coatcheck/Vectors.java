package dev.coatcheck;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Properties;

/** One file of known answers. */
final class Vectors {
    /** The applications of most files: each has its own answers under its tag. */
    static final String[] TAGS = {"ascii", "unicode"};

    private final Properties values = new Properties();

    private Vectors() {}

    static Vectors of(String purpose) {
        String name = "/vectors/" + purpose + ".properties";
        Vectors vectors = new Vectors();
        try (var in = Objects.requireNonNull(Vectors.class.getResourceAsStream(name), name)) {
            vectors.values.load(new InputStreamReader(in, UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return vectors;
    }

    String text(String name) {
        return Objects.requireNonNull(values.getProperty(name), name);
    }

    byte[] bytes(String name) {
        return HexFormat.of().parseHex(text(name));
    }

    int number(String name) {
        return Integer.parseInt(text(name));
    }

    Long[] writeIds(String name) {
        return Arrays.stream(text(name).split(" "))
                .filter(id -> !id.isEmpty())
                .map(id -> Long.parseUnsignedLong(id, 16))
                .toArray(Long[]::new);
    }

    int size() {
        return values.size();
    }

    Derivation withoutRing(String tag) {
        return new Derivation(text(tag + ".application"), null);
    }

    Derivation withRing(String tag) {
        return new Derivation(text(tag + ".application"), KeyRing.parse(text("ring")));
    }
}
