package dev.coatcheck.test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks for secrets where none may be: logs, exceptions, a store's keys and values. A secret is found as it is, in hex, in
 * Base64 and base64url at any alignment, and percent-encoded; a secret that is base64url itself, as a token is, also as
 * the bytes it stands for. What is reported names a secret and never shows it.
 *
 * <pre>{@code
 * SecretSearch search = new SecretSearch().add("alice's cookie", browser.cookie("__Host-SID"));
 * search.assertAbsent("the store", store.dump());
 * }</pre>
 *
 * <p>Not for use by more than one thread.
 */
public final class SecretSearch {
    private static final int SHORTEST = 6;

    private final Map<String, Set<String>> needles = new LinkedHashMap<>();

    /** Looks for nothing yet. */
    public SecretSearch() {}

    /**
     * Looks for a text.
     *
     * @param what names it in a report
     * @throws IllegalArgumentException when it has less than 6 characters: it would be found by chance
     */
    public SecretSearch add(String what, String secret) {
        add(what, secret.getBytes(StandardCharsets.UTF_8));
        if (secret.matches("[A-Za-z0-9_-]{16,}") && secret.length() % 4 != 1) {
            add(what, Base64.getUrlDecoder().decode(secret));
        }
        return this;
    }

    /**
     * Looks for bytes.
     *
     * @param what names them in a report
     * @throws IllegalArgumentException when there are less than 6
     */
    public SecretSearch add(String what, byte[] secret) {
        if (secret.length < SHORTEST) {
            throw new IllegalArgumentException(what + " is too short to look for: it would be found by chance");
        }
        needles.computeIfAbsent(what, w -> new LinkedHashSet<>()).addAll(spellings(secret));
        return this;
    }

    /** Every spelling as text of one character a byte. */
    private static Set<String> spellings(byte[] secret) {
        Set<String> spellings = new LinkedHashSet<>();
        spellings.add(new String(secret, StandardCharsets.ISO_8859_1));
        spellings.add(HexFormat.of().formatHex(secret));
        spellings.add(HexFormat.of().withUpperCase().formatHex(secret));
        spellings.add(percentEncoded(secret));
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + secret.length];
            System.arraycopy(secret, 0, shifted, before, secret.length);
            // The characters at both ends mix in bits of the neighbours.
            int whole = shifted.length / 3 * 4;
            String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            String inner = encoded.substring(before == 0 ? 0 : before + 1, whole);
            spellings.add(inner);
            spellings.add(inner.replace('+', '-').replace('/', '_'));
        }
        return spellings;
    }

    private static String percentEncoded(byte[] secret) {
        StringBuilder text = new StringBuilder();
        for (byte b : secret) {
            char c = (char) (b & 0xFF);
            boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
            text.append(
                    plain
                            ? String.valueOf(c)
                            : "%" + HexFormat.of().withUpperCase().toHexDigits(b));
        }
        return text.toString();
    }

    /** One line for each secret that is in the text; empty when none is. */
    public List<String> in(String where, String text) {
        return in(where, text.getBytes(StandardCharsets.UTF_8));
    }

    /** One line for each secret that is in the bytes; empty when none is. */
    public List<String> in(String where, byte[] bytes) {
        String haystack = new String(bytes, StandardCharsets.ISO_8859_1);
        List<String> findings = new ArrayList<>();
        needles.forEach((what, spellings) -> {
            int[] places = spellings.stream()
                    .mapToInt(haystack::indexOf)
                    .filter(i -> i >= 0)
                    .sorted()
                    .toArray();
            if (places.length > 0) {
                findings.add(what + " is in " + where + ", at byte " + places[0]);
            }
        });
        return findings;
    }

    /**
     * Fails when any secret is in the text.
     *
     * @throws AssertionError naming what was found where
     */
    public void assertAbsent(String where, String text) {
        fail(in(where, text));
    }

    /**
     * Fails when any secret is in any of these.
     *
     * @throws AssertionError naming what was found where
     */
    public void assertAbsent(String where, Collection<byte[]> many) {
        fail(many.stream()
                .flatMap(bytes -> in(where, bytes).stream())
                .distinct()
                .toList());
    }

    private static void fail(List<String> findings) {
        if (!findings.isEmpty()) {
            throw new AssertionError(String.join(System.lineSeparator(), findings));
        }
    }

    /** What is looked for, by name. */
    @Override
    public String toString() {
        return "SecretSearch" + Arrays.toString(needles.keySet().toArray());
    }
}
