package dev.coatcheck;

import static dev.coatcheck.StepWorld.away;
import static dev.coatcheck.StepWorld.done;
import static dev.coatcheck.StepWorld.found;
import static dev.coatcheck.StepWorld.load;
import static dev.coatcheck.StepWorld.nothing;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The way from tickets to a session, as a function from answers to steps. */
class ArrivalStepsTest {
    private final StepWorld world = new StepWorld();
    private final HookedStore store = new HookedStore(world.clock);
    private final UnconfirmedEnds ends =
            new UnconfirmedEnds(world.protocol, new Driver(store, world.counters), new RequestChores(() -> 0));
    private final Arrival arrival =
            new Arrival(world.protocol, world.lookup, new KnownAbsences(store, world.clock), ends);
    private final SessionToken first = world.token();
    private final SessionToken second = world.token();
    private final Address a = world.protocol.address(first);
    private final Address b = world.protocol.address(second);

    @AfterEach
    void close() {
        store.close();
    }

    private Step<Loaded> find(@Nullable SessionToken blank, SessionToken... tokens) {
        return arrival.find(new RequestTickets(List.of(tokens), blank, Floor.NONE, 0));
    }

    private Step.Answer<Optional<SessionStore.Stored>> live(Address at) {
        return world.found(world.live(at, 1, world.record()));
    }

    private static Step<Loaded> answer(
            Step<Loaded> step, Address at, Step.Answer<Optional<SessionStore.Stored>> answer) {
        return load(step, at, false).then().apply(answer);
    }

    /** The first ticket's key holds a pointer to the second's. */
    private Step<Loaded> followed(SessionToken... tokens) {
        return answer(find(null, tokens), a, found(world.pointer(a, b), 2));
    }

    @Test
    void withoutATicketNothingIsAskedAndABlankOneIsKept() {
        SessionToken blank = world.tokens.drawBlank();
        assertThat(done(find(blank))).isEqualTo(new Loaded.Visitor(blank));
        assertThat(done(find(null))).isEqualTo(new Loaded.Visitor(null));
    }

    @Test
    void aReadThatWasOnItsWayWhenAnEndIsConfirmedFindsNobody() {
        Step<Loaded> onItsWay = find(null, first);
        ends.add(a, world.clock.instant().plusSeconds(60));
        ends.tryAgain();
        assertThat(ends.waiting()).as("confirmed").isEmpty();
        assertThat(done(answer(onItsWay, a, live(a)))).isEqualTo(new Loaded.Visitor(null));
        world.clock.forward(Duration.ofMinutes(2));
        assertThat(ends.refuses(a.key())).isFalse();
    }

    @Test
    void theOneLiveSessionAmongOthersIsUsedInEveryOrder() {
        for (boolean liveFirst : new boolean[] {true, false}) {
            SessionToken dead = world.token();
            Address none = world.protocol.address(dead);
            Step<Loaded> step;
            if (liveFirst) {
                step = answer(answer(find(world.tokens.drawBlank(), first, dead), a, live(a)), none, nothing());
            } else {
                step = answer(answer(find(world.tokens.drawBlank(), dead, first), none, nothing()), a, live(a));
            }
            assertThat(done(step))
                    .isInstanceOfSatisfying(
                            Loaded.Live.class,
                            found -> assertThat(found.token()).isEqualTo(first));
        }
    }

    @Test
    void ofTwoLiveSessionsNeitherIsUsedAndBothAreSaid() {
        Step<Loaded> next = answer(find(null, first, second), a, live(a));
        assertThat(done(answer(next, b, live(b)))).isInstanceOfSatisfying(Loaded.Barred.class, barred -> {
            assertThat(barred.csrfSeed()).isNull();
            assertThat(barred.rivals()).extracting(live -> live.address().key()).containsExactly(a.key(), b.key());
        });
        assertThat(world.kinds()).containsExactly(SessionEvent.Kind.DUPLICATE, SessionEvent.Kind.DUPLICATE);
        assertThat(world.counters.duplicates.sum()).isEqualTo(1);
    }

    @Test
    void aPointerIsFollowedWithoutATokenAndAPlainTicketOfTheSameSessionGoesFirst() {
        assertThat(done(answer(followed(first), b, live(b)))).isInstanceOfSatisfying(Loaded.Live.class, found -> {
            assertThat(found.token()).isNull();
            assertThat(found.live().address().key()).isEqualTo(b.key());
        });
        Step<Loaded> plain = answer(followed(first, second), b, live(b));
        assertThat(done(answer(plain, b, live(b))))
                .isInstanceOfSatisfying(
                        Loaded.Live.class, found -> assertThat(found.token()).isEqualTo(second));
    }

    @Test
    void aSessionThatOnlyAPointerLeadsToIsNoRivalOfOneWithATicket() {
        SessionToken third = world.token();
        Address c = world.protocol.address(third);
        Step<Loaded> direct = answer(followed(first, third), b, live(b));
        assertThat(done(answer(direct, c, live(c))))
                .isInstanceOfSatisfying(
                        Loaded.Live.class, found -> assertThat(found.token()).isEqualTo(third));
        assertThat(world.events).isEmpty();
    }

    @Test
    void aChainIsFollowedOverThreePointersAndNotOverFour() {
        for (int pointers = 3; pointers <= 4; pointers++) {
            Step<Loaded> step = find(null, first);
            Address at = a;
            for (int i = 0; i < pointers; i++) {
                Address next = world.place();
                step = answer(step, at, found(world.pointer(at, next), 2));
                at = next;
            }
            if (pointers == 3) {
                assertThat(done(answer(step, at, live(at)))).isInstanceOf(Loaded.Live.class);
            } else {
                assertThat(done(step)).isEqualTo(new Loaded.Visitor(null));
            }
        }
    }

    @Test
    void aMarkerBarsAndGivesItsSeedButNotAtTheEndOfAChain() {
        assertThat(done(answer(find(null, first), a, found(world.marker(a), 2))))
                .isInstanceOfSatisfying(Loaded.Barred.class, barred -> {
                    assertThat(barred.rivals()).isEmpty();
                    assertThat(barred.csrfSeed()).hasSize(18);
                });
        assertThat(done(answer(followed(first), b, found(world.marker(b), 2)))).isEqualTo(new Loaded.Visitor(null));
    }

    @Test
    void oneTicketThatTheStoreCannotAnswerForDecidesForAll() {
        Step<Loaded> next = answer(find(null, first, second), a, live(a));
        assertThat(done(answer(next, b, away()))).isInstanceOf(Loaded.Away.class);
        assertThat(done(answer(find(null, first, second), a, away()))).isInstanceOf(Loaded.Away.class);
        assertThat(done(answer(followed(first), b, away()))).isInstanceOf(Loaded.Away.class);
    }

    @Test
    void onlyWhatTheStoreSaidForCertainIsRememberedAndThenNotAskedAgain() {
        assertThat(done(answer(find(null, first), a, nothing()))).isEqualTo(new Loaded.Visitor(null));
        assertThat(done(find(null, first))).isEqualTo(new Loaded.Visitor(null));
        assertThat(world.counters.remembered.sum()).isEqualTo(1);

        byte[] corrupt = world.value(world.live(b, 1, world.record()));
        corrupt[100] ^= 1;
        assertThat(done(answer(find(null, second), b, found(corrupt, 1)))).isEqualTo(new Loaded.Visitor(null));
        assertThat(done(answer(find(null, second), b, away()))).isInstanceOf(Loaded.Away.class);
        assertThat(done(answer(find(null, second), b, live(b)))).isInstanceOf(Loaded.Live.class);
    }

    @Test
    void anIdThatWasEndedHereIsRefusedThoughTheStoreHasItStillAlsoBehindAPointer() {
        ends.add(b, world.clock.instant().plusSeconds(60));
        assertThat(done(find(null, second))).isEqualTo(new Loaded.Visitor(null));
        assertThat(done(answer(followed(first), b, live(b)))).isEqualTo(new Loaded.Visitor(null));
    }
}
