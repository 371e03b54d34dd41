package dev.coatcheck.store.appengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.appengine.api.memcache.MemcacheService;
import com.google.appengine.api.memcache.MemcacheServiceFactory;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.SampleValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;

/** Both stores on the local services, and what is behind their backs. */
abstract class ServiceTest {
    static final Duration LEASE = Duration.ofMinutes(20);

    final FakeClock clock = new FakeClock();
    final LocalServices services = LocalServices.start(clock);
    final AppEngineSessionStore memcache = services.memcache();
    final DatastoreSessionStore datastore = services.datastore();
    final Key key = SampleValue.key();

    @AfterEach
    final void stopServices() {
        services.close();
    }

    /** As another application would use it. */
    static MemcacheService others() {
        return MemcacheServiceFactory.getMemcacheService("");
    }

    static byte[] name(Key key) {
        return ("cc:" + key.text()).getBytes(StandardCharsets.US_ASCII);
    }

    Instant later() {
        return clock.instant().plus(Duration.ofHours(12));
    }

    static Version stored(Written written) {
        assertThat(written.outcome()).isEqualTo(Outcome.STORED);
        return Objects.requireNonNull(written.version());
    }

    Version create(SessionStore store) {
        return stored(store.create(key, SampleValue.live(1), LEASE));
    }

    Stored load(SessionStore store) {
        return store.load(key, LEASE).orElseThrow();
    }
}
