package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DerivationTest {
    private static final String RING = KeyRing.generate();
    private static final byte[] SECRET = secret(1);

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void theLocatorIsTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("locator");
        for (LeaseClass leaseClass : LeaseClass.values()) {
            SessionStore.Key locator = vectors.withoutRing(tag).locator(vectors.bytes("secret"), leaseClass);
            assertThat(locator.text()).isEqualTo(vectors.text(tag + "." + leaseClass.ordinal()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void theIdIsTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("id");
        assertThat(vectors.withoutRing(tag).id(vectors.bytes("secret"))).isEqualTo(vectors.text(tag + ".id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void theSealKeyWithoutARingIsTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("seal-key-without-ring");
        assertThat(vectors.withoutRing(tag).sealKey(0, vectors.bytes("secret")))
                .isEqualTo(vectors.bytes(tag + ".sealKey"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void theSealKeyWithARingIsTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("seal-key-with-ring");
        for (int ringKey : new int[] {1, 12}) {
            assertThat(vectors.withRing(tag).sealKey(ringKey, vectors.bytes("secret")))
                    .isEqualTo(vectors.bytes(tag + ".sealKey." + ringKey));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void theCsrfSeedOfABlankTicketIsTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("csrf-seed");
        assertThat(vectors.withoutRing(tag).blankSeed(vectors.bytes("secret"))).isEqualTo(vectors.bytes(tag + ".seed"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void theAssociatedDataIsTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("associated-data");
        Derivation derivation = vectors.withoutRing(tag);
        SessionStore.Key locator = derivation.locator(vectors.bytes("secret"), LeaseClass.MINUTES_20);

        assertThat(derivation.aad(vectors.bytes("envelope"), locator)).isEqualTo(vectors.bytes(tag + ".aad"));
        assertThat(derivation.partAad(vectors.bytes("envelope"), locator)).isEqualTo(vectors.bytes(tag + ".partAad"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void aUsersIndexLiesAtTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("index");
        Derivation derivation = vectors.withRing(tag);
        for (int key : derivation.indexKeys()) {
            Address index = derivation.index(key, vectors.text(tag + ".user"), LeaseClass.DAYS_30);
            assertThat(index.key().text()).isEqualTo(vectors.text(tag + "." + key + ".key"));
            assertThat(index.sealKey()).isEqualTo(vectors.bytes(tag + "." + key + ".seal"));
            assertThat(index.ringKey()).isEqualTo(key);
        }
    }

    /** So a list of all user names confirms none of them. */
    @Test
    void whereAUsersIndexLiesFollowsFromTheRingAndTheApplication() {
        Set<String> keys = new HashSet<>();
        Set<String> seals = new HashSet<>();
        for (Derivation derivation : new Derivation[] {
            new Derivation("app", KeyRing.parse(RING)),
            new Derivation("other", KeyRing.parse(RING)),
            new Derivation("app", KeyRing.parse(KeyRing.generate())),
            new Derivation("app", null)
        }) {
            for (String user : new String[] {"alice", "Alice", "alice "}) {
                Address index = derivation.index(derivation.indexKeys().get(0), user, LeaseClass.DAYS_30);
                keys.add(index.key().text());
                seals.add(HexFormat.of().formatHex(index.sealKey()));
            }
        }
        assertThat(keys).hasSize(12);
        assertThat(seals).hasSize(12);
    }

    @Test
    void withoutARingAllManagersOfAProcessFindTheSameIndex() {
        Address one = new Derivation("app", null).index(0, "alice", LeaseClass.DAYS_30);
        Address two = new Derivation("app", null).index(0, "alice", LeaseClass.DAYS_30);
        assertThat(one.key()).isEqualTo(two.key());
        assertThat(one.sealKey()).isEqualTo(two.sealKey());
    }

    @Test
    void theIndexKeysBeginWithTheActiveOne() {
        assertThat(new Derivation("app", null).indexKeys()).containsExactly(0);
        String newer = "2:" + KeyRing.generate().substring(2);
        assertThat(new Derivation("app", KeyRing.parse(newer + "," + RING)).indexKeys())
                .containsExactly(2, 1);
    }

    @Test
    void theRingChangesOnlyTheSealKeyAndTheTokensMac() {
        Derivation without = new Derivation("app", null);
        Derivation with = new Derivation("app", KeyRing.parse(RING));

        for (LeaseClass leaseClass : LeaseClass.values()) {
            assertThat(with.locator(SECRET, leaseClass)).isEqualTo(without.locator(SECRET, leaseClass));
        }
        assertThat(with.id(SECRET)).isEqualTo(without.id(SECRET));
        assertThat(with.blankSeed(SECRET)).isEqualTo(without.blankSeed(SECRET));
        assertThat(with.sealKey(0, SECRET)).isEqualTo(without.sealKey(0, SECRET));
        assertThat(with.sealKey(1, SECRET)).isNotEqualTo(without.sealKey(0, SECRET));
    }

    @Test
    void noTwoOutputsAreEqual() {
        KeyRing ring = KeyRing.parse(RING + ",2:" + KeyRing.generate().substring(2));
        // Compared by what the shortest output shows, so that a cut of one is not another.
        Set<String> beginnings = new HashSet<>();
        int outputs = 0;
        for (String application : new String[] {"", "a", "ap", "app", "app\0", "other"}) {
            Derivation derivation = new Derivation(application, ring);
            for (int i = 0; i < 50; i++) {
                byte[] secret = secret(i);
                beginnings.add(beginning(Base64.getUrlDecoder().decode(derivation.id(secret))));
                beginnings.add(beginning(derivation.blankSeed(secret)));
                beginnings.add(beginning(derivation.sealKey(0, secret)));
                beginnings.add(beginning(derivation.sealKey(1, secret)));
                beginnings.add(beginning(derivation.sealKey(2, secret)));
                beginnings.add(beginning(derivation.tokenMac(1, secret)));
                beginnings.add(beginning(derivation.tokenMac(2, secret)));
                outputs += 7;
                for (LeaseClass leaseClass : LeaseClass.values()) {
                    String text = derivation.locator(secret, leaseClass).text();
                    beginnings.add(beginning(Base64.getUrlDecoder().decode(text)));
                    outputs++;
                }
            }
        }
        assertThat(beginnings).hasSize(outputs);
    }

    @Test
    void outputsHaveTheirLengths() {
        Derivation derivation = new Derivation("app", KeyRing.parse(RING));

        assertThat(derivation.locator(SECRET, LeaseClass.HOURS_1).text()).matches("[A-Za-z0-9_-]{32}");
        assertThat(derivation.id(SECRET)).matches("[A-Za-z0-9_-]{20}");
        assertThat(derivation.sealKey(0, SECRET)).hasSize(32);
        assertThat(derivation.sealKey(1, SECRET)).hasSize(32);
        assertThat(derivation.blankSeed(SECRET)).hasSize(18);
        assertThat(derivation.tokenMac(1, new byte[33])).hasSize(12);
    }

    @Test
    void theSameInputsGiveTheSameOutputsAndStayAsTheyAre() {
        byte[] secret = SECRET.clone();
        Derivation one = new Derivation("app", KeyRing.parse(RING));
        Derivation two = new Derivation("app", KeyRing.parse(RING));

        assertThat(one.sealKey(1, secret)).isEqualTo(two.sealKey(1, secret));
        assertThat(one.tokenMac(1, secret)).isEqualTo(two.tokenMac(1, secret));
        Arrays.fill(one.sealKey(1, secret), (byte) 0);
        assertThat(one.sealKey(1, secret)).isEqualTo(two.sealKey(1, secret));
        assertThat(secret).isEqualTo(SECRET);
    }

    @Test
    void itTellsWhichKeysTheRingHas() {
        Derivation without = new Derivation("app", null);
        Derivation with = new Derivation("app", KeyRing.parse("15" + RING.substring(1)));

        assertThat(without.hasRing()).isFalse();
        assertThat(without.activeRingKey()).isZero();
        assertThat(with.hasRing()).isTrue();
        assertThat(with.activeRingKey()).isEqualTo(15);
        for (int number = -1; number <= 16; number++) {
            assertThat(without.hasRingKey(number)).isFalse();
            assertThat(with.hasRingKey(number)).isEqualTo(number == 15);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 2, 15, 16})
    void aKeyThatTheRingHasNotIsRefused(int ringKey) {
        Derivation derivation = new Derivation("app", KeyRing.parse(RING));

        assertThatIllegalArgumentException().isThrownBy(() -> derivation.sealKey(ringKey, SECRET));
        assertThatIllegalArgumentException().isThrownBy(() -> derivation.tokenMac(ringKey, SECRET));
        assertThatIllegalArgumentException().isThrownBy(() -> derivation.tokenMac(0, SECRET));
    }

    @Test
    void aFrameTellsItsPartsApart() {
        byte[] ab = {'a', 'b'};
        byte[] a = {'a'};
        byte[] b = {'b'};

        assertThat(Derivation.frame("x", ab)).isEqualTo(new byte[] {'x', 0, 0, 2, 'a', 'b'});
        assertThat(Derivation.frame("x", a, b)).isEqualTo(new byte[] {'x', 0, 0, 1, 'a', 0, 1, 'b'});
        assertThat(Derivation.frame("x", new byte[258])).startsWith('x', 0, 1, 2);
        assertThat(Derivation.frame("x", new byte[0xFFFF])).startsWith('x', 0, 0xFF, 0xFF);
    }

    @Test
    void aPartThatItsLengthCannotTellIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Derivation.frame("x", new byte[0x10000]));
        assertThatIllegalArgumentException().isThrownBy(() -> new Derivation("a".repeat(0x10000), null));
    }

    @Test
    void itsTextHidesTheKeys() {
        assertThat(new Derivation("app", KeyRing.parse(RING))).hasToString("Derivation[hidden]");
    }

    private static String beginning(byte[] output) {
        return HexFormat.of().formatHex(output, 0, 12);
    }

    private static byte[] secret(int number) {
        return Arrays.copyOf(Derivation.hmac(("secret " + number).getBytes(StandardCharsets.UTF_8), new byte[0]), 31);
    }
}
