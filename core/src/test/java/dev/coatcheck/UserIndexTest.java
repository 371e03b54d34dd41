package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.SessionManager.WhenFull;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How an index is written at its limits. */
class UserIndexTest {
    private final StepWorld world = new StepWorld();
    private final HookedStore store = new HookedStore(world.clock);
    private final Driver driver = new Driver(store, world.counters);

    private UserIndex index(int maxBytes) {
        return new UserIndex(
                world.protocol, new IndexPolicy(null, 0, WhenFull.END_OLDEST, Duration.ofDays(30), maxBytes));
    }

    private Entrance entrance(UserIndex index) {
        UnconfirmedEnds ends = new UnconfirmedEnds(world.protocol, driver, new RequestChores(() -> 0));
        return new Entrance(
                world.protocol, index, new SignOut(world.protocol, index, new Burial(world.protocol), ends));
    }

    private void enter(UserIndex index, String device, String label) {
        Instant now = world.clock.instant();
        Entering entering = new Entering(
                "alice",
                device,
                now,
                Place.of(world.place()),
                now.plus(Duration.ofDays(1)),
                null,
                null,
                true,
                new DeviceHint(label, null));
        driver.run(entrance(index).<Boolean>enter(entering, () -> new Step.Done<>(true)));
    }

    private DeviceIndex stored(UserIndex index) {
        return driver.run(index.find("alice", true, seen -> new Step.Done<>(seen.index())));
    }

    @Test
    void whereLabelsLeaveNoRoomTheLabelsGo() {
        UserIndex index = index(2_000);
        List<String> devices = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            enter(index, "device" + i, "\u20AC".repeat(120));
            devices.add("device" + i);
        }
        assertThat(stored(index).entries()).extracting(IndexEntry::device).containsExactlyElementsOf(devices);
        assertThat(stored(index).entries().subList(0, 4))
                .extracting(IndexEntry::label)
                .containsOnlyNulls();
    }

    @Test
    void whereEvenThePlacesLeaveNoRoomTheOldestSessionsEnd() {
        UserIndex index = index(1_024);
        assertThat(index.policy().maxEntries()).isEqualTo(5);
        for (int i = 0; i < 9; i++) {
            enter(index, "device" + i, null);
            world.clock.forward(Duration.ofSeconds(1));
        }
        assertThat(stored(index).entries())
                .extracting(IndexEntry::device)
                .containsExactly("device4", "device5", "device6", "device7", "device8");
    }

    @Test
    void anIndexWhoseNumbersAreUsedUpIsBegunAgainWithAllThatItHolds() {
        UserIndex index = index(100_000);
        Address at = index.addresses("alice").get(0);
        enter(index, "old", null);
        Instant since = stored(index).since();
        world.clock.forward(Duration.ofSeconds(1));
        // As if written a million times: the store's number and the envelope's are both at the end.
        store.found = found -> {
            byte[] value = world.values.index(
                    at, opened(found.value(), at), world.clock.instant(), Envelope.LAST_VERSION, List.of(1L));
            return new SessionStore.Stored(value, new Last(found.version()), found.idleFor());
        };
        store.unwrap = version -> version instanceof Last last ? last.real() : version;
        enter(index, "new", null);
        store.found = null;
        DeviceIndex now = stored(index);
        assertThat(now.entries()).extracting(IndexEntry::device).containsExactly("old", "new");
        assertThat(now.since()).isEqualTo(since);
        assertThat(store.load(at.key(), Duration.ofDays(1))
                        .orElseThrow()
                        .version()
                        .number())
                .isEqualTo(1);
    }

    private record Last(SessionStore.Version real) implements SessionStore.Version {
        @Override
        public long number() {
            return Envelope.LAST_VERSION;
        }
    }

    private DeviceIndex opened(byte[] value, Address at) {
        try {
            return IndexCodec.decode(new RecordSeal(world.derivation).open(value, at.sealKey(), at.key()));
        } catch (RecordCodec.MalformedRecordException | SealBrokenException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aKeyThatATombstoneTookIsLeftAsItIs() {
        Burial burial = new Burial(world.protocol);
        Place place = Place.of(world.place());
        Instant end = world.clock.instant().plus(Duration.ofHours(1));
        for (int i = 0; i < 3; i++) {
            Burial.Buried buried = driver.run(burial.of(place, end, Step.Done<Burial.Buried>::new));
            assertThat(buried).isEqualTo(new Burial.Buried(false, true));
            Written late = store.create(place.key(), new byte[100], Duration.ofMinutes(20));
            assertThat(late.outcome()).isEqualTo(SessionStore.Outcome.EXISTS);
        }
        world.clock.forward(Duration.ofMinutes(59));
        assertThat(store.peek(place.key(), Duration.ofMinutes(20))).isPresent();
    }
}
