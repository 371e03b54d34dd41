package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A commit as a function from answers to steps, without a store: what each answer leads to. */
class CommitStepsTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
    private static final Change SET = new Change.Put("mine", new Attribute("i", 0, new byte[] {1}));
    private static final Change UPDATE =
            new Change.Update("mine", old -> new Attribute("i", 0, new byte[] {(byte) (old == null ? 1 : 2)}));

    private record Seen(long number) implements Version {}

    private final Derivation derivation = new Derivation("app", null);
    private final SecureRandom random = new SecureRandom();
    private final Tokens tokens = new Tokens(derivation, random, null, CLOCK);
    private final StoredValues values = new StoredValues(new RecordSeal(derivation), 262_144, CLOCK);
    private final Protocol protocol = new Protocol(
            new Protocol.Lifetimes(
                    Duration.ofMinutes(20), Duration.ofHours(12), Duration.ofDays(1), Duration.ofDays(2)),
            CLOCK,
            random,
            tokens,
            derivation,
            values,
            new Counters(),
            new Events(List.of(), CLOCK));
    private final Commit commit = new Commit(protocol, new Lookup(protocol, (address, until) -> {}));
    private final Address address = Address.of(tokens.draw(LeaseClass.MINUTES_20), derivation);
    private final Tries tries = Tries.first(protocol);

    /** The session as it was loaded: version 5. */
    private final Sighting.Live base = live(5, record(), List.of(111L));

    private static SessionRecord record() {
        return SessionRecord.empty(CLOCK.instant(), Duration.ofMinutes(20), Duration.ofHours(12), new byte[18])
                .with("theirs", new Attribute("i", 0, new byte[] {9}));
    }

    private Sighting.Live live(int version, SessionRecord session, List<Long> writeIds) {
        byte[] plaintext = RecordCodec.encode(session);
        byte[] value = values.live(address, session, plaintext, version, padded(writeIds));
        return new Sighting.Live(
                address, session, plaintext, Envelope.of(value), new Seen(version), Duration.ZERO, false);
    }

    private static List<Long> padded(List<Long> writeIds) {
        return new Envelope(Envelope.Kind.LIVE, 0, 0, 0, 1, 0, writeIds).writeIds();
    }

    /** The store's answer to a load that finds this. */
    private Step.Answer<Optional<Stored>> found(Sighting.Live live) {
        byte[] value = values.live(
                address,
                live.session(),
                live.plaintext(),
                live.envelope().version(),
                live.envelope().writeIds());
        return new Step.Answer<>(Optional.of(new Stored(value, live.version(), Duration.ZERO)), null);
    }

    private static Step.Answer<Written> wrote(Written written) {
        return new Step.Answer<>(written, null);
    }

    private static <T> Step.Answer<@Nullable T> away() {
        return new Step.Answer<>(null, new SessionUnavailableException("away", null));
    }

    private static Step.Replace<Committed> replace(Step<Committed> step) {
        assertThat(step).isInstanceOf(Step.Replace.class);
        return (Step.Replace<Committed>) step;
    }

    private static Step.Load<Committed> loadFresh(Step<Committed> step) {
        assertThat(step)
                .isInstanceOfSatisfying(
                        Step.Load.class, load -> assertThat(load.fresh()).isTrue());
        return (Step.Load<Committed>) step;
    }

    private static Committed done(Step<Committed> step) {
        assertThat(step).isInstanceOf(Step.Done.class);
        return ((Step.Done<Committed>) step).result();
    }

    private static Step<Committed> pauseOver(Step<Committed> step) {
        assertThat(step).isInstanceOf(Step.Pause.class);
        return ((Step.Pause<Committed>) step).then().get();
    }

    private Step.Replace<Committed> begun(Change change) {
        return replace(commit.save(base, List.of(change), tries));
    }

    private Step<Committed> afterLostAnswer(Step.Replace<Committed> sent, Sighting.Live now) {
        Step<Committed> look = sent.then().apply(wrote(Written.not(Outcome.UNKNOWN)));
        return loadFresh(look).then().apply(found(now));
    }

    @Test
    void whatChangesNoByteSendsNothing() {
        Change same = new Change.Put("theirs", new Attribute("i", 0, new byte[] {9}));
        assertThat(done(commit.save(base, List.of(same), tries))).isInstanceOf(Committed.Kept.class);
    }

    @Test
    void aStoredWriteIsTheEndAndCarriesTheNextVersionAndItsId() {
        Step.Replace<Committed> sent = begun(SET);
        Envelope envelope = Envelope.of(sent.value());
        assertThat(envelope.version()).isEqualTo(6);
        assertThat(envelope.writeIds()).startsWith(tries.writeId(), 111L);
        assertThat(sent.seen()).isEqualTo(base.version());
        assertThat(done(sent.then().apply(wrote(Written.stored(new Seen(6)))))).isInstanceOf(Committed.Kept.class);
    }

    @Test
    void nothingThereIsTheEndOfTheSession() {
        assertThat(done(begun(SET).then().apply(wrote(Written.not(Outcome.GONE)))))
                .isEqualTo(new Committed.Gone(true));
    }

    @Test
    void aConflictIsMergedIntoWhatIsThereNow() {
        SessionRecord newer = record().with("other", new Attribute("i", 0, new byte[] {3}));
        Step<Committed> look = begun(SET).then().apply(wrote(Written.not(Outcome.CONFLICT)));
        Step<Committed> next = pauseOver(loadFresh(look).then().apply(found(live(6, newer, List.of(222L, 111L)))));
        Step.Replace<Committed> second = replace(next);
        assertThat(Envelope.of(second.value()).version()).isEqualTo(7);
        Committed.Kept kept = (Committed.Kept) done(second.then().apply(wrote(Written.stored(new Seen(7)))));
        assertThat(kept.live().session().attributes()).containsKeys("mine", "other", "theirs");
    }

    @Test
    void aConflictWithNobodySendsTheSameBytesAgain() {
        Step.Replace<Committed> sent = begun(UPDATE);
        Step<Committed> look = sent.then().apply(wrote(Written.not(Outcome.CONFLICT)));
        Step.Replace<Committed> again = replace(loadFresh(look).then().apply(found(base)));
        assertThat(again.value()).isSameAs(sent.value());
    }

    @Test
    void aLostAnswerToAWriteThatHappenedIsNoSecondWrite() {
        Step.Replace<Committed> sent = begun(UPDATE);
        Sighting.Live now = live(6, base.session(), List.of(tries.writeId(), 111L));
        assertThat(done(afterLostAnswer(sent, now))).isInstanceOf(Committed.Kept.class);
    }

    @Test
    void aLostAnswerToAWriteThatHasNotHappenedSendsTheSameBytesAgain() {
        Step.Replace<Committed> sent = begun(UPDATE);
        assertThat(replace(afterLostAnswer(sent, base)).value()).isSameAs(sent.value());
    }

    @Test
    void aWriteThatIsNotInANewerListNeverHappenedAndIsMerged() {
        Sighting.Live now = live(13, record(), List.of(8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L));
        Step.Replace<Committed> second = replace(pauseOver(afterLostAnswer(begun(UPDATE), now)));
        assertThat(Envelope.of(second.value()).version()).isEqualTo(14);
    }

    @Test
    void moreWritesThanTheListHoldsMakeASetAgainAndAnUpdateAnError() {
        Sighting.Live far = live(14, record(), List.of(8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L));
        assertThat(replace(pauseOver(afterLostAnswer(begun(SET), far)))).isNotNull();
        Step.Replace<Committed> sent = begun(UPDATE);
        assertThatThrownBy(() -> afterLostAnswer(sent, far)).isInstanceOf(SessionUnavailableException.class);
    }

    @Test
    void aLostAnswerToAnUpdateOfASessionThatIsGoneIsAnErrorSinceItMayHaveMovedOn() {
        Step.Load<Committed> look = loadFresh(begun(UPDATE).then().apply(wrote(Written.not(Outcome.UNKNOWN))));
        assertThatThrownBy(() -> look.then().apply(new Step.Answer<>(Optional.empty(), null)))
                .isInstanceOfSatisfying(
                        SessionUnavailableException.class,
                        thrown -> assertThat(thrown.mayBeStored()).isTrue());
        Step.Load<Committed> set = loadFresh(begun(SET).then().apply(wrote(Written.not(Outcome.UNKNOWN))));
        assertThat(done(set.then().apply(new Step.Answer<>(Optional.empty(), null))))
                .isEqualTo(new Committed.Gone(true));
    }

    @Test
    void aStoreThatCannotBeAskedAfterALostAnswerIsAnErrorThatSaysSo() {
        Step<Committed> look = begun(SET).then().apply(wrote(Written.not(Outcome.UNKNOWN)));
        Step<Committed> second = loadFresh(look).then().apply(away());
        assertThatThrownBy(() -> loadFresh(second).then().apply(away()))
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining("may be stored or not");
    }

    @Test
    void aRefusedWriteIsTheStoresOwnError() {
        Step.Replace<Committed> sent = begun(SET);
        assertThatThrownBy(() -> sent.then().apply(away()))
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessage("away");
    }

    @Test
    void aTakenValueThatIsNoLongerThereIsAConflict() {
        Attribute seen = new Attribute("i", 0, new byte[] {9});
        Step.Replace<Committed> sent = begun(new Change.Take("theirs", seen));
        Sighting.Live now = live(6, record().with("theirs", null), List.of(222L, 111L));
        Step<Committed> look = sent.then().apply(wrote(Written.not(Outcome.CONFLICT)));
        Step<Committed> pause = loadFresh(look).then().apply(found(now));
        assertThatThrownBy(() -> pauseOver(pause)).isInstanceOf(SessionConflictException.class);
    }
}
