package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Envelope;
import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.test.SecretSearch;
import dev.coatcheck.test.TestBrowser;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Somebody who can read memcached and write to it: he learns nothing there, and is nobody but himself. */
class StrangerTest extends TwoNodes {
    private static final SessionKey<String> NOTE = SessionKey.of("note", String.class);
    private static final long TERMINAL = 4_294_963_200L;

    private final OneMemcached memcached = new OneMemcached();

    StrangerTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return memcached.direct();
    }

    @Override
    SessionStore openSecond() {
        return memcached.direct();
    }

    @Override
    void stopServers() {
        memcached.stop();
    }

    /** A browser whose session is the only one in the store since the last; and its key there. */
    private record Owned(TestBrowser browser, String key) {}

    private Owned session(SessionManager node, String user) {
        Set<String> before = memcached.server.keys();
        TestBrowser browser = new TestBrowser(node, clock);
        browser.visit(session -> {
            session.login(user);
            session.set(NOTE, "of " + user);
        });
        Set<String> added = new TreeSet<>(memcached.server.keys());
        added.removeAll(before);
        added.removeIf(key -> kind(key) == Envelope.Kind.INDEX);
        assertThat(added).hasSize(1);
        return new Owned(browser, added.iterator().next());
    }

    private Envelope.Kind kind(String key) {
        return Envelope.of(memcached.server.get(key).orElseThrow()).kind();
    }

    private byte[] stored(Owned session) {
        return memcached.server.get(session.key).orElseThrow();
    }

    private void plant(Owned session, byte[] value, long flags) {
        try (MemcachedClient stranger =
                MemcachedClient.builder().node(memcached.server.address()).build()) {
            stranger.execute(Command.set(session.key, value).clientFlags(flags).expire(600));
        }
    }

    /** The value is no session, is reported, and is not deleted by that. */
    private void assertRefused(Owned victim, byte[] value, long flags) {
        byte[] genuine = stored(victim);
        long genuineFlags = flagsOf(victim);
        plant(victim, value, flags);
        long before = one.stats().corrupt();
        events.clear();
        assertThat(victim.browser.<String>request(Session::userId)).isNull();
        assertThat(victim.browser.<String>request(session -> session.get(NOTE))).isNull();
        assertThat(one.stats().corrupt()).isEqualTo(before + 2);
        assertThat(kinds()).contains(Kind.CORRUPT);
        plant(victim, genuine, genuineFlags);
        assertThat(victim.browser.<String>request(Session::userId)).isNotNull();
    }

    private long flagsOf(Owned session) {
        try (MemcachedClient stranger =
                MemcachedClient.builder().node(memcached.server.address()).build()) {
            return stranger.execute(Command.get(session.key).flags()).flags();
        }
    }

    @Test
    void withoutAKeyRingTheStartFailsAndPrintsAFreshKey() {
        assertThatThrownBy(() -> SessionManager.builder().store(store).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("keyRing", "COATCHECK_KEYS")
                .satisfies(thrown -> {
                    String ring = thrown.getMessage().replaceAll("(?s).*A fresh one: (\\S+).*", "$1");
                    SessionManager.builder()
                            .store(store)
                            .keyRing(KeyRing.parse(ring))
                            .build()
                            .close();
                });
    }

    @Test
    void aValueThatAStrangerSealedUnderASecretOfHisOwnIsRefused() {
        Owned victim = session(one, "alice");
        try (SessionManager withoutRing = SessionManager.builder()
                        .store(store)
                        .withoutKeyRing()
                        .clock(clock)
                        .build();
                SessionManager otherRing =
                        node().keyRing(KeyRing.parse(KeyRing.generate())).build()) {
            for (SessionManager strangers : List.of(withoutRing, otherRing)) {
                Owned made = session(strangers, "admin");
                assertRefused(victim, stored(made), flagsOf(made));
                events.clear();
                assertThat(made.browser.through(one).<String>request(Session::userId))
                        .as("his ticket is none either")
                        .isNull();
                assertThat(kinds()).containsExactly(Kind.REJECTED);
            }
        }
    }

    @Test
    void anotherSessionsValueIsRefused() {
        Owned victim = session(one, "alice");
        Owned own = session(one, "mallory");
        assertRefused(victim, stored(own), flagsOf(own));
        assertRefused(own, stored(victim), flagsOf(victim));
    }

    @Test
    void forgedFlagsChangeNothing() {
        Owned victim = session(one, "alice");
        byte[] genuine = stored(victim);
        for (long flags : new long[] {
            0, 2 << 12, 1_000_000L << 12, TERMINAL, TERMINAL + 1, TERMINAL + 2, TERMINAL + 3, TERMINAL + 4_095
        }) {
            plant(victim, genuine, flags);
            assertThat(victim.browser.<String>request(Session::userId)).isEqualTo("alice");
        }
        assertThat(one.stats().corrupt()).isZero();
    }

    @Test
    void whatWasNeverSealedIsRefused() {
        Owned victim = session(one, "alice");
        byte[] genuine = stored(victim);
        byte[] serialized = new byte[300];
        serialized[0] = (byte) 0xAC;
        serialized[1] = (byte) 0xED;
        serialized[3] = 5;
        byte[] bent = genuine.clone();
        bent[bent.length - 1] ^= 1;
        byte[] longer = Arrays.copyOf(genuine, genuine.length + 1);
        List<byte[]> values = new ArrayList<>(List.of(
                new byte[0],
                new byte[1],
                new byte[80],
                new byte[200_000],
                serialized,
                "{\"user\":\"admin\"}".getBytes(StandardCharsets.UTF_8),
                bent,
                longer,
                Arrays.copyOf(genuine, 80),
                Arrays.copyOf(genuine, genuine.length - 1)));
        for (int kind = 0; kind < 9; kind++) {
            byte[] value = genuine.clone();
            value[1] = (byte) kind;
            if (kind != 1) {
                values.add(value);
            }
        }
        for (byte[] value : values) {
            assertRefused(victim, value, flagsOf(victim));
            assertRefused(victim, value, TERMINAL + 1);
        }
    }

    /** Not even read: the connection is given up, and the session is there when the value is. */
    @Test
    void aValueLargerThanAnyOfOursIsUnavailable() {
        Owned victim = session(one, "alice");
        byte[] genuine = stored(victim);
        long flags = flagsOf(victim);
        plant(victim, new byte[1_000_001], flags);
        assertThatThrownBy(() -> victim.browser.visit(Session::userId)).isInstanceOf(SessionUnavailableException.class);
        plant(victim, genuine, flags);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> "alice".equals(victim.browser.<String>request(Session::userId)));
    }

    @Test
    void aDumpHoldsNoTicketUserNameOrValue() throws Exception {
        SecretSearch search = new SecretSearch()
                .add("the user", "canary-user-7b")
                .add("the attribute's name", "canary-name-7b")
                .add("the attribute's value", "canary-value-7b")
                .add("the message", "canary-message-7b");
        SessionKey<String> named = SessionKey.of("canary-name-7b", String.class);
        TestBrowser browser = browser();
        List<String> ids = new ArrayList<>();
        List<String> tickets = new ArrayList<>();
        Runnable look = () -> {
            ids.add(browser.<String>request(Session::id));
            tickets.add(browser.cookie(COOKIE));
        };
        browser.visit(session -> {
            session.set(named, "canary-value-7b");
            session.flash("canary-message-7b");
        });
        look.run();
        browser.visit(session -> {
            session.login("canary-user-7b");
            session.set(named, "canary-value-7b");
        });
        look.run();
        browser.visit(Session::rotate);
        look.run();
        for (String ticket : tickets) {
            byte[] bytes = Base64.getUrlDecoder().decode(ticket);
            search.add("a ticket", ticket).add("a secret", Arrays.copyOfRange(bytes, 2, 33));
        }
        ids.forEach(id -> search.add("a public id", id));
        assertThat(memcached.server.keys())
                .as("session, pointer, marker and index")
                .hasSize(4);
        search.assertAbsent("memcached", memcached.server.dumpBytes());
        for (String key : memcached.server.keys()) {
            assertThat(key).startsWith("cc:").hasSize(35);
            for (String id : ids) {
                assertNotMadeOf(key.substring(3), id);
            }
        }
    }

    /** By no hash that needs no secret. */
    private static void assertNotMadeOf(String key, String id) throws Exception {
        for (String hash : List.of("MD5", "SHA-1", "SHA-256", "SHA-512")) {
            byte[] made = MessageDigest.getInstance(hash).digest(id.getBytes(StandardCharsets.UTF_8));
            assertThat(key.substring(0, 20))
                    .isNotEqualTo(Base64.getUrlEncoder().encodeToString(made).substring(0, 20));
        }
        assertThat(key).doesNotContain(id.substring(0, 8));
    }
}
