package dev.coatcheck.store.appengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.appengine.api.NamespaceManager;
import com.google.appengine.api.memcache.MemcacheServiceFactory;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionCache.Cached;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.test.SampleValue;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in memcache, who put it there, and how long it stays. */
class MemcacheContentsTest extends ServiceTest {

    // What is forgotten.

    @Test
    void whatWasEvictedIsGone() {
        Version seen = create(memcache);
        others().delete(name(key));
        assertThat(memcache.load(key, LEASE)).isEmpty();
        assertThat(memcache.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(memcache.renew(key, seen, LEASE)).isFalse();
        assertThat(memcache.end(key, seen, later())).isEqualTo(Outcome.GONE);
        assertThat(memcache.mayForget()).isTrue();
    }

    @Test
    void aFlushForgetsAllAndNothingComesBack() {
        create(memcache);
        Version seen = load(memcache).version();
        others().clearAll();
        assertThat(memcache.load(key, LEASE)).isEmpty();
        assertThat(memcache.replace(key, SampleValue.live(2), seen, LEASE).outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(memcache.load(key, LEASE)).isEmpty();
    }

    // Leases.

    @Test
    void aReadIsDueToBeRenewedAfterAQuarterOfTheLease() {
        create(memcache);
        clock.advance(LEASE.dividedBy(4).minusMillis(1));
        assertThat(load(memcache).renewalDue()).isFalse();
        assertThat(load(memcache).idleFor()).isEqualTo(Duration.ZERO);
        clock.advance(Duration.ofMillis(1));
        assertThat(load(memcache).renewalDue()).isTrue();
        clock.advance(Duration.ofMinutes(3));
        Stored found = load(memcache);
        assertThat(found.idleFor()).isEqualTo(Duration.ofMinutes(3));
        assertThat(memcache.renew(key, found.version(), LEASE)).isTrue();
        assertThat(load(memcache).renewalDue()).isFalse();
        assertThat(load(memcache).value()).isEqualTo(found.value());
    }

    /** Used a moment before a renewal was due, it has its whole lease from there, to the millisecond. */
    @Test
    void noLeaseEndsTooSoon() {
        Duration odd = Duration.ofMillis(20_001);
        stored(memcache.create(key, SampleValue.live(1), odd));
        clock.advance(odd.dividedBy(4).minusMillis(1));
        assertThat(memcache.load(key, odd).orElseThrow().renewalDue()).isFalse();
        clock.advance(odd);
        assertThat(memcache.load(key, odd)).isPresent();
        clock.advance(Duration.ofSeconds(2));
        assertThat(memcache.load(key, odd)).isEmpty();
    }

    @Test
    void aRenewalByAnotherRequestLeavesAVersionGood() {
        create(memcache);
        Stored seen = load(memcache);
        clock.advance(Duration.ofMinutes(6));
        assertThat(memcache.renew(key, load(memcache).version(), LEASE)).isTrue();
        assertThat(memcache.renew(key, seen.version(), LEASE))
                .as("done by another")
                .isTrue();
        stored(memcache.replace(key, SampleValue.live(2), seen.version(), LEASE));
        assertThat(memcache.renew(key, seen.version(), LEASE))
                .as("of what was replaced")
                .isFalse();
        Stored second = load(memcache);
        clock.advance(Duration.ofMinutes(6));
        assertThat(memcache.renew(key, load(memcache).version(), LEASE)).isTrue();
        assertThat(memcache.end(key, second.version(), later())).isEqualTo(Outcome.GONE);
    }

    @Test
    void whatEndsAKeyIsNeverDue() {
        stored(memcache.create(key, SampleValue.terminal(Envelope.Kind.FORWARD, later()), Duration.ofSeconds(15)));
        clock.advance(Duration.ofSeconds(14));
        Stored found = memcache.load(key, Duration.ofSeconds(15)).orElseThrow();
        assertThat(found.renewalDue()).isFalse();
        assertThat(found.idleFor()).isEqualTo(Duration.ofSeconds(14));
        clock.advance(Duration.ofSeconds(2));
        assertThat(memcache.load(key, Duration.ofSeconds(15))).isEmpty();
    }

    // Ends.

    /** A day is longer than any request lasts. */
    @Test
    void whatIsEndedIsNotCreatedAgainForADay() {
        assertThat(memcache.end(key, clock.instant().plus(Duration.ofDays(400))))
                .isTrue();
        assertThat(memcache.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.EXISTS);
        clock.advance(Duration.ofHours(23));
        assertThat(memcache.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.EXISTS);
    }

    /** A user's list is begun again. */
    @Test
    void whatIsEndedForNowCanBeCreatedAgain() {
        create(memcache);
        assertThat(memcache.end(key, Instant.EPOCH)).isTrue();
        Version seen = create(memcache);
        assertThat(memcache.end(key, seen, Instant.EPOCH)).isEqualTo(Outcome.GONE);
        assertThat(memcache.load(key, LEASE)).isEmpty();
        assertThat(memcache.see(key, LEASE)).isEmpty();
        create(memcache);
    }

    @Test
    void theMarkOfAnEndLastsUntilThen() {
        Version seen = create(memcache);
        Instant until = clock.instant().plus(Duration.ofHours(1));
        assertThat(memcache.end(key, seen, until)).isEqualTo(Outcome.GONE);
        assertThat(memcache.claim(key, LEASE)).isInstanceOf(Cached.Buried.class);
        assertThat(memcache.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.EXISTS);
        clock.advance(Duration.ofHours(1));
        assertThat(memcache.load(key, LEASE)).isEmpty();
        assertThat(memcache.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.EXISTS);
        clock.advance(Duration.ofSeconds(2));
        create(memcache);
    }

    // As a cache.

    @Test
    void oneOfManyCallersGetsTheClaim() {
        Cached.Claimed first = (Cached.Claimed) memcache.claim(key, LEASE);
        Cached.Claimed second = (Cached.Claimed) memcache.claim(key, LEASE);
        assertThat(first.own()).isTrue();
        assertThat(second.own()).isFalse();
        assertThat(first.claim().number()).isZero();
        stored(memcache.replace(key, SampleValue.live(1), first.claim(), LEASE));
        assertThat(memcache.replace(key, SampleValue.live(1), second.claim(), LEASE)
                        .outcome())
                .isEqualTo(Outcome.CONFLICT);
        assertThat(memcache.claim(key, LEASE)).isInstanceOf(Cached.Found.class);
    }

    @Test
    void whoWaitedLongMayFillAnothersClaim() {
        memcache.claim(key, LEASE);
        Cached.Claimed others = (Cached.Claimed) memcache.claim(key, LEASE);
        stored(memcache.replace(key, SampleValue.live(3), others.claim(), LEASE));
        assertThat(load(memcache).version().number()).isEqualTo(3);
    }

    @Test
    void aClaimLastsForSeconds() {
        Cached.Claimed dead = (Cached.Claimed) memcache.claim(key, LEASE);
        clock.advance(Duration.ofSeconds(6));
        Cached.Claimed next = (Cached.Claimed) memcache.claim(key, LEASE);
        assertThat(next.own()).isTrue();
        assertThat(memcache.replace(key, SampleValue.live(1), dead.claim(), LEASE)
                        .outcome())
                .isEqualTo(Outcome.CONFLICT);
    }

    @Test
    void aMarkTakesThePlaceOfAClaimAndOfAValue() {
        Cached.Claimed claim = (Cached.Claimed) memcache.claim(key, LEASE);
        assertThat(memcache.bury(key, later())).isTrue();
        assertThat(memcache.replace(key, SampleValue.live(1), claim.claim(), LEASE)
                        .outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(memcache.see(key, LEASE)).containsInstanceOf(Cached.Buried.class);
        assertThat(memcache.load(key, LEASE)).isEmpty();
    }

    @Test
    void aClaimIsKeptAwayByAnEnd() {
        memcache.end(key, later());
        Cached.Claimed claim = (Cached.Claimed) memcache.claim(key, LEASE);
        assertThat(memcache.replace(key, SampleValue.live(1), claim.claim(), LEASE)
                        .outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(memcache.see(key, LEASE)).isEmpty();
    }

    // What is none of ours.

    /** Of a class that nobody else has. */
    private record Stranger(int number) implements Serializable {}

    private void assertCorruptAndEnded(Object value) {
        others().put(name(key), value);
        Stored found = load(memcache);
        assertThatThrownBy(() -> Envelope.of(found.value())).isInstanceOf(IllegalArgumentException.class);
        assertThat(found.version().number()).isZero();
        assertThat(found.renewalDue()).isFalse();
        assertThat(memcache.end(key, found.version(), Instant.EPOCH)).isEqualTo(Outcome.GONE);
        assertThat(memcache.load(key, LEASE)).isEmpty();
    }

    @Test
    void whatIsNoneOfOursIsAValueThatIsNoSessionAndCanBeEnded() {
        assertCorruptAndEnded("text");
        assertCorruptAndEnded(7);
        assertCorruptAndEnded(new Stranger(7));
        assertCorruptAndEnded(new byte[0]);
        assertCorruptAndEnded(new byte[] {1, 2, 3});
        assertCorruptAndEnded(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0});
        assertCorruptAndEnded(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 0});
        assertCorruptAndEnded(new byte[] {9, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    }

    /** An object of a class that nobody has any more; a type that no client knows. The service's client can neither show nor compare them. */
    @Test
    void whatCannotBeReadIsAValueThatIsNoSessionAndCanBeEnded() {
        byte[] lost = {
            (byte) 0xAC,
            (byte) 0xED,
            0,
            5,
            's',
            'r',
            0,
            4,
            'g',
            'o',
            'n',
            'e',
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            2,
            0,
            0,
            'x',
            'p'
        };
        for (int flags : new int[] {2, 77}) {
            RawMemcache.put(name(key), lost, flags);
            Stored found = load(memcache);
            assertThat(found.value()).isEmpty();
            assertThat(memcache.replace(key, SampleValue.live(1), found.version(), LEASE)
                            .outcome())
                    .isEqualTo(Outcome.CONFLICT);
            assertThat(memcache.renew(key, found.version(), LEASE)).isFalse();
            assertThat(memcache.end(key, found.version(), Instant.EPOCH)).isEqualTo(Outcome.GONE);
            assertThat(memcache.load(key, LEASE)).isEmpty();
        }
    }

    /** Two requests have seen it; one of them has ended it and put something of its own there. */
    @Test
    void whatTookThePlaceOfSomethingUnreadableIsNotEndedWithIt() {
        RawMemcache.put(name(key), new byte[] {1, 2, 3}, 77);
        Version seen = load(memcache).version();
        assertThat(memcache.end(key, seen, Instant.EPOCH)).isEqualTo(Outcome.GONE);
        assertThat(memcache.end(key, seen, Instant.EPOCH)).isEqualTo(Outcome.GONE);
        create(memcache);
        assertThat(memcache.end(key, seen, later())).isEqualTo(Outcome.CONFLICT);
        assertThat(memcache.load(key, LEASE)).isPresent();
    }

    /** A newer release may store something else, which this one must not call corrupt. */
    @Test
    void whatANewerReleaseHasPutThereIsHandedOnAsItIs() {
        byte[] newer = {0x5A, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        others().put(name(key), newer);
        assertThat(load(memcache).value()).isEqualTo(newer);
    }

    // Namespaces and sizes.

    @Test
    void theRequestsNamespaceDoesNotMatter() {
        create(memcache);
        NamespaceManager.set("tenant");
        assertThat(memcache.load(key, LEASE)).isPresent();
        AppEngineSessionStore other = new AppEngineSessionStore(LocalServices.PATIENCE, "tenant", clock);
        assertThat(other.load(key, LEASE)).isEmpty();
        stored(other.create(key, SampleValue.live(1), LEASE));
        assertThat(MemcacheServiceFactory.getMemcacheService("tenant").contains(name(key)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1_000_000 - Envelope.BYTES})
    void aValueOfAMillionBytesIsStored(int body) {
        byte[] value = SampleValue.live(1, body);
        stored(memcache.create(key, value, LEASE));
        assertThat(load(memcache).value()).isEqualTo(value);
    }

    @Test
    void aLargerValueIsRefusedBeforeAnyCall() {
        byte[] value = SampleValue.live(1, 1_000_001 - Envelope.BYTES);
        assertThat(services.during(() -> {
                    assertThatThrownBy(() -> memcache.create(key, value, LEASE))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("1000001");
                    assertThatThrownBy(() -> datastore.create(key, value, LEASE))
                            .isInstanceOf(IllegalArgumentException.class);
                }))
                .isEqualTo("none");
        assertThat(memcache.maxValueBytes()).isEqualTo(1_000_000);
        assertThat(datastore.maxValueBytes()).isEqualTo(1_000_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void noLeaseIsAccepted(long seconds) {
        assertThatThrownBy(() -> memcache.create(key, SampleValue.live(1), Duration.ofSeconds(seconds)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> datastore.create(key, SampleValue.live(1), Duration.ofSeconds(seconds)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLeaseBeyondEveryDateLasts() {
        stored(memcache.create(key, SampleValue.live(1), Duration.ofSeconds(Long.MAX_VALUE)));
        assertThat(memcache.load(key, LEASE)).isPresent();
        stored(datastore.create(key, SampleValue.live(1), Duration.ofSeconds(Long.MAX_VALUE)));
        assertThat(datastore.load(key, LEASE)).isPresent();
    }

    @Test
    void theHealthHasWhatMemcacheCounts() {
        create(memcache);
        memcache.load(key, LEASE);
        var part = memcache.health().parts().get(0);
        assertThat(part.name()).isEqualTo("memcache");
        assertThat(part.figures())
                .containsEntry("items", 1L)
                .containsEntry("hits", 1L)
                .containsKeys("bytes", "misses");
    }
}
