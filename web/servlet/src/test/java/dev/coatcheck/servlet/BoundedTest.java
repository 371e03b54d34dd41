package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.servlet.Sightings.Seen;
import org.junit.jupiter.api.Test;

/** What one process keeps of many sessions: never more than it may. */
class BoundedTest {
    @Test
    void whatWasNotUsedForLongestIsForgotten() {
        Bounded<Integer> two = new Bounded<>(2);
        two.change("a", none -> 1);
        two.change("b", none -> 2);
        assertThat(two.get("a")).isEqualTo(1);
        two.change("c", none -> 3);

        assertThat(two.get("b")).isNull();
        assertThat(two.get("a")).isEqualTo(1);
        assertThat(two.get("c")).isEqualTo(3);
    }

    @Test
    void aChangeToNullRemoves() {
        Bounded<Integer> some = new Bounded<>(2);
        some.change("a", none -> 1);
        some.change("a", one -> null);

        assertThat(some.get("a")).isNull();
        assertThat(some.remove("a")).isNull();
    }

    @Test
    void valuesOfTenThousandSessionsAreKept() {
        ProcessValues values = new ProcessValues();
        for (int i = 0; i < 10_000; i++) {
            values.put("session" + i, "guest", i);
        }
        assertThat(values.get("session0", "guest")).as("used last by now").isEqualTo(0);
        values.put("one more", "guest", -1);

        assertThat(values.get("session0", "guest")).isEqualTo(0);
        assertThat(values.get("session1", "guest")).isNull();
        assertThat(values.get("session2", "guest")).isEqualTo(2);
    }

    @Test
    void sightingsOfTenThousandSessionsAreKept() {
        Sightings sightings = new Sightings();
        for (int i = 0; i < 10_001; i++) {
            sightings.alive("session" + i, 3, 5);
        }

        assertThat(sightings.next("session0", 7)).isEqualTo(Seen.NEVER);
        assertThat(sightings.next("session1", 7)).isEqualTo(new Seen(3, 5));
    }

    @Test
    void onlyTicketsOfLiveSessionsAreNoted() {
        Sightings sightings = new Sightings();
        sightings.next("forged", 1);
        assertThat(sightings.next("forged", 2)).isEqualTo(Seen.NEVER);

        sightings.alive("live", 3, 5);
        assertThat(sightings.next("live", 7)).isEqualTo(new Seen(3, 5));
        assertThat(sightings.next("live", 9)).isEqualTo(new Seen(7, 7));
    }

    @Test
    void theLaterRequestCountsWhicheverEndsFirst() {
        Sightings sightings = new Sightings();
        sightings.alive("live", 3, 5);
        sightings.next("live", 7);
        sightings.alive("live", 3, 20);

        assertThat(sightings.next("live", 30)).isEqualTo(new Seen(7, 7));
    }

    @Test
    void theStoreKnowsBetterWhenAnotherProcessWasTheLast() {
        Seen seen = new Seen(10_000, 12_000);

        assertThat(seen.lastAccess(9_000)).isEqualTo(10_000);
        assertThat(seen.lastAccess(13_000)).isEqualTo(10_000);
        assertThat(seen.lastAccess(13_001)).isEqualTo(13_001);
        assertThat(Seen.NEVER.lastAccess(13_001)).isEqualTo(13_001);
    }
}
