package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.SessionUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link SessionStore} keeps to, as tests. A store's own test extends this and says how to open one:
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
public abstract class SessionStoreContract {
    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final Duration LONG = Duration.ofMinutes(20);
    private static final int THREADS = 16;
    private static final int LARGEST = 262_144;

    private final List<SessionStore> opened = new ArrayList<>();
    private @Nullable SessionStore opening;

    /** For subclasses. */
    protected SessionStoreContract() {}

    /** Opens the store. Called once for each test, which closes it. */
    protected abstract SessionStore open();

    /** Opens a second node's store on the data of the first one. By default the first itself, for data of one process. */
    protected SessionStore openSecond(SessionStore first) {
        return first;
    }

    /** The store's time, which the ends in the envelopes are counted from. By default the system's. */
    protected Instant now() {
        return Instant.now();
    }

    /** Lets time pass. By default it really waits; a store with a clock moves that instead. */
    protected void pass(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while time passed", interrupted);
        }
    }

    /** How much earlier or later than asked a lease may end, and how far idle times may be off: at most 2 seconds, the default. */
    protected Duration tolerance() {
        return Duration.ofSeconds(2);
    }

    /** How often a race is repeated. By default 100 times. */
    protected int rounds() {
        return 100;
    }

    /**
     * Whether what ends a key keeps the lease that it was written with, however often it is loaded. By default true; a
     * simple store may renew it, since the sealed end decides.
     */
    protected boolean cutsTerminalKinds() {
        return true;
    }

    @BeforeEach
    final void openStore() {
        opening = opened(open());
    }

    @AfterEach
    final void closeStores() {
        opened.forEach(SessionStore::close);
        opened.clear();
    }

    private SessionStore opened(SessionStore store) {
        opened.add(store);
        return store;
    }

    private SessionStore store() {
        if (opening == null) {
            throw new IllegalStateException("No store is open");
        }
        return opening;
    }

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
        assertThat(store().replace(key, live(2, "late"), elsewhere, LONG).outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(store().load(key, LONG)).isEmpty();
    }

    // Ends.

    @Test
    void anEndIsFinal() {
        Key key = SampleValue.key();
        Version seen = create(key, "1");
        assertThat(end(key)).isTrue();
        assertThat(store().load(key, LONG)).isEmpty();
        assertThat(store().replace(key, live(2, "late"), seen, LONG).outcome()).isEqualTo(Outcome.GONE);
        assertThat(store().load(key, LONG)).isEmpty();
        assertThat(store().loadFresh(key, LONG)).isEmpty();
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

    // Leases.

    @Test
    void aLeaseEndsByItself() {
        Key used = SampleValue.key();
        Key unused = SampleValue.key();
        stored(store().create(used, live(1, "used"), LEASE));
        stored(store().create(unused, live(1, "unused"), LEASE));
        pass(LEASE.minus(tolerance()).minusMillis(500));
        assertThat(store().load(used, LEASE)).isPresent();
        pass(LEASE.plus(tolerance()).plusMillis(500));
        assertThat(store().load(used, LEASE)).isEmpty();
        assertThat(store().load(unused, LEASE)).isEmpty();
        assertThat(store().loadFresh(unused, LEASE)).isEmpty();
    }

    @Test
    void aReplaceAfterTheLeaseIsGone() {
        Key key = SampleValue.key();
        Version seen = stored(store().create(key, live(1, "1"), LEASE));
        pass(LEASE.plus(tolerance()).plusMillis(500));
        assertThat(store().replace(key, live(2, "late"), seen, LEASE).outcome()).isEqualTo(Outcome.GONE);
        assertThat(store().load(key, LEASE)).isEmpty();
    }

    @Test
    void aLoadRenewsTheLease() {
        Key key = SampleValue.key();
        Key fresh = SampleValue.key();
        stored(store().create(key, live(1, "1"), LEASE));
        stored(store().create(fresh, live(1, "1"), LEASE));
        for (int i = 0; i < 5; i++) {
            pass(Duration.ofMillis(1_500));
            assertThat(store().load(key, LEASE)).as("load %d", i).isPresent();
            assertThat(store().loadFresh(fresh, LEASE)).as("fresh load %d", i).isPresent();
        }
    }

    @Test
    void aReplaceSetsTheLease() {
        Key longer = SampleValue.key();
        Key shorter = SampleValue.key();
        stored(store().replace(longer, live(2, "2"), stored(store().create(longer, live(1, "1"), LEASE)), LONG));
        stored(store().replace(shorter, live(2, "2"), stored(store().create(shorter, live(1, "1"), LONG)), LEASE));
        pass(LEASE.plus(tolerance()).plusMillis(500));
        assertThat(store().load(longer, LONG)).isPresent();
        assertThat(store().load(shorter, LONG)).isEmpty();
    }

    @Test
    void idleTimeCountsFromTheLastLoadOrWrite() {
        Key key = SampleValue.key();
        Version version = create(key, "1");
        Duration idle = Duration.ofSeconds(3);
        pass(idle);
        assertIdle(load(key), idle);
        assertIdle(load(key), Duration.ZERO);
        pass(idle);
        assertIdle(load(key), idle);
        pass(idle);
        stored(store().replace(key, live(2, "2"), version, LONG));
        assertIdle(store().loadFresh(key, LONG).orElseThrow(), Duration.ZERO);
    }

    private void assertIdle(Stored found, Duration expected) {
        assertThat(found.idleFor()).isBetween(Duration.ZERO, expected.plus(tolerance()));
        assertThat(found.idleFor()).isGreaterThanOrEqualTo(expected.minus(tolerance()));
    }

    /** 30 days is where memcached begins to take a number of seconds for a date. */
    @Test
    void longLeasesAreNoDates() {
        Duration month = Duration.ofDays(30);
        for (Duration lease : List.of(
                month.minusSeconds(1), month, month.plusSeconds(1), Duration.ofDays(31), Duration.ofDays(400))) {
            Key key = SampleValue.key();
            Version version = stored(store().create(key, live(1, "1"), lease));
            assertThat(store().load(key, lease)).as("created for %s", lease).isPresent();
            assertThat(store().load(key, lease)).as("renewed for %s", lease).isPresent();
            stored(store().replace(key, live(2, "2"), version, lease));
            assertThat(store().load(key, lease)).as("replaced for %s", lease).isPresent();
        }
    }

    /** 0 seconds would be for ever in memcached. */
    @Test
    void shortLeasesAreNotForEver() {
        for (Duration lease : List.of(Duration.ofMillis(1), Duration.ofMillis(999), Duration.ofSeconds(1))) {
            Key created = SampleValue.key();
            Key replaced = SampleValue.key();
            Key renewed = SampleValue.key();
            stored(store().create(created, live(1, "1"), lease));
            stored(store().replace(replaced, live(2, "2"), create(replaced, "1"), lease));
            create(renewed, "1");
            store().load(renewed, lease);
            pass(Duration.ofSeconds(1).plus(tolerance()));
            assertThat(store().load(created, LONG)).as("created for %s", lease).isEmpty();
            assertThat(store().load(replaced, LONG))
                    .as("replaced for %s", lease)
                    .isEmpty();
            assertThat(store().load(renewed, LONG)).as("renewed for %s", lease).isEmpty();
        }
    }

    @Test
    void whatEndsAKeyKeepsItsLease() {
        if (!cutsTerminalKinds()) {
            return;
        }
        List<Key> keys = new ArrayList<>();
        for (Envelope.Kind kind : List.of(Envelope.Kind.FORWARD, Envelope.Kind.MARKER)) {
            Key key = SampleValue.key();
            byte[] value = SampleValue.terminal(kind, now().plus(LEASE));
            stored(store().replace(key, value, create(key, "1"), LEASE));
            assertThat(load(key).value()).as("%s", kind).isEqualTo(value);
            keys.add(key);
        }
        pass(LEASE.dividedBy(2));
        keys.forEach(key -> store().load(key, LONG));
        pass(LEASE.dividedBy(2).plus(tolerance()).plusMillis(500));
        keys.forEach(key -> assertThat(store().load(key, LONG)).isEmpty());
    }

    // Races.

    @Test
    void ofManyReplacesOfOneVersionOneWins() {
        Key key = SampleValue.key();
        create(key, "0");
        List<List<Long>> won = Race.run(tasks(THREADS, thread -> {
            List<Long> versions = new ArrayList<>();
            for (int i = 0; i < rounds(); i++) {
                Version seen = load(key).version();
                int next = Math.toIntExact(seen.number() + 1);
                Written written = store().replace(key, live(next, thread + " of " + next), seen, LONG);
                if (written.outcome() == Outcome.STORED) {
                    assertThat(stored(written).number()).isEqualTo(next);
                    versions.add((long) next);
                } else {
                    assertThat(written.outcome()).isEqualTo(Outcome.CONFLICT);
                }
            }
            return versions;
        }));
        List<Long> all = won.stream().flatMap(List::stream).toList();
        assertThat(all).as("versions that somebody won").doesNotHaveDuplicates();
        long last = load(key).version().number();
        assertThat(last).isEqualTo(1 + all.size());
        assertThat(body(key)).endsWith(" of " + last);
    }

    @Test
    void ofManyCreatesOfOneKeyOneWins() {
        for (int round = 0; round < rounds(); round++) {
            Key key = SampleValue.key();
            List<Outcome> outcomes = Race.run(tasks(
                    8,
                    thread -> store().create(key, live(1, "by " + thread), LONG).outcome()));
            assertThat(outcomes).containsOnly(Outcome.STORED, Outcome.EXISTS).containsOnlyOnce(Outcome.STORED);
            assertThat(body(key)).isEqualTo("by " + outcomes.indexOf(Outcome.STORED));
        }
    }

    @Test
    void noReplaceRevivesWhatIsEndedMeanwhile() {
        for (int round = 0; round < rounds(); round++) {
            Key key = SampleValue.key();
            Version first = create(key, "0");
            int loadsBeforeTheEnd = round % 8;
            AtomicBoolean ended = new AtomicBoolean();
            List<Callable<Version>> tasks = new ArrayList<>(tasks(3, thread -> {
                Version last = first;
                while (!ended.get()) {
                    Written written =
                            store().replace(key, live(Math.toIntExact(last.number() + 1), "late"), last, LONG);
                    last = written.version() != null
                            ? written.version()
                            : store().load(key, LONG).map(Stored::version).orElse(last);
                }
                return last;
            }));
            tasks.add(() -> {
                try {
                    for (int i = 0; i < loadsBeforeTheEnd; i++) {
                        load(key);
                    }
                    assertThat(end(key)).isTrue();
                    return first;
                } finally {
                    ended.set(true);
                }
            });
            List<Version> seen = Race.run(tasks);
            assertThat(store().load(key, LONG)).as("round %d", round).isEmpty();
            for (Version version : seen) {
                assertThat(store().replace(key, live(2, "later"), version, LONG).outcome())
                        .isEqualTo(Outcome.GONE);
            }
            assertThat(store().load(key, LONG)).as("round %d, later", round).isEmpty();
        }
    }

    @Test
    @SuppressWarnings("ReferenceEquality") // a store without a second node hands out itself
    void twoNodesSeeEachOthersWrites() {
        SessionStore second = openSecond(store());
        if (second != store()) {
            opened(second);
        }
        Key key = SampleValue.key();
        create(key, "1");
        Stored there = second.load(key, LONG).orElseThrow();
        assertThat(SampleValue.body(there.value())).isEqualTo("1");
        assertThat(there.version().number()).isEqualTo(1);
        assertThat(second.create(key, live(1, "other"), LONG).outcome()).isEqualTo(Outcome.EXISTS);
        Version before = load(key).version();
        stored(second.replace(key, live(2, "2"), there.version(), LONG));
        assertThat(body(key)).isEqualTo("2");
        assertThat(store().replace(key, live(2, "late"), before, LONG).outcome())
                .isEqualTo(Outcome.CONFLICT);
        Version seen = load(key).version();
        assertThat(second.end(key, now().plus(LONG))).isTrue();
        assertThat(store().load(key, LONG)).isEmpty();
        assertThat(store().replace(key, live(3, "late"), seen, LONG).outcome()).isEqualTo(Outcome.GONE);
        assertThat(second.leavesProcess()).isEqualTo(store().leavesProcess());
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
                () -> end(key))) {
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

    // Short forms.

    private byte[] live(int version, String body) {
        return SampleValue.live(version, body, now().plus(Duration.ofDays(1)));
    }

    private byte[] live(int version, byte[] body) {
        return SampleValue.live(version, body, now().plus(Duration.ofDays(1)));
    }

    private Version create(Key key, String body) {
        return stored(store().create(key, live(1, body), LONG));
    }

    private static Version stored(Written written) {
        assertThat(written.outcome()).isEqualTo(Outcome.STORED);
        Version version = written.version();
        if (version == null) {
            throw new AssertionError("STORED without a version");
        }
        return version;
    }

    private Stored load(Key key) {
        return store().load(key, LONG).orElseThrow(() -> new AssertionError("What was stored is not there"));
    }

    private String body(Key key) {
        return SampleValue.body(load(key).value());
    }

    private boolean end(Key key) {
        return store().end(key, now().plus(Duration.ofDays(1)));
    }

    private interface Task<R> {
        R run(int thread) throws Exception;
    }

    private static <R> List<Callable<R>> tasks(int threads, Task<R> task) {
        List<Callable<R>> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int thread = i;
            tasks.add(() -> task.run(thread));
        }
        return tasks;
    }
}
