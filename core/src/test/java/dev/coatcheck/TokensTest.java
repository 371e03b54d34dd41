package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionToken.Kind;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
    private static final String KEY_1 = KeyRing.generate().substring(2);
    private static final String KEY_2 = KeyRing.generate().substring(2);
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private final Tokens signed = signed("app", "1:" + KEY_1);
    private final Tokens unsigned = tokens("app", null, null);

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void aTokenWithoutARingIsTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("token-without-ring");
        byte[] secret = vectors.bytes("secret");
        Tokens tokens = tokens(vectors.withoutRing(tag), null);

        assertKnown(tokens, vectors.text(tag + ".session.2"), session(0, LeaseClass.MINUTES_20, secret));
        assertKnown(tokens, vectors.text(tag + ".session.12"), session(0, LeaseClass.DAYS_400, secret));
        assertKnown(tokens, vectors.text(tag + ".blank"), new SessionToken(Kind.BLANK, 0, null, secret));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void aTokenWithARingIsTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("token-with-ring");
        byte[] secret = vectors.bytes("secret");
        Tokens tokens = tokens(vectors.withRing(tag), null);

        assertKnown(tokens, vectors.text(tag + ".session.1.2"), session(1, LeaseClass.MINUTES_20, secret));
        assertKnown(tokens, vectors.text(tag + ".session.12.12"), session(12, LeaseClass.DAYS_400, secret));
        assertKnown(tokens, vectors.text(tag + ".blank.12"), new SessionToken(Kind.BLANK, 12, null, secret));
    }

    @ParameterizedTest
    @EnumSource
    void aDrawnTokenIsReadBack(LeaseClass leaseClass) {
        for (Tokens tokens : new Tokens[] {signed, unsigned}) {
            SessionToken token = tokens.draw(leaseClass);
            assertThat(token.kind()).isEqualTo(Kind.SESSION);
            assertThat(token.leaseClass()).isEqualTo(leaseClass);
            assertThat(token.ringKey()).isEqualTo(tokens == signed ? 1 : 0);
            assertThat(tokens.write(token)).matches("[A-Za-z0-9_-]{44}|[A-Za-z0-9_-]{60}");
            assertThat(tokens.read(tokens.write(token))).isEqualTo(token);
        }
    }

    @Test
    void aBlankTicketIsReadBackAsOne() {
        for (Tokens tokens : new Tokens[] {signed, unsigned}) {
            SessionToken token = tokens.drawBlank();
            assertThat(token.kind()).isEqualTo(Kind.BLANK);
            assertThat(token.leaseClass()).isNull();
            assertThat(tokens.read(tokens.write(token))).isEqualTo(token);
        }
    }

    @Test
    void aSignedTokenWithAnyBitOfItsTextFlippedIsAbsent() {
        for (SessionToken token : new SessionToken[] {signed.draw(LeaseClass.HOURS_1), signed.drawBlank()}) {
            String text = signed.write(token);
            for (int bit = 0; bit < 480; bit++) {
                char[] chars = text.toCharArray();
                chars[bit / 8] ^= (char) (1 << bit % 8);
                assertThat(signed.read(new String(chars))).as("bit %d", bit).isNull();
            }
        }
    }

    @Test
    void aSignedTokenWithAnyBitOfItsBytesFlippedIsAbsent() {
        for (SessionToken token : new SessionToken[] {signed.draw(LeaseClass.HOURS_1), signed.drawBlank()}) {
            byte[] bytes = decoded(signed.write(token));
            for (int bit = 0; bit < 360; bit++) {
                assertThat(signed.read(encoded(flipped(bytes, bit))))
                        .as("bit %d", bit)
                        .isNull();
            }
        }
    }

    @Test
    void anUnsignedTokenWithABitFlippedIsAbsentOrAnother() {
        SessionToken token = unsigned.draw(LeaseClass.MINUTES_5);
        byte[] bytes = decoded(unsigned.write(token));
        for (int bit = 0; bit < 264; bit++) {
            SessionToken read = unsigned.read(encoded(flipped(bytes, bit)));
            // Format, kind and ring key stand in the first byte and a half; then class 0 becomes 1, 2, 4 or 8.
            if (bit < 8 || bit >= 12 && bit < 16) {
                assertThat(read).as("bit %d", bit).isNull();
            } else if (bit < 12) {
                assertThat(read).isEqualTo(session(0, LeaseClass.of(1 << bit - 8), token.secret()));
            } else {
                byte[] secret = Arrays.copyOfRange(flipped(bytes, bit), 2, 33);
                assertThat(read).isEqualTo(session(0, LeaseClass.MINUTES_5, secret));
                assertThat(read).isNotEqualTo(token);
            }
        }
    }

    @Test
    void onlyHeadersOfThisFormatAreRead() {
        byte[] secret = decoded(unsigned.write(unsigned.drawBlank()));
        int accepted = 0;
        for (int header = 0; header < 0x10000; header++) {
            secret[0] = (byte) (header >> 8);
            secret[1] = (byte) header;
            SessionToken read = unsigned.read(encoded(secret));
            if (read != null) {
                accepted++;
                assertThat(unsigned.write(read)).isEqualTo(encoded(secret));
            }
        }
        assertThat(accepted).isEqualTo(LeaseClass.values().length + 1);
    }

    @Test
    void aSignedHeaderOfNoMeaningIsAbsent() {
        Derivation derivation = new Derivation("app", KeyRing.parse("1:" + KEY_1));
        for (int header : new int[] {0x111D, 0x111F, 0x1211, 0x1310, 0x1010, 0x2110, 0x0110, 0x9110}) {
            byte[] token = Arrays.copyOf(new byte[] {(byte) (header >> 8), (byte) header}, 45);
            byte[] mac = derivation.tokenMac(1, Arrays.copyOf(token, 33));
            System.arraycopy(mac, 0, token, 33, 12);
            assertThat(signed.read(encoded(token))).as("header %x", header).isNull();
        }
    }

    @Test
    void everyTruncationIsAbsent() {
        for (Tokens tokens : new Tokens[] {signed, unsigned}) {
            String text = tokens.write(tokens.draw(LeaseClass.HOURS_1));
            for (int length = 0; length < text.length(); length++) {
                assertThat(tokens.read(text.substring(0, length))).isNull();
                assertThat(tokens.read(text.substring(text.length() - length))).isNull();
            }
        }
    }

    @Test
    void anyOtherLengthIsAbsent() {
        String text = signed.write(signed.draw(LeaseClass.HOURS_1)).repeat(3);
        for (int length = 0; length < text.length(); length++) {
            SessionToken read = signed.read(text.substring(0, length));
            assertThat(read == null).isEqualTo(length != 60);
        }
        String unsignedText = unsigned.write(unsigned.draw(LeaseClass.HOURS_1)).repeat(3);
        for (int length = 0; length < unsignedText.length(); length++) {
            SessionToken read = unsigned.read(unsignedText.substring(0, length));
            assertThat(read == null).isEqualTo(length != 44);
        }
        assertThat(signed.read("A".repeat(10_000_000))).isNull();
        assertThat(unsigned.read("E".repeat(10_000_000))).isNull();
    }

    @Test
    void paddingAndTheStandardAlphabetAreAbsent() {
        String sixtyChars = signed.write(signed.draw(LeaseClass.HOURS_1));
        String fortyFour = unsigned.write(unsigned.draw(LeaseClass.HOURS_1));
        for (String stray : new String[] {"=", "+", "/", " ", "\n", "\0", "\"", ".", "é", "Ａ", "\uD83D"}) {
            assertThat(signed.read(stray + sixtyChars.substring(1))).isNull();
            assertThat(signed.read(sixtyChars.substring(0, 59) + stray)).isNull();
            assertThat(signed.read(sixtyChars + stray)).isNull();
            assertThat(unsigned.read(stray + fortyFour.substring(1))).isNull();
            assertThat(unsigned.read(fortyFour.substring(0, 43) + stray)).isNull();
            assertThat(unsigned.read(fortyFour + stray)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "_", "-", "0", "z"})
    void aTokenOfOneCharacterAloneIsAbsent(String c) {
        assertThat(signed.read(c.repeat(60))).isNull();
        assertThat(signed.read(c.repeat(44))).isNull();
        assertThat(unsigned.read(c.repeat(44))).isNull();
        assertThat(unsigned.read(c.repeat(60))).isNull();
    }

    @Test
    void tokensOfOtherLibrariesAreAbsent() {
        String uuid = UUID.randomUUID().toString();
        String[] others = {
            "",
            "node01x7ab3kq2m5c1h8z.node0",
            "9F1C2B7D0E8A4F6391D2C3B4A5968778",
            uuid,
            Base64.getEncoder().encodeToString(uuid.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
            "s:" + "k".repeat(32) + "." + "m".repeat(43)
        };
        for (String other : others) {
            assertThat(signed.read(other)).isNull();
            assertThat(unsigned.read(other)).isNull();
        }
    }

    @Test
    void aTokenOfAnotherApplicationOrRingIsAbsent() {
        String text = signed.write(signed.draw(LeaseClass.HOURS_1));

        assertThat(signed("app", "1:" + KEY_1).read(text)).isNotNull();
        assertThat(signed("other", "1:" + KEY_1).read(text)).isNull();
        assertThat(signed("app", "1:" + KEY_2).read(text)).isNull();
        assertThat(signed("app", "2:" + KEY_1).read(text)).isNull();
    }

    @Test
    void aRetiredKeyStillReadsAndADroppedOneDoesNot() {
        SessionToken old = signed.draw(LeaseClass.HOURS_1);
        String text = signed.write(old);
        Tokens rotated = signed("app", "2:" + KEY_2 + ",1:" + KEY_1);

        assertThat(rotated.read(text)).isEqualTo(old);
        assertThat(rotated.write(old)).isEqualTo(text);
        assertThat(rotated.draw(LeaseClass.HOURS_1).ringKey()).isEqualTo(2);
        assertThat(rotated.drawBlank().ringKey()).isEqualTo(2);
        assertThat(signed("app", "2:" + KEY_2).read(text)).isNull();
    }

    @Test
    void withARingAnUnsignedTokenIsAbsent() {
        assertThat(signed.read(unsigned.write(unsigned.draw(LeaseClass.HOURS_1))))
                .isNull();
        assertThat(signed.read(unsigned.write(unsigned.drawBlank()))).isNull();
    }

    @Test
    void aSignedTokenWithoutItsMacIsAbsent() {
        String text = signed.write(signed.draw(LeaseClass.HOURS_1));
        byte[] noKey = decoded(text);
        noKey[1] &= 0xF;

        for (Tokens tokens : new Tokens[] {signed, unsigned, tokens("app", "1:" + KEY_1, NOW.plusSeconds(1))}) {
            assertThat(tokens.read(text.substring(0, 44))).isNull();
            assertThat(tokens.read(encoded(noKey))).isNull();
        }
    }

    @Test
    void withoutARingASignedTokenIsAbsent() {
        assertThat(unsigned.read(signed.write(signed.draw(LeaseClass.HOURS_1)))).isNull();
    }

    @Test
    void unsignedTokensAreReadBeforeTheEndOfTheMove() {
        SessionToken token = unsigned.draw(LeaseClass.HOURS_1);
        String text = unsigned.write(token);

        Tokens moving = tokens("app", "1:" + KEY_1, NOW.plusNanos(1));
        assertThat(moving.read(text)).isEqualTo(token);
        assertThat(moving.write(token)).isEqualTo(text);
        assertThat(moving.draw(LeaseClass.HOURS_1).ringKey()).isEqualTo(1);
        assertThat(tokens("app", "1:" + KEY_1, NOW).read(text)).isNull();
        assertThat(tokens("app", "1:" + KEY_1, NOW.minusNanos(1)).read(text)).isNull();
        assertThat(tokens("app", null, NOW.minusNanos(1)).read(text)).isEqualTo(token);
    }

    @Test
    void aTokenOfAKeyThatTheRingHasNotIsNotWritten() {
        SessionToken token = signed("app", "2:" + KEY_2).draw(LeaseClass.HOURS_1);

        assertThatIllegalArgumentException().isThrownBy(() -> signed.write(token));
        assertThatIllegalArgumentException().isThrownBy(() -> unsigned.write(token));
    }

    @Test
    void withoutRandomnessNothingIsDrawn() {
        IllegalStateException noEntropy = new IllegalStateException("no entropy");
        SecureRandom broken = new SecureRandom() {
            @Override
            public void nextBytes(byte[] bytes) {
                throw noEntropy;
            }
        };
        Tokens tokens = new Tokens(new Derivation("app", null), broken, null, Clock.systemUTC());

        assertThatThrownBy(() -> tokens.draw(LeaseClass.HOURS_1)).isSameAs(noEntropy);
        assertThatThrownBy(tokens::drawBlank).isSameAs(noEntropy);
    }

    @Test
    void aTokenHasFieldsInRange() {
        byte[] secret = new byte[31];
        assertThatIllegalArgumentException().isThrownBy(() -> new SessionToken(Kind.SESSION, 0, null, secret));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SessionToken(Kind.BLANK, 0, LeaseClass.HOURS_1, secret));
        assertThatIllegalArgumentException().isThrownBy(() -> session(-1, LeaseClass.HOURS_1, secret));
        assertThatIllegalArgumentException().isThrownBy(() -> session(16, LeaseClass.HOURS_1, secret));
        assertThatIllegalArgumentException().isThrownBy(() -> session(0, LeaseClass.HOURS_1, new byte[30]));
        assertThatIllegalArgumentException().isThrownBy(() -> session(0, LeaseClass.HOURS_1, new byte[32]));
    }

    @Test
    void tokensAreEqualByTheirContent() {
        SessionToken token = signed.draw(LeaseClass.HOURS_1);
        byte[] secret = token.secret();

        assertThat(session(1, LeaseClass.HOURS_1, secret.clone()))
                .isEqualTo(token)
                .hasSameHashCodeAs(token);
        assertThat(session(2, LeaseClass.HOURS_1, secret)).isNotEqualTo(token);
        assertThat(session(1, LeaseClass.HOURS_2, secret)).isNotEqualTo(token);
        assertThat(session(1, LeaseClass.HOURS_1, new byte[31])).isNotEqualTo(token);
        assertThat(new SessionToken(Kind.BLANK, 1, null, secret)).isNotEqualTo(token);
        assertThat(token).isNotEqualTo("a token");
    }

    @Test
    void itsTextHidesTheSecret() {
        SessionToken token = signed.draw(LeaseClass.HOURS_1);
        String hex = HexFormat.of().formatHex(token.secret());

        for (Object shown : new Object[] {token, signed, new Derivation("app", KeyRing.parse("1:" + KEY_1))}) {
            assertThat(shown.toString())
                    .doesNotContain(hex.substring(0, 6), encoded(token.secret()).substring(0, 6))
                    .doesNotContain(Arrays.toString(token.secret()), KEY_1.substring(0, 6));
        }
        assertThat(token).hasToString("SessionToken[SESSION, hidden]");
    }

    private static void assertKnown(Tokens tokens, String text, SessionToken token) {
        assertThat(tokens.write(token)).isEqualTo(text);
        assertThat(tokens.read(text)).isEqualTo(token);
    }

    private static SessionToken session(int ringKey, LeaseClass leaseClass, byte[] secret) {
        return new SessionToken(Kind.SESSION, ringKey, leaseClass, secret);
    }

    private static Tokens signed(String application, String ring) {
        return tokens(application, ring, null);
    }

    private static Tokens tokens(String application, String ring, Instant acceptUnsignedUntil) {
        return tokens(new Derivation(application, ring == null ? null : KeyRing.parse(ring)), acceptUnsignedUntil);
    }

    private static Tokens tokens(Derivation derivation, Instant acceptUnsignedUntil) {
        return new Tokens(derivation, new SecureRandom(), acceptUnsignedUntil, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    private static byte[] decoded(String text) {
        return Base64.getUrlDecoder().decode(text);
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
