package dev.coatcheck;

import static dev.coatcheck.StepWorld.done;
import static dev.coatcheck.StepWorld.end;
import static dev.coatcheck.StepWorld.load;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.LogOut.Ended;
import dev.coatcheck.SessionStore.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A log-out as a function from answers to steps. */
class LogOutTest {
    private final StepWorld world = new StepWorld();
    private final LogOut logOut = new LogOut(world.protocol, world.lookup);
    private final Address at = world.place();
    private final Address target = world.place();
    private final Sighting.Live seen = world.live(at, 5, world.record(), 11L);
    private final Sighting.Live newer = world.live(at, 6, world.record(), 22L, 11L);
    private final Sighting.Live moved = world.live(target, 1, world.record(), 33L, 11L);

    private static Step<Ended> answered(Step<Ended> step, Sighting.Live over, Outcome outcome) {
        assertThat(step).isInstanceOf(Step.EndVersion.class);
        Step.EndVersion<Ended> end = (Step.EndVersion<Ended>) step;
        assertThat(end.key()).isEqualTo(over.address().key());
        assertThat(end.seen()).isEqualTo(over.version());
        return end.then().apply(outcome);
    }

    private static void assertEnded(Step<Ended> step, Address at, boolean confirmed) {
        Ended ended = done(step);
        assertThat(ended.address().key()).isEqualTo(at.key());
        assertThat(ended.confirmed()).isEqualTo(confirmed);
    }

    private Step<Ended> overtaken() {
        return answered(logOut.of(seen), seen, Outcome.CONFLICT);
    }

    private Step<Ended> nothing() {
        return load(overtaken(), at, true).then().apply(StepWorld.nothing());
    }

    @Test
    void oneStepEndsWhatNobodyChanged() {
        assertEnded(answered(logOut.of(seen), seen, Outcome.GONE), at, true);
        assertEnded(answered(logOut.of(seen), seen, Outcome.UNKNOWN), at, false);
    }

    @Test
    void whatWasWrittenSinceIsEndedToo() {
        Step<Ended> again = load(overtaken(), at, true).then().apply(world.found(newer));
        assertEnded(answered(again, newer, Outcome.GONE), at, true);
    }

    @Test
    void whatIsGoneMeanwhileIsEndedForWhateverMayStillShowIt() {
        assertEnded(end(nothing(), at, true), at, true);
        assertEnded(end(nothing(), at, false), at, false);
    }

    @Test
    void whereTheStoreCannotSayTheEndIsNotConfirmed() {
        assertEnded(load(overtaken(), at, true).then().apply(StepWorld.away()), at, false);
        Step<Ended> pointed = load(overtaken(), at, true).then().apply(StepWorld.found(world.pointer(at, target), 9));
        assertEnded(load(pointed, target, true).then().apply(StepWorld.away()), at, false);
    }

    @Test
    void aPointerIsFollowedToTheSessionUnderItsNewId() {
        Step<Ended> pointed = load(overtaken(), at, true).then().apply(StepWorld.found(world.pointer(at, target), 9));
        Step<Ended> ending = load(pointed, target, true).then().apply(world.found(moved));
        assertEnded(end(answered(ending, moved, Outcome.GONE), at, true), target, true);
        assertEnded(end(answered(ending, moved, Outcome.GONE), at, false), at, false);
        assertEnded(end(answered(ending, moved, Outcome.UNKNOWN), at, true), target, false);
    }

    @Test
    void afterEightWritersTheSessionIsEndedWhateverIsThere() {
        Step<Ended> step = logOut.of(seen);
        for (int i = 0; i < 8; i++) {
            step = load(answered(step, i == 0 ? seen : newer, Outcome.CONFLICT), at, true)
                    .then()
                    .apply(world.found(newer));
        }
        assertEnded(StepWorld.end(step, at, true), at, true);
    }

    @Test
    void whatIsFoundDeadAndNotEndedForCertainIsRemembered() {
        world.clock.forward(Duration.ofHours(13));
        Step<Sighting> dead = load(world.lookup.look(at, false, Step.Done::new), at, false)
                .then()
                .apply(world.found(seen));
        assertThat(world.notEnded).isEmpty();
        assertThat(done(StepWorld.end(dead, at, false))).isEqualTo(new Sighting.Absent(false));
        assertThat(world.notEnded).containsExactly(at);
    }
}
