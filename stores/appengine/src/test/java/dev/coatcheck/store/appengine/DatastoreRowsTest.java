package dev.coatcheck.store.appengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.appengine.api.NamespaceManager;
import com.google.appengine.api.datastore.Blob;
import com.google.appengine.api.datastore.DatastoreService;
import com.google.appengine.api.datastore.DatastoreServiceFactory;
import com.google.appengine.api.datastore.Entity;
import com.google.appengine.api.datastore.FetchOptions;
import com.google.appengine.api.datastore.KeyFactory;
import com.google.appengine.api.datastore.Query;
import com.google.apphosting.api.ApiProxy;
import com.google.apphosting.api.ApiProxy.Environment;
import dev.coatcheck.DurableSessionStore.Expired;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.test.SampleValue;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The entities, their times and who else may see them. */
class DatastoreRowsTest extends ServiceTest {
    private static DatastoreService entities() {
        return DatastoreServiceFactory.getDatastoreService();
    }

    private static List<Entity> entities(String kind, Query.Filter filter) {
        return entities().prepare(new Query(kind).setFilter(filter)).asList(FetchOptions.Builder.withDefaults());
    }

    @Test
    void anEntityHasItsTimesAndOnlyItsEndIsIndexed() {
        stored(datastore.create(key, SampleValue.live(1), Duration.ofMinutes(20)));
        Entity entity = entities("CoatcheckSession", null).get(0);
        assertThat(entity.getKey().getName()).isEqualTo("cc:" + key.text());
        assertThat(entity.getProperties().keySet())
                .containsExactlyInAnyOrder("content", "version", "writeId", "accessedAt", "expiresAt");
        assertThat(entity.getProperties().keySet().stream().filter(name -> !entity.isUnindexedProperty(name)))
                .containsExactly("expiresAt");
        assertThat(entity.getProperty("expiresAt"))
                .isEqualTo(Date.from(clock.instant().plus(Duration.ofMinutes(25))));
        assertThat(entity.getProperty("content")).isInstanceOf(Blob.class);
    }

    @Test
    void aReadIsDueToBeRenewedAfterAQuarterOfTheLease() {
        create(datastore);
        clock.advance(Duration.ofMinutes(4));
        assertThat(load(datastore).renewalDue()).isFalse();
        clock.advance(Duration.ofMinutes(4));
        Stored found = load(datastore);
        assertThat(found.renewalDue()).isTrue();
        assertThat(found.idleFor()).isEqualTo(Duration.ofMinutes(3));
        assertThat(datastore.peek(key, LEASE).orElseThrow().idleFor()).isEqualTo(Duration.ofMinutes(8));
        assertThat(datastore.renew(key, found.version(), LEASE)).isTrue();
        assertThat(load(datastore).renewalDue()).isFalse();
        assertThat(load(datastore).value()).isEqualTo(found.value());
        assertThat(load(datastore).version()).isEqualTo(found.version());
    }

    @Test
    void whatEndsAKeyIsNeverDueAndLivesNoLonger() {
        Duration grace = Duration.ofSeconds(15);
        stored(datastore.create(key, SampleValue.terminal(Envelope.Kind.FORWARD, later()), grace));
        clock.advance(Duration.ofSeconds(14));
        assertThat(datastore.load(key, grace).orElseThrow().renewalDue()).isFalse();
        clock.advance(Duration.ofSeconds(1));
        assertThat(datastore.load(key, grace)).isEmpty();
    }

    /** It stays there until it is swept. */
    @Test
    void whatHasExpiredIsNotShownAndCanBeRenewedOrCreatedAgain() {
        Version seen = create(datastore);
        clock.advance(LEASE.multipliedBy(2));
        assertThat(datastore.load(key, LEASE)).isEmpty();
        assertThat(datastore.peek(key, LEASE)).isEmpty();
        assertThat(datastore.end(key, seen, later())).isEqualTo(Outcome.GONE);
        assertThat(datastore.renew(key, seen, LEASE)).isTrue();
        assertThat(datastore.load(key, LEASE)).isPresent();
        clock.advance(LEASE.multipliedBy(2));
        stored(datastore.create(key, SampleValue.live(1), LEASE));
        assertThat(datastore.renew(key, seen, LEASE)).as("of what was replaced").isFalse();
    }

    @Test
    void aSweepDeletesWhatHasExpiredTheOldestFirst() {
        Key second = SampleValue.key();
        Key third = SampleValue.key();
        create(datastore);
        stored(datastore.create(second, SampleValue.live(1), LEASE.plusSeconds(60)));
        stored(datastore.create(third, SampleValue.live(1), LEASE.multipliedBy(20)));
        clock.advance(LEASE.multipliedBy(2));
        assertThat(datastore.expired(1)).extracting(Expired::key).containsExactly(key);
        assertThat(datastore.expired(10)).extracting(Expired::key).containsExactly(key, second);
        assertThat(datastore.sweep(1)).containsExactly(key);
        assertThat(datastore.sweep(10)).containsExactly(second);
        assertThat(datastore.sweep(10)).isEmpty();
        assertThat(entities("CoatcheckSession", null)).hasSize(1);
        assertThat(datastore.needsSweep()).isTrue();
        assertThat(datastore.mayForget()).isFalse();
    }

    @Test
    void whatWasRenewedSinceItWasListedIsNotSwept() {
        Version seen = create(datastore);
        clock.advance(LEASE.multipliedBy(2));
        Expired listed = datastore.expired(10).get(0);
        assertThat(datastore.renew(key, seen, LEASE)).isTrue();
        assertThat(datastore.sweep(listed)).isFalse();
        assertThat(datastore.load(key, LEASE)).isPresent();
        clock.advance(LEASE.multipliedBy(2));
        assertThat(datastore.sweep(listed)).isTrue();
        assertThat(datastore.sweep(listed)).as("to one caller alone").isFalse();
    }

    @Test
    void theRequestsNamespaceDoesNotMatterAndStays() {
        create(datastore);
        NamespaceManager.set("tenant");
        Version seen = load(datastore).version();
        stored(datastore.replace(key, SampleValue.live(2), seen, LEASE));
        clock.advance(LEASE.multipliedBy(2));
        assertThat(datastore.expired(10)).hasSize(1);
        assertThat(NamespaceManager.get()).isEqualTo("tenant");
        NamespaceManager.set(null);
        assertThat(datastore.sweep(10)).containsExactly(key);
        assertThat(NamespaceManager.get()).isNull();

        var other = new DatastoreSessionStore(LocalServices.PATIENCE, "tenant", "Visit", clock);
        stored(other.create(key, SampleValue.live(1), LEASE));
        assertThat(datastore.load(key, LEASE)).isEmpty();
        NamespaceManager.set("tenant");
        assertThat(entities("Visit", null)).hasSize(1);
    }

    /** They share its environment, and an attribute of that is the namespace. */
    @Test
    void theRequestsOtherThreadsNeverMeetOurNamespace() {
        Environment request = ApiProxy.getCurrentEnvironment();
        List<Object> met = new ArrayList<>();
        Map<String, Object> attributes = new HashMap<>(request.getAttributes()) {
            private static final long serialVersionUID = 1L;

            @Override
            public Object put(String name, Object value) {
                if (name.startsWith(NamespaceManager.class.getName())) {
                    met.add(value);
                }
                return super.put(name, value);
            }
        };
        ApiProxy.setEnvironmentForCurrentThread((Environment) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Environment.class},
                (proxy, method, arguments) ->
                        method.getName().equals("getAttributes") ? attributes : method.invoke(request, arguments)));
        try {
            NamespaceManager.set("tenant");
            create(datastore);
            clock.advance(LEASE.multipliedBy(2));
            assertThat(datastore.sweep(10)).containsExactly(key);
            assertThat(NamespaceManager.get()).isEqualTo("tenant");
            assertThat(met).containsOnly("tenant");
        } finally {
            ApiProxy.setEnvironmentForCurrentThread(request);
        }
    }

    /** Datastore keeps such names for itself. */
    @Test
    void aKeyThatLooksLikeOneOfDatastoresOwnIsAKey() {
        Key reserved = Key.of("__" + "x".repeat(28) + "__");
        stored(datastore.create(reserved, SampleValue.live(1), LEASE));
        assertThat(datastore.load(reserved, LEASE)).isPresent();
    }

    @Test
    void whatIsNoneOfOursIsAValueThatIsNoSessionAndCanBeEnded() {
        Entity foreign = new Entity(KeyFactory.createKey("CoatcheckSession", "cc:" + key.text()));
        foreign.setProperty("content", "text");
        entities().put(foreign);
        Stored found = load(datastore);
        assertThat(found.value()).isEmpty();
        assertThat(found.renewalDue()).isFalse();
        assertThat(datastore.renew(key, found.version(), LEASE)).isFalse();
        assertThat(datastore.end(key, found.version(), Instant.EPOCH)).isEqualTo(Outcome.GONE);
        assertThat(datastore.load(key, LEASE)).isEmpty();
    }

    @Test
    void aSweepPassesByWhatHasNoKeyOfOursAndDeletesWhatIsNoValue() {
        for (Entity stranger : List.of(
                new Entity("CoatcheckSession"),
                new Entity("CoatcheckSession", 7),
                new Entity("CoatcheckSession", "text"),
                new Entity("CoatcheckSession", "cc:text"))) {
            stranger.setProperty("expiresAt", Date.from(Instant.EPOCH));
            entities().put(stranger);
        }
        Key spoiled = SampleValue.key();
        Entity broken = new Entity("CoatcheckSession", "cc:" + spoiled.text());
        broken.setProperty("expiresAt", Date.from(Instant.EPOCH));
        entities().put(broken);
        create(datastore);
        clock.advance(LEASE.multipliedBy(2));
        assertThat(datastore.sweep(1)).containsExactly(spoiled);
        assertThat(datastore.sweep(1)).containsExactly(key);
        assertThat(datastore.sweep(1)).isEmpty();
        assertThat(entities("CoatcheckSession", null)).hasSize(4);
    }

    @Test
    void theVersionOfAnEnvelopeIsThatOfTheStoredValue() {
        byte[] value = SampleValue.live(1);
        Version version = stored(datastore.create(key, value, LEASE));
        assertThat(datastore.version(Envelope.of(value))).isEqualTo(version);
        assertThat(load(datastore).version()).isEqualTo(version);
    }
}
