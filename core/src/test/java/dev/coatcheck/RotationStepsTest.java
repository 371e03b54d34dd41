package dev.coatcheck;

import static dev.coatcheck.StepWorld.away;
import static dev.coatcheck.StepWorld.create;
import static dev.coatcheck.StepWorld.done;
import static dev.coatcheck.StepWorld.end;
import static dev.coatcheck.StepWorld.found;
import static dev.coatcheck.StepWorld.load;
import static dev.coatcheck.StepWorld.not;
import static dev.coatcheck.StepWorld.pauseOver;
import static dev.coatcheck.StepWorld.replace;
import static dev.coatcheck.StepWorld.stored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.StoredValues.CorruptValueException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A new id as a function from answers to steps: create, then mark the old key, and only then a cookie. */
class RotationStepsTest {
    private static final Change SET = new Change.Put("mine", StepWorld.ONE);

    private final StepWorld world = new StepWorld();
    private final SessionToken token = world.token();
    private final Address at = world.place();
    private final Address target = world.place();
    private final Address fresh = world.protocol.address(token);
    private final Tries tries = Tries.first(world.protocol);
    private final Sighting.Live old = world.live(at, 5, world.record(), 11L);
    private final Sighting.Live newer = world.live(at, 6, world.record().with("other", StepWorld.TWO), 22L, 11L);
    private final Move rotate = Moves.rotate();
    private final Move changeId = Moves.changeId(new byte[18]);
    private final Move login = login();
    private final List<Move> all = List.of(rotate, changeId, login);

    private Move login() {
        Instant now = world.clock.instant();
        return Moves.login(
                new SessionRecord.Login("alice", "device", now),
                SessionRecord.empty(now, Duration.ofMinutes(20), Duration.ofHours(12), new byte[18]),
                Set.of());
    }

    private Step.Create<Committed> begun(Move move, Change change) {
        return create(world.rotation.move(old, move, List.of(change), token, DeviceHint.NONE, tries));
    }

    /** The new record is there; next comes the mark on the old key. */
    private Step.Replace<Committed> marking(Move move) {
        return marking(move, SET);
    }

    private Step.Replace<Committed> marking(Move move, Change change) {
        return replace(begun(move, change).then().apply(stored(1)), at);
    }

    /** The mark has met a conflict, and this is found in its place. */
    private Step<Committed> overtaken(Step.Replace<Committed> mark, Sighting.Live by) {
        return load(mark.then().apply(not(Outcome.CONFLICT)), at, true).then().apply(world.found(by));
    }

    private Step<Committed> overtaken(Move move, byte[] by) {
        return load(marking(move).then().apply(not(Outcome.CONFLICT)), at, true)
                .then()
                .apply(found(by, 9));
    }

    private Sighting opened(Address there, byte[] value, long version) throws CorruptValueException {
        return world.values.read(there, new Stored(value, new StepWorld.Seen(version), Duration.ZERO));
    }

    private SessionRecord record(byte[] value, long version) throws CorruptValueException {
        return ((Sighting.Live) opened(fresh, value, version)).session();
    }

    private void endsTheNewRecord(Step<Committed> giveUp, Class<? extends Throwable> thrown) {
        for (boolean confirmed : new boolean[] {true, false}) {
            assertThatThrownBy(() -> end(giveUp, fresh, confirmed)).isInstanceOf(thrown);
        }
    }

    @Test
    void theOrderIsCreateMarkAndThenTheCookie() throws Exception {
        for (Move move : all) {
            Step.Create<Committed> create = begun(move, SET);
            assertThat(create.key()).isEqualTo(fresh.key());
            assertThat(Envelope.of(create.value()).writeIds()).startsWith(tries.writeId(), 11L);
            assertThat(Envelope.of(create.value()).version()).isEqualTo(1);
            assertThat(record(create.value(), 1).attributes()).containsKeys("mine", "theirs");
            Step.Replace<Committed> mark = replace(create.then().apply(stored(1)), at);
            assertThat(mark.lease()).isEqualTo(OldId.GRACE);
            Envelope left = Envelope.of(mark.value());
            assertThat(left.kind())
                    .isEqualTo(move.reason() == Move.Reason.ROTATE ? Envelope.Kind.FORWARD : Envelope.Kind.MARKER);
            assertThat(left.version()).isEqualTo(Envelope.TERMINAL_VERSION);
            assertThat(done(mark.then().apply(stored(6))))
                    .isInstanceOfSatisfying(
                            Committed.Moved.class,
                            moved -> assertThat(moved.token()).isEqualTo(token));
        }
    }

    @Test
    void aPointerHoldsTheWayAndNoSecretAndAMarkerNoWay() throws Exception {
        Sighting.Old pointer = (Sighting.Old) opened(at, marking(rotate).value(), 6);
        OldId.Pointer way = (OldId.Pointer) pointer.left();
        assertThat(way.target().key()).isEqualTo(fresh.key());
        assertThat(way.target().sealKey()).isEqualTo(fresh.sealKey());
        assertThat(way.graceEnd()).isEqualTo(world.clock.instant().plusSeconds(15));
        assertThat(contains(way.bytes(), token.secret())).isFalse();
        for (Move move : List.of(changeId, login)) {
            Sighting.Old marker = (Sighting.Old) opened(at, marking(move).value(), 6);
            assertThat(contains(marker.left().bytes(), fresh.sealKey())).isFalse();
            assertThat(marker.left()).isInstanceOf(OldId.Marker.class);
        }
    }

    private static boolean contains(byte[] all, byte[] part) {
        return new String(all, StandardCharsets.ISO_8859_1)
                .contains(new String(part, 0, 16, StandardCharsets.ISO_8859_1));
    }

    @Test
    void anIdThatIsTakenOrMayBeIsNeverUsedAgain() {
        Step.Create<Committed> first = begun(rotate, SET);
        Step.Create<Committed> second = create(first.then().apply(not(Outcome.EXISTS)));
        Step.Create<Committed> third = create(second.then().apply(not(Outcome.UNKNOWN)));
        assertThat(Set.of(first.key(), second.key(), third.key())).hasSize(3);
        assertThatThrownBy(() -> third.then().apply(not(Outcome.UNKNOWN)))
                .isInstanceOf(SessionUnavailableException.class);
        Step.Replace<Committed> mark = replace(third.then().apply(stored(1)), at);
        assertThat(done(mark.then().apply(stored(6))))
                .isInstanceOfSatisfying(
                        Committed.Moved.class,
                        moved -> assertThat(
                                        world.protocol.address(moved.token()).key())
                                .isEqualTo(third.key()));
    }

    @Test
    void idsThatAreAllTakenEndInAnErrorAndSoDoesAStoreThatIsAway() {
        Step.Create<Committed> create = begun(rotate, SET);
        for (int i = 0; i < 3; i++) {
            create = create(create.then().apply(not(Outcome.EXISTS)));
        }
        Step.Create<Committed> last = create;
        assertThatThrownBy(() -> last.then().apply(not(Outcome.EXISTS)))
                .isInstanceOf(SessionUnavailableException.class);
        Step.Create<Committed> away = begun(login, SET);
        assertThatThrownBy(() -> away.then().apply(away())).isInstanceOf(SessionUnavailableException.class);
    }

    @Test
    void aMarkThatFailsEndsTheNewRecordAndIsAnError() {
        for (Move move : all) {
            endsTheNewRecord(marking(move).then().apply(away()), SessionUnavailableException.class);
            Step<Committed> look = marking(move).then().apply(not(Outcome.UNKNOWN));
            Step<Committed> second = load(look, at, true).then().apply(away());
            endsTheNewRecord(load(second, at, true).then().apply(away()), SessionUnavailableException.class);
        }
    }

    @Test
    void aMarkOfUnknownFateMayLeadToTheChangesSoThatTheyAreNotRunAgain() {
        for (Move move : all) {
            Step<Committed> look = marking(move).then().apply(not(Outcome.UNKNOWN));
            Step<Committed> second = load(look, at, true).then().apply(away());
            Step<Committed> end = load(second, at, true).then().apply(away());
            assertThatThrownBy(() -> end(end, fresh, false))
                    .isInstanceOfSatisfying(
                            SessionUnavailableException.class,
                            thrown -> assertThat(thrown.mayBeStored()).isTrue());
            Step<Committed> refused = marking(move).then().apply(away());
            assertThatThrownBy(() -> end(refused, fresh, true))
                    .isInstanceOfSatisfying(
                            SessionUnavailableException.class,
                            thrown -> assertThat(thrown.mayBeStored()).isFalse());
        }
    }

    @Test
    void aPointerThatMayHaveBeenFollowedBeforeItWentIsAnErrorForWhatMustNotRunTwice() {
        Change update = new Change.Update("mine", value -> StepWorld.TWO);
        Step<Committed> look = marking(rotate, update).then().apply(not(Outcome.UNKNOWN));
        Step<Committed> gone = load(look, at, true).then().apply(StepWorld.nothing());
        assertThatThrownBy(() -> end(gone, fresh, true))
                .isInstanceOfSatisfying(
                        SessionUnavailableException.class,
                        thrown -> assertThat(thrown.mayBeStored()).isTrue());
    }

    @Test
    void aMarkWhoseAnswerWasLostIsFoundByItsWriteIdOrSentAgainAsItIs() {
        for (Move move : all) {
            Step.Replace<Committed> mark = marking(move);
            Step.Load<Committed> look = load(mark.then().apply(not(Outcome.UNKNOWN)), at, true);
            assertThat(done(look.then().apply(found(mark.value(), 6)))).isInstanceOf(Committed.Moved.class);
            assertThat(replace(look.then().apply(world.found(old)), at).value()).isSameAs(mark.value());
        }
    }

    @Test
    void whatAnotherWroteBeforeTheMarkIsTakenOverByTheNewRecordFirst() throws Exception {
        for (Move move : all) {
            Step.Replace<Committed> rewrite = replace(pauseOver(overtaken(marking(move), newer)), fresh);
            assertThat(record(rewrite.value(), 2).attributes()).containsKeys("mine", "theirs", "other");
            Step.Replace<Committed> mark = replace(rewrite.then().apply(stored(2)), at);
            assertThat(mark.seen()).isEqualTo(new StepWorld.Seen(6));
            assertThat(done(mark.then().apply(stored(7))))
                    .isInstanceOfSatisfying(
                            Committed.Moved.class,
                            moved -> assertThat(moved.live().version()).isEqualTo(new StepWorld.Seen(2)));
        }
    }

    @Test
    void aChangeOfPrivilegeThatLosesEightTimesEndsTheOldKeyInstead() {
        for (Move move : List.of(login, changeId)) {
            Step.Replace<Committed> mark = marking(move);
            for (int i = 1; i < 8; i++) {
                Attribute value = new Attribute("i", 0, new byte[] {(byte) i});
                Sighting.Live by = world.live(at, 5 + i, world.record().with("other", value), 22L);
                Step<Committed> rewrite = pauseOver(overtaken(mark, by));
                mark = replace(replace(rewrite, fresh).then().apply(stored(1 + i)), at);
            }
            Step<Committed> last = overtaken(mark, world.live(at, 13, world.record(), 23L));
            assertThat(done(end(last, at, true))).isInstanceOf(Committed.Moved.class);
            endsTheNewRecord(end(last, at, false), SessionUnavailableException.class);
        }
    }

    /** Tries whose time is over before their number is. */
    private Tries late() {
        return new Tries(
                Collections.nCopies(4, tries.writeId()),
                System.nanoTime() - Duration.ofSeconds(3).toNanos());
    }

    @Test
    void aChangeOfPrivilegeThatRunsOutOfTimeOnASlowStoreEndsTheOldKeyToo() {
        for (Move move : List.of(login, changeId)) {
            Step.Create<Committed> create =
                    create(world.rotation.move(old, move, List.of(SET), token, DeviceHint.NONE, late()));
            Step.Replace<Committed> mark = replace(create.then().apply(stored(1)), at);
            assertThat(done(end(overtaken(mark, newer), at, true))).isInstanceOf(Committed.Moved.class);
        }
    }

    @Test
    void aRotationWithoutPrivilegeGivesUpWithAConflictAndLeavesNoNewRecord() {
        Tries late = late();
        Step.Create<Committed> create =
                create(world.rotation.move(old, rotate, List.of(SET), token, DeviceHint.NONE, late));
        Step.Replace<Committed> mark = replace(create.then().apply(stored(1)), at);
        endsTheNewRecord(overtaken(mark, newer), SessionConflictException.class);
    }

    @Test
    void anOldSessionThatIsGoneEndsARotationAndASignInGoesOnBare() throws Exception {
        for (Move move : List.of(rotate, changeId)) {
            Step<Committed> gone = marking(move).then().apply(not(Outcome.GONE));
            assertThat(done(end(gone, fresh, true))).isEqualTo(new Committed.Gone(true));
        }
        Step.Replace<Committed> bare = replace(marking(login).then().apply(not(Outcome.GONE)), fresh);
        assertThat(record(bare.value(), 2).userId()).isEqualTo("alice");
        assertThat(record(bare.value(), 2).attributes()).containsOnlyKeys("mine");
        assertThat(done(bare.then().apply(stored(2)))).isInstanceOf(Committed.Moved.class);
    }

    @Test
    void anothersMarkEndsAChangeOfIdAndASignInGoesOnBare() throws Exception {
        byte[] marker = world.marker(at, 77L);
        assertThat(record(replace(overtaken(login, marker), fresh).value(), 2).attributes())
                .containsOnlyKeys("mine");
        assertThat(done(end(overtaken(changeId, marker), fresh, true))).isEqualTo(new Committed.Gone(true));
    }

    @Test
    void aParallelRotationWasFasterSoThisOneEndsItsOwnAndFollows() {
        Step<Committed> follow = overtaken(rotate, world.pointer(at, target, 77L));
        Sighting.Live moved = world.live(target, 1, world.record(), 77L);
        Step<Committed> own = load(follow, target, true).then().apply(world.found(moved));
        Step.Replace<Committed> there = replace(end(own, fresh, false), target);
        assertThat(done(there.then().apply(stored(2)))).isInstanceOf(Committed.Followed.class);
    }

    @Test
    void aSignInThatMeetsAParallelRotationMarksTheNewId() throws Exception {
        Step<Committed> follow = overtaken(login, world.pointer(at, target, 77L));
        Sighting.Live moved = world.live(target, 1, world.record().with("other", StepWorld.TWO), 77L);
        Step<Committed> next = pauseOver(load(follow, target, true).then().apply(world.found(moved)));
        Step.Replace<Committed> rewrite = replace(next, fresh);
        assertThat(record(rewrite.value(), 2).attributes()).containsKeys("mine", "other");
        Step.Replace<Committed> mark = replace(rewrite.then().apply(stored(2)), target);
        assertThat(Envelope.of(mark.value()).kind()).isEqualTo(Envelope.Kind.MARKER);
        assertThat(done(mark.then().apply(stored(2)))).isInstanceOf(Committed.Moved.class);
    }

    @Test
    void aTargetThatCannotBeAskedEndsTheNewRecordAndIsAnError() {
        for (Move move : all) {
            Step<Committed> follow = overtaken(move, world.pointer(at, target, 77L));
            endsTheNewRecord(load(follow, target, true).then().apply(away()), SessionUnavailableException.class);
        }
    }

    @Test
    void aNewRecordThatTheStoreForgotIsAnErrorAndNoCookie() {
        Step.Replace<Committed> rewrite = replace(pauseOver(overtaken(marking(login), newer)), fresh);
        endsTheNewRecord(rewrite.then().apply(not(Outcome.GONE)), SessionUnavailableException.class);
    }

    @Test
    void anUpdateThatFailsOnWhatAnotherWroteEndsTheNewRecord() {
        Change picky = new Change.Update("theirs", value -> {
            if (!StepWorld.ONE.equals(value)) {
                throw new UnsupportedOperationException("mine");
            }
            return StepWorld.TWO;
        });
        Sighting.Live without = world.live(at, 6, world.record().with("theirs", null), 22L);
        endsTheNewRecord(pauseOver(overtaken(marking(login, picky), without)), UnsupportedOperationException.class);
    }

    @Test
    void aTakenValueThatAnotherTookStopsASignInThatHangsOnIt() {
        Step.Replace<Committed> mark = marking(login, new Change.Take("theirs", StepWorld.ONE));
        endsTheNewRecord(mark.then().apply(not(Outcome.GONE)), SessionConflictException.class);
    }

    @Test
    void aNewSessionIsOneCreateAndItsToken() {
        Step.Create<Committed> create = create(world.rotation.create(world.record(), token, DeviceHint.NONE, tries));
        assertThat(create.lease()).isEqualTo(LeaseClass.MINUTES_20.lease());
        assertThat(done(create.then().apply(stored(1)))).isInstanceOf(Committed.Moved.class);
    }
}
