package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is asked of a cache and of a durable store, in which order, and what follows from their answers. */
class TiersTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private final SessionUnavailableException away = new SessionUnavailableException("away", null);

    private final MovableClock clock = new MovableClock();
    private final Key key = Key.of("A".repeat(32));
    private final TierHints hints = new TierHints();
    private final Deque<Object> answers = new ArrayDeque<>();
    private final List<String> calls = new ArrayList<>();
    private final List<Supplier<TierStep<Boolean>>> behind = new ArrayList<>();
    private Duration steady = Duration.ofDays(1);

    private final List<Key> full = new ArrayList<>();
    private LongUnaryOperator random = bound -> bound - 1;

    private final Tiers tiers = tiers(null);

    private Tiers tiers(@Nullable TierQueue queue) {
        return new Tiers(
                k -> steady,
                new TierValues(envelope -> new Row(envelope.version(), envelope.newestWrite()), clock),
                new TierRenewals(this::nanos),
                hints,
                bound -> random.applyAsLong(bound),
                queue,
                full::add);
    }

    private long nanos() {
        return Duration.between(Instant.EPOCH, clock.instant()).toNanos();
    }

    private final TierDriver driver =
            new TierDriver(asked(SessionCache.class, "cache"), asked(DurableSessionStore.class, "store"), behind::add);

    private record Row(long number, long write) implements Version {}

    private record Cas(long number) implements Version {}

    /** Notes what it is asked for and gives the next answer. */
    private <T> T asked(Class<T> type, String name) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> {
                    calls.add(name + "." + method.getName());
                    Object answer = answers.remove();
                    if (answer instanceof RuntimeException thrown) {
                        throw thrown;
                    }
                    return answer;
                }));
    }

    private <R> R run(TierStep<R> step, Object... next) {
        calls.clear();
        answers.addAll(List.of(next));
        R result = driver.run(step);
        assertThat(answers).as("answers that nobody asked for").isEmpty();
        return result;
    }

    private static byte[] value(Envelope.Kind kind, int version, long write, Instant end) {
        byte[] envelope = new Envelope(kind, 2, 0, 0, version, end.getEpochSecond(), List.of(write)).bytes();
        byte[] value = new byte[envelope.length + 10];
        System.arraycopy(envelope, 0, value, 0, envelope.length);
        return value;
    }

    private byte[] value(int version) {
        return value(Envelope.Kind.LIVE, version, version, clock.instant().plusSeconds(40_000));
    }

    private Stored row(int version) {
        return new Stored(value(version), new Row(version, version), Duration.ZERO);
    }

    private Cached hit(int version) {
        return new Cached.Found(new Stored(value(version), new Cas(version), Duration.ZERO));
    }

    private static Cached claim(boolean own) {
        return new Cached.Claimed(new Cas(0), own);
    }

    private TierVersion seen(int version) {
        return new TierVersion(new Row(version, version), new Cas(version));
    }

    /** This process has written the session: it believes the cache. */
    private void known() {
        run(tiers.create(key, value(1), LEASE), Written.stored(new Row(1, 1)), Written.stored(new Cas(1)));
    }

    // Reading.

    @Test
    void aHitOfASteadyCacheAsksNobodyElse() {
        known();
        assertThat(run(tiers.load(key, LEASE), hit(1))).isPresent();
        assertThat(calls).containsExactly("cache.claim");
        assertThat(behind).isEmpty();
    }

    @Test
    void aQuarterOfTheLeaseLaterTheRowIsRenewedBehindTheAnswer() {
        known();
        clock.forward(LEASE.dividedBy(4));
        run(tiers.load(key, LEASE), hit(1));
        assertThat(calls).containsExactly("cache.claim");
        assertThat(behind).hasSize(1);
        run(behind.get(0).get(), true);
        assertThat(calls).containsExactly("store.renew");
        run(tiers.load(key, LEASE), hit(1));
        assertThat(behind).hasSize(1);
    }

    @Test
    void aCacheThatCannotRenewAsItReadsIsAskedToAtTheRequestsEnd() {
        known();
        Cached due = new Cached.Found(new Stored(value(1), new Cas(1), Duration.ZERO, true));
        Stored found = run(tiers.load(key, LEASE), due).orElseThrow();
        assertThat(found.renewalDue()).isTrue();
        assertThat(run(tiers.renew(key, found.version(), LEASE), true)).isTrue();
        assertThat(calls).containsExactly("cache.renew");
        assertThat(run(tiers.renew(key, new TierVersion(new Row(1, 1), null), LEASE)))
                .as("what the cache does not hold")
                .isTrue();
        assertThat(calls).isEmpty();
    }

    @Test
    void aCacheThatWasAwaySinceIsProvedFirst() {
        known();
        clock.forward(Duration.ofSeconds(10));
        steady = Duration.ofSeconds(5);
        assertThat(run(tiers.load(key, LEASE), hit(1), true)).isPresent();
        assertThat(calls).containsExactly("cache.claim", "store.renew");
        run(tiers.load(key, LEASE), hit(1));
        assertThat(calls).containsExactly("cache.claim");
    }

    @Test
    void aDatabaseThatTakesNoWritesProvesByWhatItHolds() {
        steady = Duration.ZERO;
        assertThat(run(tiers.load(key, LEASE), hit(1), away, Optional.of(row(1))))
                .isPresent();
        assertThat(calls).containsExactly("cache.claim", "store.renew", "store.peek");
        for (Object other : new Object[] {Optional.of(row(2)), Optional.empty(), away}) {
            assertThatThrownBy(() -> run(tiers.load(key, LEASE), hit(1), away, other))
                    .isSameAs(away);
        }
    }

    @Test
    void whatTheCacheShowsOfARowThatIsGoneIsBuried() {
        steady = Duration.ZERO;
        assertThat(run(tiers.load(key, LEASE), hit(1), false, Optional.empty(), true))
                .isEmpty();
        assertThat(calls).containsExactly("cache.claim", "store.renew", "store.peek", "cache.bury");
    }

    @Test
    void whatTheCacheShowsOfANewerRowIsDeletedAndTheRowServed() {
        steady = Duration.ZERO;
        Optional<Stored> found =
                run(tiers.load(key, LEASE), hit(1), false, Optional.of(row(2)), Optional.of(hit(1)), Outcome.GONE);
        assertThat(found.orElseThrow().version().number()).isEqualTo(2);
        assertThat(calls).containsExactly("cache.claim", "store.renew", "store.peek", "cache.see", "cache.end");
    }

    @Test
    void aRowThatFellBackGetsTheNewerValueFromTheCache() {
        steady = Duration.ZERO;
        Optional<Stored> found =
                run(tiers.load(key, LEASE), hit(3), false, Optional.of(row(2)), Written.stored(new Row(3, 3)));
        assertThat(found.orElseThrow().version().number()).isEqualTo(3);
        assertThat(calls).containsExactly("cache.claim", "store.renew", "store.peek", "store.replace");
    }

    @Test
    void aClaimIsFilledWithTheRow() {
        Optional<Stored> found =
                run(tiers.load(key, LEASE), claim(true), Optional.of(row(2)), Written.stored(new Cas(2)));
        assertThat(found.orElseThrow().version()).isEqualTo(seen(2));
        assertThat(calls).containsExactly("cache.claim", "store.peek", "cache.replace");
        assertThat(behind).as("its renewal").hasSize(1);
    }

    @Test
    void aRefillThatComesTooLateIsLeft() {
        Optional<Stored> found =
                run(tiers.load(key, LEASE), claim(true), Optional.of(row(2)), Written.not(Outcome.CONFLICT));
        assertThat(found.orElseThrow().version()).isEqualTo(new TierVersion(new Row(2, 2), null));
    }

    @Test
    void whoFindsAnothersClaimWaitsAndThenAsksToo() {
        assertThat(run(tiers.load(key, LEASE), claim(false), hit(1))).isPresent();
        assertThat(calls).containsExactly("cache.claim", "cache.claim");
        assertThat(run(
                        tiers.load(key, LEASE),
                        claim(false),
                        claim(false),
                        claim(false),
                        claim(false),
                        Optional.empty()))
                .isEmpty();
        assertThat(calls).containsExactly("cache.claim", "cache.claim", "cache.claim", "cache.claim", "store.peek");
    }

    /** Of somebody whom nobody refills it for. */
    private List<Duration> pauses() {
        List<Duration> pauses = new ArrayList<>();
        TierStep<Optional<Stored>> step = tiers.load(key, LEASE);
        while (!(step instanceof TierStep.InStore)) {
            if (step instanceof TierStep.InCache<?, Optional<Stored>> call) {
                step = claimed(call);
            } else if (step instanceof TierStep.Pause<Optional<Stored>> pause) {
                pauses.add(pause.duration());
                step = pause.then().get();
            }
        }
        return pauses;
    }

    @SuppressWarnings("unchecked")
    private static <T> TierStep<Optional<Stored>> claimed(TierStep.InCache<T, Optional<Stored>> call) {
        return call.then().apply(new Step.Answer<>((T) claim(false), null));
    }

    @Test
    void whoWaitForOneRefillDoNotWakeTogetherAndWaitFor50MillisecondsAtMost() {
        assertThat(pauses()).as("the longest").containsExactly(ms(5), ms(15), ms(30));
        random = bound -> 0;
        assertThat(pauses()).as("the shortest").containsExactly(ms(2.5), ms(7.5), ms(15));
        SplittableRandom seeded = new SplittableRandom(20260101);
        random = seeded::nextLong;
        Set<List<Duration>> drawn = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            List<Duration> pauses = pauses();
            drawn.add(pauses);
            assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus)).isBetween(ms(25), ms(50));
        }
        assertThat(drawn).hasSize(100);
    }

    private static Duration ms(double millis) {
        return Duration.ofNanos((long) (millis * 1_000_000));
    }

    @Test
    void theMarkOfAnEndGoesBeforeAnyRow() {
        assertThat(run(tiers.load(key, LEASE), new Cached.Buried())).isEmpty();
        Optional<Cached> buried = Optional.of(new Cached.Buried());
        assertThat(run(tiers.loadFresh(key, LEASE), Optional.of(row(1)), buried, true))
                .isEmpty();
        assertThat(calls).as("and the row goes").containsExactly("store.peek", "cache.see", "store.end");
        assertThatThrownBy(() -> run(tiers.loadFresh(key, LEASE), Optional.of(row(1)), buried, false))
                .isInstanceOf(SessionUnavailableException.class);
        assertThat(run(tiers.peek(key, LEASE), Optional.of(new Cached.Buried())))
                .isEmpty();
    }

    @Test
    void whatWasReadPastTheCacheProvesNothingOfIt() {
        known();
        assertThat(run(tiers.load(key, LEASE), away, Optional.of(row(2)))).isPresent();
        assertThat(calls).containsExactly("cache.claim", "store.peek");
        run(tiers.load(key, LEASE), hit(2), true);
        assertThat(calls).containsExactly("cache.claim", "store.renew");
    }

    @Test
    void whoAsksPastACacheThatIsAwayRemembersToRepairIt() {
        assertThat(run(tiers.loadFresh(key, LEASE), Optional.of(row(2)), away)).isPresent();
        assertThat(hints.holds(key)).isTrue();
        assertThat(run(tiers.repair(key), Optional.of(hit(1)), Outcome.GONE)).isTrue();
        assertThat(hints.isEmpty()).isTrue();
    }

    @Test
    void bothAwayIsAway() {
        assertThatThrownBy(() -> run(tiers.load(key, LEASE), away, away)).isSameAs(away);
    }

    @Test
    void whatIsNoValueOfOursInTheCacheIsDroppedAndInTheRowIsTheManagersToJudge() {
        byte[] garbage = {1, 2, 3};
        Cached foreign = new Cached.Found(new Stored(garbage, new Cas(7), Duration.ZERO));
        assertThat(run(tiers.load(key, LEASE), foreign, Outcome.GONE, Optional.of(row(1))))
                .isPresent();
        assertThat(calls).containsExactly("cache.claim", "cache.end", "store.peek");
        Stored corrupt = new Stored(garbage, new Row(1, 1), Duration.ZERO);
        assertThat(run(tiers.load(key, LEASE), claim(true), Optional.of(corrupt))
                        .orElseThrow()
                        .value())
                .isEqualTo(garbage);
        assertThat(calls).containsExactly("cache.claim", "store.peek");
    }

    @Test
    void aRowThatWasNotUsedForItsLeaseAndAQuarterIsOver() {
        Stored old = new Stored(value(1), new Row(1, 1), LEASE.plus(LEASE.dividedBy(4)));
        assertThat(run(tiers.load(key, LEASE), claim(true), Optional.of(old))).isEmpty();
        Stored younger = new Stored(value(1), new Row(1, 1), LEASE);
        assertThat(run(tiers.load(key, LEASE), claim(true), Optional.of(younger), Written.stored(new Cas(1)))
                        .orElseThrow()
                        .idleFor())
                .as("in the user's favour")
                .isEqualTo(LEASE.minus(LEASE.dividedBy(4)));
    }

    // Writing.

    @Test
    void aChangeGoesToTheRowAndThenOverWhatWasSeenInTheCache() {
        Written written = run(
                tiers.replace(key, value(2), seen(1), LEASE),
                Written.stored(new Row(2, 2)),
                Written.stored(new Cas(2)));
        assertThat(written).isEqualTo(Written.stored(seen(2)));
        assertThat(calls).containsExactly("store.replace", "cache.replace");
    }

    @Test
    void whatTheCacheHasForgottenIsLeftToALaterClaim() {
        Written written = run(
                tiers.replace(key, value(2), seen(1), LEASE), Written.stored(new Row(2, 2)), Written.not(Outcome.GONE));
        assertThat(written.degraded()).isFalse();
        assertThat(written.outcome()).isEqualTo(Outcome.STORED);
    }

    @Test
    void aChangeThatTheCacheCouldNotBeToldOfIsDegradedAndRemembered() {
        for (Object lost : new Object[] {away, Written.not(Outcome.UNKNOWN)}) {
            Written written = run(tiers.replace(key, value(2), seen(1), LEASE), Written.stored(new Row(2, 2)), lost);
            assertThat(written.outcome()).isEqualTo(Outcome.STORED);
            assertThat(written.degraded()).isTrue();
            assertThat(hints.holds(key)).isTrue();
        }
        run(tiers.load(key, LEASE), hit(2), true);
        assertThat(calls).as("until it is repaired").containsExactly("cache.claim", "store.renew");
    }

    @Test
    void aClaimOfSomebodyElseIsDeletedSoThatNoOlderRowFillsIt() {
        run(
                tiers.replace(key, value(2), seen(1), LEASE),
                Written.stored(new Row(2, 2)),
                Written.not(Outcome.CONFLICT),
                Optional.of(claim(false)),
                Outcome.GONE);
        assertThat(calls).containsExactly("store.replace", "cache.replace", "cache.see", "cache.end");
    }

    @Test
    void aChangeThatFindsTheMarkOfAnEndIsNotKnownToBeGone() {
        Written written = run(
                tiers.replace(key, value(2), seen(1), LEASE),
                Written.stored(new Row(2, 2)),
                Written.not(Outcome.CONFLICT),
                Optional.of(new Cached.Buried()));
        assertThat(written.outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void aRowWhoseLeaseIsOverIsChangedAllTheSameWhileTheCacheHasItInUse() {
        Written written = run(
                tiers.replace(key, value(2), seen(1), LEASE),
                Written.not(Outcome.GONE),
                Optional.of(hit(1)),
                true,
                Written.stored(new Row(2, 2)),
                Written.stored(new Cas(2)));
        assertThat(written.outcome()).isEqualTo(Outcome.STORED);
        assertThat(calls)
                .containsExactly("store.replace", "cache.see", "store.renew", "store.replace", "cache.replace");
    }

    @Test
    void aRowThatIsGoneBuriesWhatTheCacheHas() {
        Written written = run(
                tiers.replace(key, value(2), seen(1), LEASE),
                Written.not(Outcome.GONE),
                Optional.of(hit(1)),
                false,
                true);
        assertThat(written.outcome()).isEqualTo(Outcome.GONE);
        assertThat(calls).containsExactly("store.replace", "cache.see", "store.renew", "cache.bury");
        assertThat(run(tiers.replace(key, value(2), seen(1), LEASE), Written.not(Outcome.GONE), Optional.empty(), true)
                        .outcome())
                .as("nobody has it in use")
                .isEqualTo(Outcome.GONE);
        assertThat(calls).containsExactly("store.replace", "cache.see", "cache.bury");
    }

    @Test
    void aNewSessionWhoseCachedCopyMayComeLateIsGivenUp() {
        Written written =
                run(tiers.create(key, value(1), LEASE), Written.stored(new Row(1, 1)), Written.not(Outcome.UNKNOWN));
        assertThat(written.outcome()).isEqualTo(Outcome.UNKNOWN);
        run(behind.get(0).get(), true, true);
        assertThat(calls).as("nobody asks for it").containsExactly("store.end", "cache.end");
    }

    @Test
    void aNewSessionThatTheCacheWasNotSentIsStored() {
        Written written = run(tiers.create(key, value(1), LEASE), Written.stored(new Row(1, 1)), away);
        assertThat(written).isEqualTo(Written.stored(new TierVersion(new Row(1, 1), null)));
    }

    @Test
    void anIndexIsNotCachedWhenItIsMade() {
        byte[] index = value(Envelope.Kind.INDEX, 1, 1, clock.instant().plusSeconds(40_000));
        run(tiers.create(key, index, LEASE), Written.stored(new Row(1, 1)), Optional.of(claim(true)), Outcome.GONE);
        assertThat(calls)
                .as("the claim of the look before goes, for which the next one would wait")
                .containsExactly("store.create", "cache.see", "cache.end");
        run(tiers.create(key, index, LEASE), Written.stored(new Row(1, 1)), Optional.empty());
        assertThat(calls).containsExactly("store.create", "cache.see");
    }

    @Test
    void anIndexThatTheRowHasNotLeavesNoMark() {
        byte[] index = value(Envelope.Kind.INDEX, 3, 3, clock.instant().plusSeconds(40_000));
        Cached cached = new Cached.Found(new Stored(index, new Cas(3), Duration.ZERO));
        assertThat(run(tiers.loadFresh(key, LEASE), Optional.empty(), Optional.of(cached), true))
                .isEmpty();
        assertThat(calls).containsExactly("store.peek", "cache.see", "cache.end");
        known();
        clock.forward(Duration.ofSeconds(10));
        steady = Duration.ofSeconds(5);
        assertThat(run(tiers.load(key, LEASE), cached, false, Optional.empty(), true))
                .isEmpty();
        assertThat(calls).containsExactly("cache.claim", "store.renew", "store.peek", "cache.end");
        assertThat(run(tiers.replace(key, index, seen(2), LEASE), Written.not(Outcome.GONE), Optional.empty(), true)
                        .outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(calls).containsExactly("store.replace", "cache.see", "cache.end");
    }

    @Test
    void whatNeitherTierHasLeavesNoMark() {
        assertThat(run(tiers.loadFresh(key, LEASE), Optional.empty(), Optional.empty()))
                .isEmpty();
        assertThat(run(tiers.loadFresh(key, LEASE), Optional.empty(), Optional.of(claim(false)), Outcome.GONE))
                .isEmpty();
        assertThat(calls).containsExactly("store.peek", "cache.see", "cache.end");
        assertThat(run(tiers.loadFresh(key, LEASE), Optional.empty(), Optional.of(hit(1)), true))
                .isEmpty();
        assertThat(calls).as("but a session does").containsExactly("store.peek", "cache.see", "cache.bury");
    }

    @Test
    void whoAsksPastTheCacheGetsItsValueWhereThatIsTheRows() {
        known();
        byte[] whole = value(2);
        whole[whole.length - 1] = 1; // what the row has not
        Cached cached = new Cached.Found(new Stored(whole, new Cas(2), Duration.ZERO));
        assertThat(run(tiers.loadFresh(key, LEASE), Optional.of(row(2)), Optional.of(cached)))
                .hasValueSatisfying(found -> {
                    assertThat(found.value()).isEqualTo(whole);
                    assertThat(found.version()).isEqualTo(seen(2));
                });
    }

    @Test
    void aTombstoneIsInBothOrUnknown() {
        byte[] tomb = Envelope.tomb(clock.instant().plusSeconds(40_000)).bytes();
        assertThat(run(tiers.create(key, tomb, LEASE), Written.stored(new Row(1, 1)), true)
                        .outcome())
                .isEqualTo(Outcome.STORED);
        assertThat(calls).containsExactly("store.create", "cache.bury");
        assertThat(run(tiers.create(key, tomb, LEASE), Written.stored(new Row(1, 1)), false)
                        .outcome())
                .isEqualTo(Outcome.UNKNOWN);
    }

    // Ending.

    @Test
    void anEndIsTheRowsAndThenTheCaches() {
        Instant until = clock.instant().plusSeconds(40_000);
        assertThat(run(tiers.end(key, until), true, true)).isTrue();
        assertThat(calls).containsExactly("store.end", "cache.bury");
        assertThat(run(tiers.end(key, until), true, false)).isFalse();
        assertThat(run(tiers.end(key, until), false, true)).isFalse();
        assertThat(run(tiers.end(key, until), away, true)).isFalse();
    }

    @Test
    void anEndForNowAloneLeavesNoMark() {
        assertThat(run(tiers.end(key, Instant.EPOCH), true, true)).isTrue();
        assertThat(calls).containsExactly("store.end", "cache.end");
    }

    @Test
    void anEndOfAVersionThatWasOvertakenTouchesNothing() {
        Instant until = clock.instant().plusSeconds(40_000);
        assertThat(run(tiers.end(key, seen(1), until), Outcome.CONFLICT)).isEqualTo(Outcome.CONFLICT);
        assertThat(calls).containsExactly("store.end");
        assertThat(run(tiers.end(key, seen(1), until), Outcome.GONE, true)).isEqualTo(Outcome.GONE);
        assertThat(run(tiers.end(key, seen(1), until), Outcome.GONE, false)).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void whileTheRowCannotBeAskedTheCacheIsMarkedOverWhatWasSeen() {
        Instant until = clock.instant().plusSeconds(40_000);
        assertThat(run(tiers.end(key, seen(1), until), Outcome.UNKNOWN, Written.stored(new Cas(2))))
                .isEqualTo(Outcome.UNKNOWN);
        assertThat(calls).containsExactly("store.end", "cache.replace");
    }

    // Sweeping.

    private final DurableSessionStore.Expired expired = new DurableSessionStore.Expired(key, new Row(1, 1));

    @Test
    void whatTheCacheHasInUseIsRenewed() {
        assertThat(run(tiers.sweep(expired), Optional.of(hit(1)), true)).isFalse();
        assertThat(calls).containsExactly("cache.see", "store.renew");
    }

    @Test
    void whatTheCacheDoesNotHaveIsSweptAndItsClaimWithIt() {
        assertThat(run(tiers.sweep(expired), Optional.empty(), true)).isTrue();
        assertThat(run(tiers.sweep(expired), Optional.of(claim(false)), true, Outcome.GONE))
                .isTrue();
        assertThat(calls).containsExactly("cache.see", "store.sweep", "cache.end");
        assertThat(run(tiers.sweep(expired), Optional.empty(), false))
                .as("another was faster")
                .isFalse();
    }

    @Test
    void withoutTheCachesWordNothingIsSwept() {
        assertThat(run(tiers.sweep(expired), away)).isFalse();
        assertThat(calls).containsExactly("cache.see");
    }

    @Test
    void aLeaseClassThatThereIsNotIsNoSessions() {
        byte[] bytes = value(1);
        bytes[2] = 15;
        Cached strange = new Cached.Found(new Stored(bytes, new Cas(1), Duration.ZERO));
        assertThat(run(tiers.sweep(expired), Optional.of(strange), true)).isTrue();
    }

    // Changes that wait.

    private final TierQueue queue =
            new TierQueue(new TierQueue.Bounds(10, 10L * value(1).length, Duration.ofMinutes(5)), this::nanos);
    private final Tiers behindTheCache = tiers(queue);

    @Test
    void aChangeThatMayWaitIsTheCachesAlone() {
        Written written = run(behindTheCache.replace(key, value(2), seen(1), LEASE), Written.stored(new Cas(2)));
        assertThat(written).isEqualTo(Written.stored(seen(2)));
        assertThat(calls).containsExactly("cache.replace");
        assertThat(queue.sessions()).isEqualTo(1);
        assertThat(full).isEmpty();
        assertThat(run(behindTheCache.drain(key), Written.stored(new Row(2, 2)), Optional.of(hit(2))))
                .isTrue();
        assertThat(calls).containsExactly("store.replace", "cache.see");
        assertThat(queue.sessions()).isZero();
    }

    @Test
    void aChangeThatMayNotWaitAnyMoreFollowsWhatWaitsOfItsSession() {
        run(behindTheCache.replace(key, value(2), seen(1), LEASE), Written.stored(new Cas(2)));
        clock.forward(Duration.ofMinutes(5));
        Written written = run(
                behindTheCache.replace(key, value(3), seen(2), LEASE),
                Written.stored(new Row(2, 2)),
                Optional.of(hit(2)),
                Written.stored(new Row(3, 3)),
                Written.stored(new Cas(3)));
        assertThat(written).isEqualTo(Written.stored(seen(3)));
        assertThat(calls).containsExactly("store.replace", "cache.see", "store.replace", "cache.replace");
        assertThat(queue.sessions()).isZero();
        assertThat(full).as("the alarm").containsExactly(key);
        run(behindTheCache.replace(key, value(4), seen(3), LEASE), Written.stored(new Cas(4)));
        assertThat(queue.sessions()).as("once the database has taken it").isEqualTo(1);
    }

    @Test
    void aChangeThatMayNotWaitAnyMoreFailsWhereTheDatabaseIsAwayAndTheCacheKeepsWhatWasAcknowledged() {
        run(behindTheCache.replace(key, value(2), seen(1), LEASE), Written.stored(new Cas(2)));
        clock.forward(Duration.ofMinutes(5));
        assertThatThrownBy(() -> run(behindTheCache.replace(key, value(3), seen(2), LEASE), away, away))
                .isSameAs(away);
        assertThat(calls).as("the cache is not asked").containsExactly("store.replace", "store.replace");
        assertThat(queue.keys()).as("nothing is dropped").containsExactly(key);
        assertThat(full).containsExactly(key);
    }

    /** The cache has forgotten it, and another process has put the row there, which was the past already. */
    @Test
    void theCacheIsNotBelievedWhereItShowsLessThanWhatWaits() {
        run(behindTheCache.create(key, value(1), LEASE), Written.stored(new Row(1, 1)), Written.stored(new Cas(1)));
        run(behindTheCache.replace(key, value(2), seen(1), LEASE), Written.stored(new Cas(2)));
        Optional<Stored> loaded = run(
                behindTheCache.load(key, LEASE),
                hit(1),
                Written.stored(new Row(2, 2)),
                Optional.of(hit(1)),
                Outcome.GONE,
                claim(true),
                Optional.of(row(2)),
                Written.stored(new Cas(3)));
        assertThat(loaded.orElseThrow().version().number()).isEqualTo(2);
        assertThat(calls)
                .containsExactly(
                        "cache.claim",
                        "store.replace",
                        "cache.see",
                        "cache.end",
                        "cache.claim",
                        "store.peek",
                        "cache.replace");
        assertThat(queue.sessions()).isZero();
    }

    @Test
    void afterAConflictTheCacheIsNotBelievedEither() {
        run(behindTheCache.replace(key, value(2), seen(1), LEASE), Written.stored(new Cas(2)));
        Optional<Stored> loaded = run(
                behindTheCache.loadFresh(key, LEASE),
                Optional.of(hit(1)),
                Written.stored(new Row(2, 2)),
                Optional.of(hit(1)),
                Outcome.GONE,
                Optional.of(row(2)),
                Optional.empty());
        assertThat(loaded.orElseThrow().version().number()).isEqualTo(2);
    }

    @Test
    void whatWaitsIsNotHiddenByThePastWhileTheDatabaseIsAway() {
        run(behindTheCache.replace(key, value(2), seen(1), LEASE), Written.stored(new Cas(2)));
        assertThatThrownBy(() -> run(behindTheCache.load(key, LEASE), hit(1), away))
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining("has not reached the database");
        assertThat(queue.keys()).containsExactly(key);
    }
}
