package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.SessionUnavailableException;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link dev.coatcheck.SessionStore} keeps to, as tests. A store's own test extends this and says how to open one:
 *
 * <pre>{@code
 * class EmbeddedSessionStoreContractTest extends SessionStoreContract {
 *     private final FakeClock clock = new FakeClock();
 *
 *     protected SessionStore open() { return new EmbeddedSessionStore(DEFAULT_MAX_BYTES, clock); }
 *     protected Instant now() { return clock.instant(); }
 *     protected void pass(Duration time) { clock.advance(time); }
 *     protected Duration tolerance() { return Duration.ZERO; }
 * }
 * }</pre>
 *
 * <p>A store whose time cannot be set overrides {@link #open()} alone; its leases then run in real time, which takes about
 * a minute. Keys are new for each test, so the store need not be empty. Values begin with an {@link Envelope}.
 */
public abstract class SessionStoreContract extends StoreRaces {
    private static final int LARGEST = 262_144;

    /** For subclasses. */
    protected SessionStoreContract() {}

    // What is there and what is not.

    @Test
    void aKeyThatWasNeverUsedIsAbsent() {
        assertThat(store().load(SampleValue.key(), LONG)).isEmpty();
        assertThat(store().loadFresh(SampleValue.key(), LONG)).isEmpty();
    }

    @Test
    void whatWasCreatedIsLoaded() {
        Key key = SampleValue.key();
        byte[] value = live(1, "first");
        assertThat(store().create(key, value, LONG).outcome()).isEqualTo(Outcome.STORED);
        assertThat(load(key).value()).isEqualTo(value);
        assertThat(store().loadFresh(key, LONG).orElseThrow().value()).isEqualTo(value);
    }

    @Test
    void aSecondCreateIsRefusedAndTheFirstValueStays() {
        Key key = SampleValue.key();
        create(key, "first");
        Written second = store().create(key, live(1, "second"), LONG);
        assertThat(second.outcome()).isEqualTo(Outcome.EXISTS);
        assertThat(second.version()).isNull();
        assertThat(body(key)).isEqualTo("first");
    }

    /** So a session that comes late, after its user was signed out, finds its key taken. */
    @Test
    void aTombstoneTakesItsKeyAndIsNoSession() {
        Key key = SampleValue.key();
        byte[] tomb = SampleValue.tomb(now().plus(LONG));
        assertThat(store().create(key, tomb, LONG).outcome()).isEqualTo(Outcome.STORED);
        assertThat(store().create(key, live(1, "late"), LONG).outcome()).isEqualTo(Outcome.EXISTS);
        // Stores that know tombstones show none.
        store().load(key, LONG).ifPresent(found -> assertThat(found.value()).isEqualTo(tomb));
        store().peek(key, LONG).ifPresent(found -> assertThat(found.value()).isEqualTo(tomb));
        assertThat(store().create(key, live(1, "late"), LONG).outcome()).isEqualTo(Outcome.EXISTS);
    }

    @Test
    void versionsCountFromOne() {
        Key key = SampleValue.key();
        Version first = create(key, "1");
        Version second = stored(store().replace(key, live(2, "2"), first, LONG));
        Version third = stored(store().replace(key, live(3, "3"), load(key).version(), LONG));
        assertThat(List.of(first.number(), second.number(), third.number())).containsExactly(1L, 2L, 3L);
        assertThat(load(key).version().number()).isEqualTo(3);
    }

    @Test
    void aReplaceOfAnOlderVersionIsRefused() {
        Key key = SampleValue.key();
        Version first = create(key, "1");
        stored(store().replace(key, live(2, "2"), first, LONG));
        assertThat(store().replace(key, live(2, "late"), first, LONG).outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(body(key)).isEqualTo("2");
    }

    @Test
    void aLoadByAnotherLeavesAVersionGood() {
        Key key = SampleValue.key();
        create(key, "1");
        Version seen = load(key).version();
        load(key);
        assertThat(store().replace(key, live(2, "2"), seen, LONG).outcome()).isEqualTo(Outcome.STORED);
    }

    @Test
    void aVersionOfAnotherKeyOrStoreIsRefused() {
        Key key = SampleValue.key();
        create(key, "1");
        Key other = SampleValue.key();
        Version second = stored(store().replace(other, live(2, "b"), create(other, "a"), LONG));
        assertThat(store().replace(key, live(2, "late"), second, LONG).outcome())
                .isEqualTo(Outcome.CONFLICT);
        Version foreign = () -> 99;
        assertThat(store().replace(key, live(2, "late"), foreign, LONG).outcome())
                .isEqualTo(Outcome.CONFLICT);
        assertThat(body(key)).isEqualTo("1");
    }

    @Test
    void aReplaceOfWhatIsNotThereIsGone() {
        Version elsewhere = create(SampleValue.key(), "1");
        Key key = SampleValue.key();
        assertGone(store().replace(key, live(2, "late"), elsewhere, LONG).outcome());
        assertThat(store().load(key, LONG)).isEmpty();
    }

    // Ends.

    @Test
    void anEndIsFinal() {
        Key key = SampleValue.key();
        Version seen = create(key, "1");
        assertThat(end(key)).isTrue();
        assertThat(store().load(key, LONG)).isEmpty();
        assertGone(store().replace(key, live(2, "late"), seen, LONG).outcome());
        assertThat(store().load(key, LONG)).isEmpty();
        assertThat(store().loadFresh(key, LONG)).isEmpty();
    }

    @Test
    void anEndOfAVersionIsFinalWhileThatVersionIsThere() {
        Key key = SampleValue.key();
        Version first = create(key, "1");
        Version second = stored(store().replace(key, live(2, "2"), first, LONG));
        assertThat(store().end(key, first, later())).isEqualTo(Outcome.CONFLICT);
        assertThat(body(key)).isEqualTo("2");
        assertThat(store().end(key, load(key).version(), later())).isEqualTo(Outcome.GONE);
        assertThat(store().load(key, LONG)).isEmpty();
        assertGone(store().end(key, second, later()));
        assertGone(store().replace(key, live(3, "late"), second, LONG).outcome());
    }

    @Test
    void anEndMayBeRepeatedAndMayFindNothing() {
        Key key = SampleValue.key();
        assertThat(end(key)).isTrue();
        create(SampleValue.key(), "another");
        Key used = SampleValue.key();
        create(used, "1");
        assertThat(end(used)).isTrue();
        assertThat(end(used)).isTrue();
    }

    @Test
    void aVersionFromBeforeAnEndIsNeverGoodAgain() {
        Key key = SampleValue.key();
        Version before = create(key, "1");
        end(key);
        // Managers never do this; a store with tombstones refuses it, another may take it.
        boolean again = store().create(key, live(1, "again"), LONG).outcome() == Outcome.STORED;
        assertThat(store().replace(key, live(2, "late"), before, LONG).outcome())
                .isIn(Outcome.CONFLICT, Outcome.GONE);
        assertThat(store().load(key, LONG)
                        .map(found -> SampleValue.body(found.value()))
                        .orElse("nothing"))
                .isEqualTo(again ? "again" : "nothing");
    }

    @Test
    void keysAreApart() {
        Key one = SampleValue.key();
        Key two = SampleValue.key();
        create(one, "one");
        create(two, "two");
        end(one);
        assertThat(body(two)).isEqualTo("two");
    }

    @Test
    void keysThatDifferInCaseAreDifferent() {
        String rest = SampleValue.key().text().substring(1);
        Key lower = Key.of("k" + rest);
        Key upper = Key.of("K" + rest);
        create(lower, "lower");
        create(upper, "upper");
        assertThat(body(lower)).isEqualTo("lower");
        end(upper);
        assertThat(body(lower)).isEqualTo("lower");
    }

    // Values.

    @Test
    void everyByteComesBack() {
        for (int size : new int[] {0, 1, 256, 4_096, LARGEST - Envelope.BYTES}) {
            byte[] body = new byte[size];
            for (int i = 0; i < size; i++) {
                body[i] = (byte) (i + i / 256);
            }
            Key key = SampleValue.key();
            byte[] first = live(1, body);
            Version version = stored(store().create(key, first, LONG));
            assertThat(Arrays.equals(load(key).value(), first))
                    .as("%d bytes created", size)
                    .isTrue();
            byte[] second = live(2, body);
            stored(store().replace(key, second, version, LONG));
            assertThat(Arrays.equals(load(key).value(), second))
                    .as("%d bytes replaced", size)
                    .isTrue();
        }
    }

    @Test
    void theCallersArrayIsCopied() {
        Key key = SampleValue.key();
        byte[] value = live(1, "first");
        byte[] sent = value.clone();
        Version version = stored(store().create(key, sent, LONG));
        Arrays.fill(sent, (byte) 0);
        assertThat(load(key).value()).isEqualTo(value);
        byte[] next = live(2, "second");
        sent = next.clone();
        stored(store().replace(key, sent, version, LONG));
        Arrays.fill(sent, (byte) 0);
        assertThat(load(key).value()).isEqualTo(next);
    }

    @Test
    void aLoadedArrayIsTheCallersOwn() {
        Key key = SampleValue.key();
        create(key, "first");
        Arrays.fill(load(key).value(), (byte) 0);
        assertThat(body(key)).isEqualTo("first");
    }

    // The store itself.

    @Test
    void aClosedStoreIsUnavailable() {
        Key key = SampleValue.key();
        Version version = create(key, "1");
        boolean leaves = store().leavesProcess();
        store().close();
        store().close();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> store().load(key, LONG),
                () -> store().loadFresh(key, LONG),
                () -> store().create(SampleValue.key(), live(1, "1"), LONG),
                () -> store().replace(key, live(2, "2"), version, LONG),
                () -> end(key),
                () -> store().end(key, version, later()))) {
            assertThatThrownBy(call).isInstanceOf(SessionUnavailableException.class);
        }
        assertThat(store().leavesProcess()).isEqualTo(leaves);
    }

    @Test
    void textsHideKeysValuesAndVersions() {
        Key key = SampleValue.key();
        Version version = create(key, "confidential");
        Stored found = load(key);
        Written written = store().replace(key, live(2, "confidential"), version, LONG);
        List<Object> shown = List.of(store(), key, version, found, found.version(), written);
        assertThat(shown)
                .allSatisfy(thing ->
                        assertThat(thing.toString()).doesNotContain(key.text()).doesNotContain("confidential"));
        assertThat(stored(written).toString()).as("one text for all versions").isEqualTo(version.toString());
    }
}
