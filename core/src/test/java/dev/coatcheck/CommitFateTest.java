package dev.coatcheck;

import static dev.coatcheck.StepWorld.away;
import static dev.coatcheck.StepWorld.done;
import static dev.coatcheck.StepWorld.found;
import static dev.coatcheck.StepWorld.load;
import static dev.coatcheck.StepWorld.not;
import static dev.coatcheck.StepWorld.nothing;
import static dev.coatcheck.StepWorld.pauseOver;
import static dev.coatcheck.StepWorld.replace;
import static dev.coatcheck.StepWorld.stored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Written;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What becomes of a commit when the session moves on, ends or cannot be asked while it is under way. */
class CommitFateTest {
    private static final Change SET = new Change.Put("mine", StepWorld.ONE);
    private static final Change COUNT = new Change.Update("mine", old -> old == null ? StepWorld.ONE : StepWorld.TWO);

    private final StepWorld world = new StepWorld();
    private final Address at = world.place();
    private final Address target = world.place();
    private final Tries tries = Tries.first(world.protocol);
    private final Sighting.Live base = world.live(at, 5, world.record(), 11L);

    private Step.Replace<Committed> begun(Change change) {
        return replace(world.commit.save(base, List.of(change), tries), at);
    }

    /** The write's answer, and the look that follows it. */
    private Step.Load<Committed> after(Step.Replace<Committed> sent, Outcome outcome) {
        return load(sent.then().apply(not(outcome)), at, true);
    }

    private Step<Committed> follow(Change change, Outcome outcome, Long... pointersList) {
        return after(begun(change), outcome).then().apply(found(world.pointer(at, target, pointersList), 9));
    }

    private Step<Committed> atTarget(Step<Committed> follow, Sighting.Live there) {
        return load(follow, target, true).then().apply(world.found(there));
    }

    private void isUnavailable(Step.Load<Committed> look, Sighting.Live there, boolean mayBeStored) {
        assertThatThrownBy(() -> look.then().apply(world.found(there)))
                .isInstanceOfSatisfying(
                        SessionUnavailableException.class,
                        thrown -> assertThat(thrown.mayBeStored()).isEqualTo(mayBeStored));
    }

    @Test
    void aConflictWithAPointerGoesIntoTheNewSessionWithoutACookie() {
        Step<Committed> next = atTarget(follow(SET, Outcome.CONFLICT), world.live(target, 3, world.record(), 22L));
        Step.Replace<Committed> there = replace(pauseOver(next), target);
        assertThat(Envelope.of(there.value()).version()).isEqualTo(4);
        assertThat(Envelope.of(there.value()).containsCommit(tries.writeId())).isTrue();
        assertThat(done(there.then().apply(stored(4)))).isInstanceOf(Committed.Followed.class);
    }

    @Test
    void aWriteThatWasAppliedBeforeARotationIsFoundInTheNewSessionsList() {
        Sighting.Live moved = world.live(target, 1, world.record(), 99L, tries.writeId(), 11L);
        assertThat(done(atTarget(follow(COUNT, Outcome.UNKNOWN, 99L), moved))).isInstanceOf(Committed.Followed.class);
    }

    @Test
    void aWriteThatThePointersOwnListHasIsStoredAndFollowed() {
        Sighting.Live moved = world.live(target, 1, world.record(), 98L, 97L);
        assertThat(done(atTarget(follow(COUNT, Outcome.UNKNOWN, 99L, tries.writeId(), 11L), moved)))
                .isInstanceOf(Committed.Followed.class);
        Step<Committed> again = follow(COUNT, Outcome.UNKNOWN, 99L, tries.writeId(), 11L);
        assertThat(done(load(again, target, true).then().apply(away())))
                .as("stored, though nobody can say where it is now")
                .isEqualTo(new Committed.Gone(false));
    }

    @Test
    void aMarkerAnAbsenceAndAnEndedTargetAreTheEndOfTheSession() {
        Committed gone = new Committed.Gone(true);
        assertThat(done(after(begun(SET), Outcome.CONFLICT).then().apply(found(world.marker(at), 9))))
                .isEqualTo(gone);
        assertThat(done(after(begun(SET), Outcome.UNKNOWN).then().apply(nothing())))
                .isEqualTo(gone);
        assertThat(done(load(follow(SET, Outcome.CONFLICT), target, true).then().apply(found(world.marker(target), 9))))
                .isEqualTo(gone);
    }

    @Test
    void aTargetThatCannotBeAskedIsAnErrorAndNoEnd() {
        Step.Load<Committed> look = load(follow(SET, Outcome.CONFLICT), target, true);
        assertThatThrownBy(() -> look.then().apply(away())).isInstanceOf(SessionUnavailableException.class);
    }

    @Test
    void aTargetThatCannotBeAskedAfterALostAnswerMayHaveTheWrite() {
        for (Outcome outcome : List.of(Outcome.CONFLICT, Outcome.UNKNOWN)) {
            Step.Load<Committed> look = load(follow(COUNT, outcome, 98L), target, true);
            assertThatThrownBy(() -> look.then().apply(away()))
                    .isInstanceOfSatisfying(
                            SessionUnavailableException.class,
                            thrown -> assertThat(thrown.mayBeStored()).isEqualTo(outcome == Outcome.UNKNOWN));
        }
    }

    @Test
    void aConflictThatCannotBeLookedIntoIsNotStoredForCertain() {
        Step<Committed> second = after(begun(COUNT), Outcome.CONFLICT).then().apply(away());
        Step.Load<Committed> look = load(second, at, true);
        assertThatThrownBy(() -> look.then().apply(away()))
                .isInstanceOfSatisfying(
                        SessionUnavailableException.class,
                        refused -> assertThat(refused.mayBeStored()).isFalse());
    }

    @Test
    void aSecondSendingThatIsRefusedAfterALostAnswerMayStillBeStored() {
        Step.Replace<Committed> second =
                replace(after(begun(COUNT), Outcome.UNKNOWN).then().apply(world.found(base)), at);
        assertThatThrownBy(() -> second.then().apply(away()))
                .isInstanceOfSatisfying(
                        SessionUnavailableException.class,
                        unsure -> assertThat(unsure.mayBeStored()).isTrue());
    }

    @Test
    void aLateWriteThatWinsAgainstItsOwnSecondSendingIsOneWrite() {
        Step<Committed> again = after(begun(COUNT), Outcome.UNKNOWN).then().apply(world.found(base));
        Sighting.Live late = world.live(at, 6, world.record().with("mine", StepWorld.ONE), tries.writeId(), 11L);
        assertThat(done(after(replace(again, at), Outcome.CONFLICT).then().apply(world.found(late))))
                .isInstanceOfSatisfying(
                        Committed.Kept.class,
                        kept -> assertThat(kept.live().session().attribute("mine"))
                                .isEqualTo(StepWorld.ONE));
    }

    @Test
    void anAppliedWriteIsFoundAmongEightByItsCommitThoughTheTryDiffers() {
        long other = WriteId.newTry(List.of(tries.writeId()), world.random);
        Sighting.Live far = world.live(at, 13, world.record(), 8L, 7L, 6L, 5L, 4L, 3L, 2L, other);
        assertThat(done(after(begun(COUNT), Outcome.UNKNOWN).then().apply(world.found(far))))
                .isInstanceOf(Committed.Kept.class);
    }

    @Test
    void farAheadWithoutALostAnswerIsAPlainConflict() {
        Sighting.Live far = world.live(at, 500, world.record(), 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L);
        Step<Committed> next = after(begun(COUNT), Outcome.CONFLICT).then().apply(world.found(far));
        assertThat(Envelope.of(replace(pauseOver(next), at).value()).version()).isEqualTo(501);
    }

    @Test
    void farAheadAfterALostAnswerOnlyWhatMayRunTwiceDoes() {
        Sighting.Live far = world.live(at, 14, world.record(), 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L);
        for (Change once : List.of(
                COUNT,
                new Change.Take("theirs", StepWorld.ONE),
                new Change.AddFlash(new FlashMessage(1, "info", "hello")))) {
            isUnavailable(after(begun(once), Outcome.UNKNOWN), far, true);
        }
        for (Change twice : List.of(SET, new Change.Remove("theirs"), new Change.Clear())) {
            Step<Committed> next = after(begun(twice), Outcome.UNKNOWN).then().apply(world.found(far));
            assertThat(pauseOver(next)).isNotNull();
        }
    }

    @Test
    void behindAPointerWhoseTargetLacksTheWriteOnlyWhatMayRunTwiceDoes() {
        Sighting.Live moved = world.live(target, 1, world.record(), 98L, 97L, 96L, 95L, 94L, 93L, 92L, 91L);
        Step.Load<Committed> look = load(follow(COUNT, Outcome.UNKNOWN, 98L), target, true);
        isUnavailable(look, moved, true);
        replace(pauseOver(atTarget(follow(SET, Outcome.UNKNOWN, 98L), moved)), target);
    }

    @Test
    void aStoreThatRefusesItsOwnVersionForEverIsAskedABoundedNumberOfTimes() {
        Step<Committed> step = begun(SET);
        for (int sent = 1; sent <= 16; sent++) {
            step = after(replace(step, at), Outcome.CONFLICT).then().apply(world.found(base));
        }
        Step.Load<Committed> last = after(replace(step, at), Outcome.CONFLICT);
        assertThatThrownBy(() -> last.then().apply(world.found(base))).isInstanceOf(SessionUnavailableException.class);
    }

    @Test
    void whoLosesForTwoSecondsGetsAConflict() {
        Tries old =
                new Tries(Collections.nCopies(41, tries.writeId()), System.nanoTime() - TimeUnit.SECONDS.toNanos(3));
        Step.Load<Committed> look = after(replace(world.commit.save(base, List.of(SET), old), at), Outcome.CONFLICT);
        assertThatThrownBy(() -> look.then().apply(world.found(world.live(at, 6, world.record(), 22L))))
                .isInstanceOf(SessionConflictException.class)
                .hasMessageContaining("41 tries");
    }

    @Test
    void pausesGrowToSixtyFourMillisecondsAndNoFurther() {
        for (int count = 0; count < 100; count++) {
            long longest = 1L << Math.min(count, 6);
            assertThat(world.protocol.pause(count).toMillis()).isBetween(1L, longest);
        }
    }

    @Test
    void everyTryOfACommitKeepsItsBits() {
        Sighting.Live newer = world.live(at, 6, world.record(), 22L);
        Step<Committed> next = after(begun(SET), Outcome.CONFLICT).then().apply(world.found(newer));
        Envelope second = Envelope.of(replace(pauseOver(next), at).value());
        assertThat(second.newestWrite() & WriteId.COMMIT_BITS).isEqualTo(tries.writeId() & WriteId.COMMIT_BITS);
        assertThat(second.writeIds().get(1)).isEqualTo(22L);
    }

    @Test
    void aDegradedWriteIsStoredAndSaid() {
        Written degraded = new Written(Outcome.STORED, new StepWorld.Seen(6), true);
        assertThat(done(begun(SET).then().apply(new Step.Answer<>(degraded, null))))
                .isInstanceOf(Committed.Kept.class);
        assertThat(world.kinds()).containsExactly(SessionEvent.Kind.DEGRADED);
    }

    @Test
    void ofOneAttributeTheLaterCommitWinsAloudAndOfOthersNothingIsSaid() {
        Sighting.Live newer = world.live(at, 6, world.record().with("theirs", null), 22L);
        Change both = new Change.Put("theirs", StepWorld.TWO);
        pauseOver(after(begun(both), Outcome.CONFLICT).then().apply(world.found(newer)));
        assertThat(world.kinds()).containsExactly(SessionEvent.Kind.CONFLICT);
        assertThat(world.counters.overwritten.sum()).isEqualTo(1);
        pauseOver(after(begun(SET), Outcome.CONFLICT).then().apply(world.found(newer)));
        assertThat(world.counters.overwritten.sum()).isEqualTo(1);
        assertThat(world.counters.conflicts.sum()).isEqualTo(2);
    }

    @Test
    void theLastVersionOfAnIdIsNotExceeded() {
        Sighting.Live last = world.live(at, Envelope.LAST_VERSION, world.record(), 11L);
        assertThatThrownBy(() -> world.commit.save(last, List.of(SET), tries))
                .isInstanceOf(SessionConflictException.class);
    }
}
