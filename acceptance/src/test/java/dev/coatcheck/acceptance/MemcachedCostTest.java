package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.TestBrowser;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The costs on a real memcached, by its own counters and by the bytes on the wire. */
class MemcachedCostTest extends CostCases {
    private static final SessionKey<byte[]> CONTENT = SessionKey.of("content", byte[].class);
    /** What the seal adds behind the envelope: nonce and tag. */
    private static final int SEAL_BYTES = 12 + 16;

    private final OneMemcached memcached = new OneMemcached();

    MemcachedCostTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return memcached.one();
    }

    @Override
    SessionStore openSecond() {
        return memcached.two();
    }

    @Override
    void stopServers() {
        memcached.stop();
    }

    @Override
    int commands(Runnable work) {
        return (int) memcached.server.during(work).total();
    }

    private long bytesMoved(Runnable work) {
        memcached.wireTwo.resetCounters();
        work.run();
        memcached.wireTwo.heal(); // takes its turn behind what it still has to count
        return memcached.wireTwo.bytesToServer() + memcached.wireTwo.bytesToClient();
    }

    @Test
    void aReadMovesThePayloadAndAtMost280Bytes() {
        // Both connections have introduced themselves, and the one for the server's statistics.
        Awaitility.await()
                .until(() -> memcached.wireTwo.requests().stream()
                                .filter("stats settings"::equals)
                                .count()
                        >= 3);
        for (int size : new int[] {0, 1, 100, 10_000, 250_000}) {
            TestBrowser browser = browser();
            browser.visit(session -> session.set(CONTENT, new byte[size]));
            for (int i = 0; i < 3; i++) {
                byte[] more = new byte[] {(byte) i};
                browser.visit(session -> session.set(SessionKey.of("more", byte[].class), more));
            }
            byte[] stored = memcached.server.dump().values().iterator().next();
            int payload = stored.length - Envelope.BYTES - SEAL_BYTES;
            long moved = bytesMoved(() -> browser.through(two)
                    .visit(session -> assertThat(session.get(CONTENT)).hasSize(size)));
            assertThat(payload).isGreaterThanOrEqualTo(size);
            assertThat(moved).as("payload of %d bytes", payload).isBetween((long) payload, payload + 280L);
            memcached.server.flush();
        }
    }

    @Test
    void aRequestThatDoesNotTouchItsSessionMovesNothing() {
        TestBrowser browser = browser();
        browser.visit(session -> session.set(CONTENT, new byte[10]));
        memcached.wireOne.resetCounters();
        for (int i = 0; i < 100; i++) {
            browser.visit(session -> assertThat(session.requestedId()).isNotNull());
        }
        assertThat(memcached.wireOne.bytesToServer()).isZero();
    }
}
