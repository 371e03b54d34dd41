package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionAttributeException;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore;
import dev.coatcheck.test.TestBrowser;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a stored value is worth to those who read or write the store, and how large it may be. */
class SealTest extends EmbeddedNodes {
    private static final SessionKey<String> X = SessionKey.of("x", String.class);

    private TestBrowser with(String value) {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(X, value));
        return browser;
    }

    @Test
    void everyFlippedBitOfAStoredValueIsNoSessionAndDeletesNothing() {
        TestBrowser browser = with("mine");
        int bits = counting.values().get(0).length * 8;
        for (int bit = 0; bit < bits; bit++) {
            int flipped = bit;
            faults.tamper(value -> {
                byte[] changed = value.clone();
                changed[flipped / 8] ^= (byte) (1 << flipped % 8);
                return changed;
            });
            assertThat(browser.<String>request(session -> session.get(X))).isNull();
        }
        faults.tamper(value -> value);
        assertThat(browser.<String>request(session -> session.get(X))).isEqualTo("mine");
        assertThat(one.stats().corrupt()).isEqualTo(bits);
        assertThat(kinds()).contains(Kind.CORRUPT);
    }

    @Test
    void everyTruncatedAndEveryForeignValueIsNoSession() {
        TestBrowser browser = with("mine");
        byte[] whole = counting.values().get(0);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            faults.tamper(value -> cut);
            assertThat(browser.<String>request(session -> session.get(X))).isNull();
        }
        for (byte[] foreign : List.of(
                new byte[] {(byte) 0xAC, (byte) 0xED, 0, 5},
                "plain text".getBytes(StandardCharsets.UTF_8),
                new byte[200_000],
                new byte[2_000_000])) {
            faults.tamper(value -> foreign);
            assertThat(browser.<String>request(session -> session.get(X))).isNull();
        }
    }

    @Test
    void twoUsersValuesSwappedAreNoSessions() {
        TestBrowser alice = with("alice's");
        with("bob's");
        byte[] bobs = counting.values().get(1);
        faults.tamper(value -> bobs);
        assertThat(alice.<String>request(session -> session.get(X))).isNull();
    }

    @Test
    void aValueOfTheNextReleaseIsUnavailableAndStaysAsItIs() {
        TestBrowser browser = with("mine");
        faults.tamper(value -> {
            byte[] next = value.clone();
            next[0] = 0x5A;
            return next;
        });
        assertThatThrownBy(() -> browser.visit(session -> session.set(X, "other")))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(browser.lastResponse().setCookies()).isEmpty();
        faults.tamper(value -> value);
        assertThat(browser.<String>request(session -> session.get(X))).isEqualTo("mine");
    }

    @Test
    void aValueFromBeforeASignInIsRefusedUnderTheNewKey() {
        TestBrowser browser = with("before");
        byte[] before = counting.values().get(0);
        browser.visit(session -> session.login("alice"));
        faults.tamper(value -> before);
        assertThat(browser.<String>request(Session::userId)).isNull();
    }

    @Test
    void anOlderValueUnderANewerVersionIsCorrupt() {
        TestBrowser browser = with("old");
        byte[] old = counting.values().get(0);
        browser.visit(session -> session.set(X, "new"));
        faults.tamper(value -> old);
        assertThat(browser.<String>request(session -> session.get(X))).isNull();
        assertThat(kinds()).contains(Kind.CORRUPT);
    }

    @Test
    void aWrongKeyIsNoSessionAndDeletesNothing() {
        TestBrowser browser = with("mine");
        String number = "1:";
        try (SessionManager wrong = node().keyRing(
                        KeyRing.parse(number + KeyRing.generate().substring(2)))
                .build()) {
            assertThat(browser.through(wrong).<String>request(session -> session.get(X)))
                    .isNull();
            assertThat(wrong.stats().rejected()).isEqualTo(1);
            assertThat(kinds()).contains(Kind.REJECTED);
        }
        assertThat(browser.<String>request(session -> session.get(X))).isEqualTo("mine");
    }

    @Test
    void aStoreThatLeavesTheProcessNeedsAKeyRingAndTheErrorHasAFreshOne() {
        FaultyStore shared = new FaultyStore(new EmbeddedSessionStore()).leavesProcess(true);
        AtomicReference<String> message = new AtomicReference<>();
        assertThatThrownBy(() -> SessionManager.builder().store(shared).build())
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(thrown -> message.set(thrown.getMessage()));
        assertThat(message.get()).contains("keyRing", "COATCHECK_KEYS");
        String ring = message.get().replaceAll("(?s).*A fresh one: (\\S+).*", "$1");
        SessionManager.builder()
                .store(shared)
                .keyRing(KeyRing.parse(ring))
                .build()
                .close();
        SessionManager.builder().store(shared).withoutKeyRing().build().close();
    }

    @Test
    void anOversizedSessionNamesItsLargestAttributesAndLeavesTheStoredOneIntact() {
        TestBrowser browser = with("mine");
        assertThatThrownBy(() -> browser.visit(session -> {
                    for (int i = 1; i <= 7; i++) {
                        session.set(SessionKey.of("part" + i, String.class), "v".repeat(i * 10_000));
                    }
                }))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContainingAll("262144", "part7", "part6", "part5", "part4", "part3")
                .hasMessageNotContaining("part2")
                .hasMessageNotContaining("vvv");
        assertThat(browser.<String>request(session -> session.get(X))).isEqualTo("mine");
        assertThat(browser.<java.util.Set<String>>request(Session::keys)).containsExactly("x");
    }

    @Test
    void exactlyTheLimitIsStoredAndOneByteMoreIsNot() {
        TestBrowser browser = with("");
        int empty = counting.values().get(0).length;
        int room = 262_144 - empty;
        SessionKey<byte[]> fill = SessionKey.of("fill", byte[].class);
        browser.visit(session -> session.set(fill, new byte[100_000]));
        int overhead = counting.values().get(counting.values().size() - 1).length - empty - 100_000;
        browser.visit(session -> session.set(fill, new byte[room - overhead]));
        assertThat(counting.sizes()).last().isEqualTo(262_144);
        assertThatThrownBy(() -> browser.visit(session -> session.set(fill, new byte[room - overhead + 1])))
                .isInstanceOf(SessionAttributeException.class);
        assertThat(counting.sizes()).as("nothing was sent").last().isEqualTo(262_144);
        assertThat(browser.<byte[]>request(session -> session.get(fill))).hasSize(room - overhead);
    }

    @Test
    void aLimitOfNearlyAMegabyteTakesASessionOfThatSize() {
        byte[] large = new byte[990_000];
        Arrays.fill(large, (byte) 7);
        SessionKey<byte[]> fill = SessionKey.of("fill", byte[].class);
        try (SessionManager roomy = node().maxBytes(1_000_000).build()) {
            TestBrowser browser = new TestBrowser(roomy, clock);
            browser.visit(session -> session.set(fill, large));
            browser.visit(session -> assertThat(session.get(fill)).isEqualTo(large));
        }
    }

    @Test
    void moreAttributesThanAreAllowedAreRefused() {
        TestBrowser browser = browser();
        assertThatThrownBy(() -> browser.visit(session -> {
                    for (int i = 0; i < 1_025; i++) {
                        session.set(SessionKey.of("key" + i, Integer.class), i);
                    }
                }))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContaining("1024");
        assertThat(faults.keys()).isEmpty();
    }

    @Test
    void theSameSessionSealedTwiceIsOtherBytes() {
        with("same");
        with("same");
        byte[] first = counting.values().get(0);
        byte[] second = counting.values().get(1);
        assertThat(first).hasSameSizeAs(second);
        assertThat(Arrays.copyOfRange(first, 80, first.length))
                .isNotEqualTo(Arrays.copyOfRange(second, 80, second.length));
    }
}
