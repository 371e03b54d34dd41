package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.coatcheck.SessionStore.Stored;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Values of sessions with attributes for a cache alone. */
class SplitValueTest {
    private static final Attribute THUMBNAIL = new Attribute("i", Attribute.CACHE_ONLY, new byte[] {7});

    private final StepWorld world = new StepWorld("app", KeyRing.parse(KeyRing.generate()));
    private final Address address = world.place();
    private final Sighting.Live live = world.live(address, 5, world.record().with("thumbnail", THUMBNAIL), 11L);
    private final byte[] value = world.value(live);

    private Sighting look(byte[] bytes) {
        Step<Sighting> look = world.lookup.look(address, false, Step.Done::new);
        Stored stored = new Stored(bytes, new StepWorld.Seen(5), Duration.ZERO);
        return StepWorld.done(
                StepWorld.load(look, address, false).then().apply(new Step.Answer<>(Optional.of(stored), null)));
    }

    private static byte[] cut(byte[] bytes) {
        return SplitValue.durablePart(bytes, Envelope.of(bytes));
    }

    @Test
    void aSessionIsReadWithBothParts() {
        assertThat(look(value)).isInstanceOfSatisfying(Sighting.Live.class, found -> {
            assertThat(found.session().attributes()).isEqualTo(live.session().attributes());
            assertThat(found.plaintext())
                    .as("so that nothing counts as changed")
                    .isEqualTo(live.plaintext());
        });
    }

    @Test
    void aDurableStoreGetsTheFirstPartAlone() {
        byte[] durable = cut(value);
        assertThat(value.length - durable.length).isEqualTo(RecordSeal.PART_OVERHEAD + 2 + 2 + 9 + 1 + 1 + 1 + 4 + 1);
        assertThat(look(durable))
                .isInstanceOfSatisfying(
                        Sighting.Live.class,
                        found -> assertThat(found.session().attributes()).containsOnlyKeys("theirs"));
        assertThat(cut(durable)).isEqualTo(durable);
    }

    @Test
    void aSessionWithoutSuchAttributesIsOneValue() {
        byte[] plain = world.value(world.live(address, 5, world.record(), 11L));
        assertThat(Envelope.of(plain).kind()).isEqualTo(Envelope.Kind.LIVE);
        assertThat(cut(plain)).isSameAs(plain);
    }

    @Test
    void everyFlippedBitIsCorrupt() {
        for (byte[] bytes : new byte[][] {value, cut(value)}) {
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                byte[] flipped = bytes.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                assertThat(look(flipped)).as("bit %d", bit).isEqualTo(new Sighting.Absent(false));
            }
        }
    }

    @Test
    void everyTruncatedOrPaddedValueIsCorrupt() {
        for (int length = 0; length < value.length; length++) {
            assertThat(look(Arrays.copyOf(value, length))).isEqualTo(new Sighting.Absent(false));
        }
        assertThat(look(Arrays.copyOf(value, value.length + 1))).isEqualTo(new Sighting.Absent(false));
    }

    @Test
    void theSecondPartOfAnotherWriteIsCorrupt() throws SealBrokenException {
        byte[] other = world.value(world.live(address, 5, live.session(), 12L));
        byte[] mixed = new SplitValue(
                        SplitValue.of(value).first(), SplitValue.of(other).second())
                .bytes();
        assertThat(look(mixed)).isEqualTo(new Sighting.Absent(false));
    }

    @Test
    void aValueWithoutALengthIsRefusedByAStoreThatCuts() {
        byte[] broken = Arrays.copyOf(value, Envelope.BYTES + 3);
        assertThatIllegalArgumentException().isThrownBy(() -> cut(broken));
    }
}
