package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What becomes of a user's index when sessions come, move and go. */
class DeviceIndexTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final StepWorld world = new StepWorld();

    private Place place() {
        return Place.of(world.place());
    }

    private static Entering entering(String device, Place place, String formerDevice, Place formerPlace) {
        return new Entering(
                "alice",
                device,
                NOW,
                place,
                NOW.plus(Duration.ofHours(12)),
                formerDevice,
                formerPlace,
                !device.equals(formerDevice),
                new DeviceHint("label of " + device, null));
    }

    private static DeviceIndex entered(DeviceIndex index, Entering entering) {
        return index.entered(entering, NOW);
    }

    private static List<Place> places(DeviceIndex index, String device) {
        return Objects.requireNonNull(index.entry(device)).places();
    }

    @Test
    void aRotationPutsTheNewPlaceAheadOfTheOldOne() {
        Place a = place();
        Place b = place();
        Place c = place();
        DeviceIndex index = entered(DeviceIndex.empty(NOW), entering("one", a, null, null));
        index = entered(index, entering("one", b, "one", a));
        assertThat(places(index, "one")).containsExactly(b, a);
        index = entered(index, entering("one", c, "one", b));
        assertThat(places(index, "one")).containsExactly(c, b);
        assertThat(index.entries()).hasSize(1);
    }

    @Test
    void ofRotationsAtOnceEachPlaceStaysUntilItIsKnownWhichWon() {
        Place old = place();
        Place a = place();
        Place b = place();
        Place c = place();
        DeviceIndex index = entered(DeviceIndex.empty(NOW), entering("one", old, null, null));
        index = entered(index, entering("one", a, "one", old));
        index = entered(index, entering("one", b, "one", old));
        assertThat(places(index, "one")).containsExactly(b, a, old);
        // The first one won: b may still be under way, the oldest has lost.
        index = entered(index, entering("one", c, "one", a));
        assertThat(places(index, "one")).containsExactly(c, b, a);
    }

    @Test
    void rotationsAtOnceHaveALimit() {
        List<Place> before = new ArrayList<>();
        for (int i = 0; i < IndexEntry.MAX_PLACES - 2; i++) {
            before.add(place());
        }
        Place old = place();
        assertThat(IndexEntry.moved(before, place(), old)).hasSize(IndexEntry.MAX_PLACES);
        before.add(place());
        assertThatThrownBy(() -> IndexEntry.moved(before, place(), old)).isInstanceOf(SessionConflictException.class);
    }

    @Test
    void aNewSignInTakesThePlacesOfTheOldOneOver() {
        Place a = place();
        Place b = place();
        DeviceIndex index = entered(DeviceIndex.empty(NOW), entering("one", a, null, null));
        index = entered(index, entering("two", b, "one", a));
        assertThat(index.entries()).extracting(IndexEntry::device).containsExactly("two");
        assertThat(places(index, "two")).containsExactly(b, a);
        assertThat(index.entries().get(0).label()).isEqualTo("label of two");
    }

    @Test
    void anEntryThatStaysWhereItIsMayOnlyLastLonger() {
        Place a = place();
        Place b = place();
        DeviceIndex index = entered(DeviceIndex.empty(NOW), entering("one", a, null, null));
        index = entered(index, entering("one", b, "one", a));
        Entering longer =
                new Entering("alice", "one", NOW, b, NOW.plus(Duration.ofDays(30)), "one", b, false, DeviceHint.NONE);
        index = entered(index, longer);
        assertThat(places(index, "one")).containsExactly(b, a);
        assertThat(index.entries().get(0).end()).isEqualTo(NOW.plus(Duration.ofDays(30)));
        assertThat(index.entries().get(0).label()).isEqualTo("label of one");
        index = entered(index, entering("one", place(), "one", b));
        assertThat(index.entries().get(0).end()).isEqualTo(NOW.plus(Duration.ofDays(30)));
    }

    @Test
    void anEntryOutlivesItsEndByTenMinutes() {
        DeviceIndex index = entered(DeviceIndex.empty(NOW), entering("one", place(), null, null));
        Instant end = NOW.plus(Duration.ofHours(12));
        assertThat(index.pruned(end.plus(Duration.ofMinutes(10))).entries()).hasSize(1);
        assertThat(index.pruned(end.plus(Duration.ofMinutes(10)).plusMillis(1)).entries())
                .isEmpty();
    }

    @Test
    void theDeadAndTheOldestAreChosenButNotTheOneThatComes() {
        DeviceIndex index = DeviceIndex.empty(NOW);
        for (int i = 0; i < 4; i++) {
            Entering one = new Entering(
                    "alice",
                    "d" + i,
                    NOW.minusSeconds(i),
                    place(),
                    NOW.plusSeconds(60),
                    null,
                    null,
                    true,
                    DeviceHint.NONE);
            index = entered(index, one);
        }
        DeviceIndex chosen = index.ending(List.of(index.entries().get(0)), 2, "d3");
        assertThat(chosen.ending()).extracting(IndexEntry::device).containsExactly("d0", "d1", "d2");
        assertThat(chosen.current()).extracting(IndexEntry::device).containsExactly("d3");
    }

    /** The latest deadline that the session may be given without another word to the index. */
    @Test
    void anEntryLastsAsLongAsItsSessionMay() {
        Address at = world.place();
        SessionRecord signedIn = world.record()
                .signedIn(new SessionRecord.Login("alice", "one", world.clock.instant()))
                .withDeadline(world.clock.instant().plusSeconds(5));
        Protocol.Lifetimes lifetimes = world.protocol.lifetimes();
        Entering entering = Entering.of(signedIn, at, null, lifetimes, DeviceHint.NONE);
        assertThat(entering.end()).isEqualTo(signedIn.createdAt().plus(lifetimes.absolute()));
        assertThat(entering.isNew()).isTrue();
        SessionRecord remembered =
                signedIn.asRemembered(Duration.ofDays(1), world.clock.instant().plus(Duration.ofDays(2)));
        assertThat(Entering.of(remembered, at, null, lifetimes, DeviceHint.NONE).end())
                .isEqualTo(signedIn.createdAt().plus(lifetimes.rememberedAbsolute()));
    }

    @Test
    void textsShowNoUserKeyHandleOrLabel() {
        Place a = place();
        Entering entering = entering("handle-7", a, null, null);
        DeviceIndex index = entered(DeviceIndex.empty(NOW), entering);
        for (Object shown : List.of(entering, a, index, index.entries().get(0))) {
            assertThat(shown.toString()).doesNotContain("alice", a.key().text(), "label of", "handle-7");
        }
    }
}
