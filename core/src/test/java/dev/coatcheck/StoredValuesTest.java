package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionStore.Stored;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is taken for a session, and what is not. */
class StoredValuesTest {
    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private final StepWorld world = new StepWorld("app", ring);
    private final SessionToken token = world.token();
    private final Address address = world.protocol.address(token);
    private final Sighting.Live live = world.live(address, 5, world.record(), 11L);

    private Step<Sighting> look(Stored stored) {
        return StepWorld.load(world.lookup.look(address, false, Step.Done::new), address, false)
                .then()
                .apply(new Step.Answer<>(Optional.of(stored), null));
    }

    private Sighting look(byte[] value, long version) {
        return StepWorld.done(look(new Stored(value, new StepWorld.Seen(version), Duration.ZERO)));
    }

    /** Refused, said aloud, and nothing is asked of the store: what lies there stays. */
    private void isCorrupt(byte[] value, long version) {
        world.events.clear();
        long before = world.counters.corrupt.sum();
        assertThat(look(value, version)).isEqualTo(new Sighting.Absent(false));
        assertThat(world.counters.corrupt.sum()).isEqualTo(before + 1);
        assertThat(world.events).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo(SessionEvent.Kind.CORRUPT);
            assertThat(event.id()).isEqualTo(address.id());
        });
    }

    private static Envelope envelope(Envelope.Kind kind, int ringKey, int bits, LeaseClass lease) {
        return new Envelope(kind, lease.ordinal(), ringKey, bits, 5, 2_000_000_000, List.of(11L));
    }

    private byte[] sealedAs(Envelope.Kind kind, byte[] plaintext) {
        return sealed(envelope(kind, address.ringKey(), 0, address.leaseClass()), plaintext);
    }

    private byte[] sealed(Envelope envelope, byte[] plaintext) {
        return new RecordSeal(world.derivation).seal(envelope, address.sealKey(), address.key(), plaintext);
    }

    @Test
    void whatWasSealedIsRead() {
        assertThat(look(world.value(live), 5)).isInstanceOfSatisfying(Sighting.Live.class, found -> {
            assertThat(found.session().attributes()).isEqualTo(live.session().attributes());
            assertThat(found.envelope().version()).isEqualTo(5);
        });
        assertThat(look(sealedAs(Envelope.Kind.LIVE, live.plaintext()), 5)).isInstanceOf(Sighting.Live.class);
    }

    @Test
    void everyFlippedBitIsCorrupt() {
        byte[][] values = {world.value(live), world.pointer(address, world.place()), world.marker(address, 11L)};
        for (byte[] value : values) {
            for (int bit = 0; bit < value.length * 8; bit++) {
                byte[] flipped = value.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                isCorrupt(flipped, 5);
            }
        }
    }

    @Test
    void everyTruncatedOrPaddedValueIsCorrupt() {
        byte[] value = world.value(live);
        for (int length = 0; length < value.length; length++) {
            isCorrupt(Arrays.copyOf(value, length), 5);
        }
        isCorrupt(Arrays.copyOf(value, value.length + 1), 5);
        isCorrupt(new byte[2_000_000], 5);
    }

    @Test
    void aValueOfTheNextFormatIsUnavailableWhateverItHolds() {
        byte[] next = world.value(live);
        next[0] = Envelope.NEXT_FORMAT;
        for (byte[] value : new byte[][] {next, {Envelope.NEXT_FORMAT}, Arrays.copyOf(next, 3_000_000)}) {
            assertThat(look(value, 5))
                    .isInstanceOfSatisfying(
                            Sighting.Away.class,
                            away -> assertThat(away.cause()).hasMessageContaining("newer release"));
        }
        assertThat(world.events).isEmpty();
    }

    @Test
    void aForgedStoreVersionIsCorrupt() {
        for (long version : new long[] {0, 4, 6, -5, Long.MAX_VALUE, 5L + (1L << 32)}) {
            isCorrupt(world.value(live), version);
        }
    }

    @Test
    void bitsOfTheStoresOwnAnotherRingKeyOrLeaseClassAreCorruptThoughTheySealRight() {
        for (int bits = 1; bits < 16; bits++) {
            isCorrupt(
                    sealed(
                            envelope(Envelope.Kind.LIVE, address.ringKey(), bits, address.leaseClass()),
                            live.plaintext()),
                    5);
        }
        for (int number : new int[] {0, 2, 15}) {
            isCorrupt(sealed(envelope(Envelope.Kind.LIVE, number, 0, address.leaseClass()), live.plaintext()), 5);
        }
        isCorrupt(sealed(envelope(Envelope.Kind.LIVE, address.ringKey(), 0, LeaseClass.HOURS_8), live.plaintext()), 5);
    }

    @Test
    void aRecordIsNoPointerOrMarkerAndTheyAreNoRecord() {
        byte[][] plaintexts = {
            live.plaintext(),
            new OldId.Pointer(world.place(), world.clock.instant()).bytes(),
            new OldId.Marker(new byte[18], world.clock.instant()).bytes()
        };
        Envelope.Kind[] kinds = {Envelope.Kind.LIVE, Envelope.Kind.FORWARD, Envelope.Kind.MARKER};
        for (int kind = 0; kind < kinds.length; kind++) {
            for (int text = 0; text < plaintexts.length; text++) {
                if (kind != text) {
                    isCorrupt(sealedAs(kinds[kind], plaintexts[text]), 5);
                }
            }
        }
    }

    @Test
    void kindsThatStoresWriteForThemselvesAreNoSessions() {
        for (Envelope.Kind kind :
                List.of(Envelope.Kind.MOVED, Envelope.Kind.TOMB, Envelope.Kind.STUB, Envelope.Kind.INDEX)) {
            isCorrupt(sealedAs(kind, live.plaintext()), 5);
        }
    }

    @Test
    void aTombstoneIsACertainAbsence() {
        byte[] tomb = StoredValues.tomb(Place.of(address), world.clock.instant(), 7L);
        assertThat(look(tomb, 1)).isEqualTo(new Sighting.Absent(true));
        isCorrupt(Arrays.copyOf(tomb, tomb.length + 1), 1);
    }

    @Test
    void aValueOfAnotherPlaceApplicationRingOrWithoutARingIsCorrupt() {
        isCorrupt(world.value(world.live(world.place(), 5, world.record(), 11L)), 5);
        isCorrupt(sealedBy(new StepWorld("other", ring), 1), 5);
        isCorrupt(sealedBy(new StepWorld("app", KeyRing.parse(KeyRing.generate())), 1), 5);
        isCorrupt(sealedBy(new StepWorld("app", null), 0), 5);
        assertThat(look(sealedBy(new StepWorld("app", ring), 1), 5)).isInstanceOf(Sighting.Live.class);
    }

    /** What another manager seals for the very same secret in the very same place. */
    private byte[] sealedBy(StepWorld other, int ringKey) {
        return new RecordSeal(other.derivation)
                .seal(
                        envelope(Envelope.Kind.LIVE, address.ringKey(), 0, address.leaseClass()),
                        other.derivation.sealKey(ringKey, token.secret()),
                        address.key(),
                        live.plaintext());
    }

    @Test
    void aRecordThatIsNotSealedIsCorruptThoughItsEnvelopeIsRight() {
        byte[] value = world.value(live);
        byte[] plaintext = live.plaintext();
        byte[] open = Arrays.copyOf(value, Envelope.BYTES + plaintext.length);
        System.arraycopy(plaintext, 0, open, Envelope.BYTES, plaintext.length);
        isCorrupt(open, 5);
        isCorrupt(Arrays.copyOf(open, value.length), 5);
        isCorrupt(plaintext, 5);
    }

    @Test
    void aRecordFromTheFutureIsCorruptAndOneOfAFastClockIsNot() {
        byte[] value = world.value(live);
        world.clock.forward(Duration.ofHours(-2));
        assertThat(look(value, 5)).isInstanceOf(Sighting.Live.class);
        world.clock.forward(Duration.ofMillis(-1));
        isCorrupt(value, 5);
    }

    @Test
    void whatIsSealedRightAndIsNoRecordIsCorrupt() {
        isCorrupt(sealedAs(Envelope.Kind.LIVE, new byte[0]), 5);
        isCorrupt(sealedAs(Envelope.Kind.LIVE, new byte[1_000]), 5);
        isCorrupt(sealedAs(Envelope.Kind.LIVE, Arrays.copyOf(live.plaintext(), live.plaintext().length - 1)), 5);
    }

    private static Attribute ofBytes(int bytes) {
        return new Attribute("", 0, new byte[bytes]);
    }

    @Test
    void theLimitIsThatOfTheStoredValueAndTheErrorNamesTheFiveLargestAttributes() {
        SessionRecord small = world.record();
        int room = 262_144 - RecordSeal.OVERHEAD - RecordCodec.encode(small.with("a", ofBytes(0))).length;
        assertThat(world.value(world.live(address, 1, small.with("a", ofBytes(room)))))
                .hasSize(262_144);
        assertThatThrownBy(() -> world.live(address, 1, small.with("a", ofBytes(room + 1))))
                .isInstanceOf(SessionAttributeException.class);
        SessionRecord tooLarge = small.with("a", ofBytes(room))
                .with("b\n", ofBytes(500))
                .with("c", ofBytes(400))
                .with("d", ofBytes(300))
                .with("e", ofBytes(200))
                .with("sixth", ofBytes(100));
        assertThatThrownBy(() -> world.live(address, 1, tooLarge))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContainingAll("262144", "\"a\" (", "\"b\\u000A\" (", "\"c\" (", "\"d\" (", "\"e\" (")
                .hasMessageNotContaining("sixth")
                .hasMessageNotContaining("\n");
    }

    @Test
    void moreAttributesThanAreAllowedAreRefusedByTheirNumber() {
        SessionRecord many = world.record().with("theirs", null);
        for (int i = 0; i < RecordCodec.MAX_ATTRIBUTES; i++) {
            many = many.with("n" + i, StepWorld.ONE);
        }
        assertThat(world.value(world.live(address, 1, many))).isNotEmpty();
        SessionRecord tooMany = many.with("one more", StepWorld.ONE);
        assertThatThrownBy(() -> world.live(address, 1, tooMany))
                .isInstanceOf(SessionAttributeException.class)
                .hasMessageContainingAll("1025", "1024");
    }

    @Test
    void whatIsPastADeadlineIsEndedBeforeTheAnswer() {
        Step<Sighting> idle =
                look(new Stored(world.value(live), new StepWorld.Seen(5), Duration.ofSeconds(20 * 60 + 2)));
        assertThat(StepWorld.done(StepWorld.end(idle, address, false))).isEqualTo(new Sighting.Absent(false));
        assertThat(world.kinds()).containsExactly(SessionEvent.Kind.EXPIRED);
        byte[] pointer = world.pointer(address, world.place());
        world.clock.forward(OldId.GRACE);
        Step<Sighting> old = look(new Stored(pointer, new StepWorld.Seen(9), Duration.ZERO));
        assertThat(StepWorld.done(StepWorld.end(old, address, true))).isEqualTo(new Sighting.Absent(false));
        assertThat(world.counters.expired.sum()).as("a pointer is no session").isEqualTo(1);
    }

    @Test
    void aLostRecordIsEndedAloud() {
        Step<Sighting> next = StepWorld.load(world.lookup.look(address, false, Step.Done::new), address, false)
                .then()
                .apply(new Step.Answer<>(null, SessionUnavailableException.lost("lost")));
        assertThat(StepWorld.done(StepWorld.end(next, address, true))).isEqualTo(new Sighting.Absent(false));
        assertThat(world.kinds()).containsExactly(SessionEvent.Kind.LOST);
    }
}
