package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All that steps need but a store: says which step is expected, and makes answers to it. */
final class StepWorld {
    static final Attribute ONE = new Attribute("i", 0, new byte[] {1});
    static final Attribute TWO = new Attribute("i", 0, new byte[] {2});

    record Seen(long number) implements Version {}

    final MovableClock clock = new MovableClock();
    final List<SessionEvent> events = new ArrayList<>();
    final SecureRandom random = new SecureRandom();
    final Counters counters = new Counters();
    final Derivation derivation;
    final Tokens tokens;
    final StoredValues values;
    final Protocol protocol;
    final Lookup lookup;
    final Commit commit;
    final Rotation rotation;

    StepWorld() {
        this("app", null);
    }

    /** What was found dead and not ended for certain. */
    final List<Address> notEnded = new ArrayList<>();

    StepWorld(String application, @Nullable KeyRing ring) {
        derivation = new Derivation(application, ring);
        tokens = new Tokens(derivation, random, null, clock);
        values = new StoredValues(new RecordSeal(derivation), 262_144, clock);
        protocol = new Protocol(
                new Protocol.Lifetimes(
                        Duration.ofMinutes(20), Duration.ofHours(12), Duration.ofDays(1), Duration.ofDays(2)),
                clock,
                random,
                tokens,
                derivation,
                values,
                counters,
                new Events(List.of(events::add), clock));
        lookup = new Lookup(protocol, (address, until) -> notEnded.add(address));
        commit = new Commit(protocol, lookup);
        IndexPolicy off =
                new IndexPolicy("off in this test", 0, SessionManager.WhenFull.REFUSE, Duration.ofDays(2), 100_000);
        UserIndex index = new UserIndex(protocol, off);
        Driver driver = new Driver(new HookedStore(clock), counters);
        SignOut signOut = new SignOut(
                protocol,
                index,
                new Burial(protocol),
                new UnconfirmedEnds(protocol, driver, new RequestChores(() -> 0)));
        rotation = new Rotation(protocol, lookup, commit, new Entrance(protocol, index, signOut));
    }

    List<SessionEvent.Kind> kinds() {
        return events.stream().map(SessionEvent::kind).toList();
    }

    SessionToken token() {
        return tokens.draw(LeaseClass.MINUTES_20);
    }

    Address place() {
        return protocol.address(token());
    }

    SessionRecord record() {
        return SessionRecord.empty(clock.instant(), Duration.ofMinutes(20), Duration.ofHours(12), new byte[18])
                .with("theirs", ONE);
    }

    // Stored values

    Sighting.Live live(Address address, int version, SessionRecord session, Long... writeIds) {
        byte[] plaintext = RecordCodec.encode(session);
        byte[] value = values.live(address, session, plaintext, version, padded(writeIds));
        return new Sighting.Live(
                address, session, plaintext, Envelope.of(value), new Seen(version), Duration.ZERO, false);
    }

    private static List<Long> padded(Long... writeIds) {
        return new Envelope(Envelope.Kind.LIVE, 0, 0, 0, 1, 0, List.of(writeIds)).writeIds();
    }

    byte[] value(Sighting.Live live) {
        Envelope envelope = live.envelope();
        return values.live(live.address(), live.session(), live.plaintext(), envelope.version(), envelope.writeIds());
    }

    byte[] pointer(Address at, Address to, Long... writeIds) {
        return left(at, new OldId.Pointer(to, clock.instant().plus(OldId.GRACE)), writeIds);
    }

    byte[] marker(Address at, Long... writeIds) {
        return left(at, new OldId.Marker(new byte[18], clock.instant().plus(OldId.GRACE)), writeIds);
    }

    private byte[] left(Address at, OldId left, Long... writeIds) {
        Instant until = clock.instant().plus(Duration.ofHours(12));
        return values.old(at, left, until, padded(writeIds));
    }

    // Answers

    static Step.Answer<Optional<Stored>> found(byte[] value, long version) {
        return new Step.Answer<>(Optional.of(new Stored(value, new Seen(version), Duration.ZERO)), null);
    }

    Step.Answer<Optional<Stored>> found(Sighting.Live live) {
        return found(value(live), live.envelope().version());
    }

    static Step.Answer<Optional<Stored>> nothing() {
        return new Step.Answer<>(Optional.empty(), null);
    }

    static <T> Step.Answer<T> away() {
        return new Step.Answer<>(null, new SessionUnavailableException("away", null));
    }

    static Step.Answer<Written> stored(long version) {
        return new Step.Answer<>(Written.stored(new Seen(version)), null);
    }

    static Step.Answer<Written> not(Outcome outcome) {
        return new Step.Answer<>(Written.not(outcome), null);
    }

    // Steps

    static <R> Step.Load<R> load(Step<R> step, Address at, boolean fresh) {
        assertThat(step).isInstanceOf(Step.Load.class);
        Step.Load<R> load = (Step.Load<R>) step;
        assertThat(load.key()).isEqualTo(at.key());
        assertThat(load.fresh()).isEqualTo(fresh);
        assertThat(load.lease()).isEqualTo(at.leaseClass().lease());
        return load;
    }

    static <R> Step.Replace<R> replace(Step<R> step, Address at) {
        assertThat(step).isInstanceOf(Step.Replace.class);
        Step.Replace<R> replace = (Step.Replace<R>) step;
        assertThat(replace.key()).isEqualTo(at.key());
        return replace;
    }

    static <R> Step.Create<R> create(Step<R> step) {
        assertThat(step).isInstanceOf(Step.Create.class);
        return (Step.Create<R>) step;
    }

    /** Expects the end of a key, and says whether it is confirmed. */
    static <R> Step<R> end(Step<R> step, Address at, boolean confirmed) {
        assertThat(step).isInstanceOf(Step.End.class);
        Step.End<R> end = (Step.End<R>) step;
        assertThat(end.key()).isEqualTo(at.key());
        return end.then().apply(confirmed);
    }

    static <R> Step<R> pauseOver(Step<R> step) {
        assertThat(step).isInstanceOf(Step.Pause.class);
        Step.Pause<R> pause = (Step.Pause<R>) step;
        assertThat(pause.duration()).isBetween(Duration.ofMillis(1), Duration.ofMillis(64));
        return pause.then().get();
    }

    static <R> R done(Step<R> step) {
        assertThat(step).isInstanceOf(Step.Done.class);
        return ((Step.Done<R>) step).result();
    }
}
