package dev.coatcheck.store.appengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.appengine.api.capabilities.Capability;
import com.google.appengine.api.capabilities.CapabilityStatus;
import com.google.appengine.tools.development.testing.LocalCapabilitiesServiceTestConfig;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Services that are switched off, as Google's local one for capabilities says it. */
class CapabilityTest {
    private static final Duration LEASE = Duration.ofMinutes(20);

    private static LocalCapabilitiesServiceTestConfig off(Capability capability) {
        return new LocalCapabilitiesServiceTestConfig().setCapabilityStatus(capability, CapabilityStatus.DISABLED);
    }

    @Test
    void memcacheThatIsSwitchedOffIsAwayAndNotEmpty() {
        try (LocalServices services = LocalServices.start(new FakeClock(), off(Capability.MEMCACHE))) {
            AppEngineSessionStore store = services.memcache();
            assertThatThrownBy(() -> store.load(SampleValue.key(), LEASE))
                    .isInstanceOf(SessionUnavailableException.class)
                    .hasMessageContaining("CapabilityDisabledException");
            assertThatThrownBy(() -> store.create(SampleValue.key(), SampleValue.live(1), LEASE))
                    .isInstanceOf(SessionUnavailableException.class);
            assertThat(store.health().state()).isEqualTo(StoreHealth.State.DOWN);
        }
    }

    @Test
    void aDatastoreThatTakesNoWritesCanBeRead() {
        try (LocalServices services = LocalServices.start(new FakeClock(), off(Capability.DATASTORE_WRITE))) {
            DatastoreSessionStore store = services.datastore();
            assertThat(store.load(SampleValue.key(), LEASE)).isEmpty();
            assertThatThrownBy(() -> store.create(SampleValue.key(), SampleValue.live(1), LEASE))
                    .isInstanceOf(SessionUnavailableException.class)
                    .hasMessageContaining("CapabilityDisabledException");
            assertThat(store.end(SampleValue.key(), FakeClock.START)).isFalse();
            assertThat(store.health().has(StoreHealth.Trouble.REFUSES_WRITES)).isTrue();
        }
    }

    /** Every request asks Datastore then. */
    @Test
    void withoutMemcacheTheTwoTiersServeFromDatastore() {
        try (LocalServices services = LocalServices.start(new FakeClock(), off(Capability.MEMCACHE))) {
            var store = services.both();
            var key = SampleValue.key();
            assertThat(store.create(key, SampleValue.live(1), LEASE).outcome()).isEqualTo(Outcome.STORED);
            var found = store.load(key, LEASE).orElseThrow();
            assertThat(store.replace(key, SampleValue.live(2), found.version(), LEASE)
                            .outcome())
                    .isEqualTo(Outcome.STORED);
            assertThat(store.load(key, LEASE).orElseThrow().version().number()).isEqualTo(2);
            assertThat(store.health().state()).isEqualTo(StoreHealth.State.DEGRADED);
            store.close();
        }
    }
}
