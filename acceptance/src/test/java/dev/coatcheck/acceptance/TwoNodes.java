package dev.coatcheck.acceptance;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.TestBrowser;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Two application nodes over one store, and browsers that reach both. Each kind of store has subclasses. */
abstract class TwoNodes {
    static final String COOKIE = "__Host-SID";

    final KeyRing ring = KeyRing.parse(KeyRing.generate());
    final FakeClock clock;
    final List<SessionEvent> events = new CopyOnWriteArrayList<>();
    SessionStore store;
    SessionStore secondStore;
    SessionManager one;
    SessionManager two;

    TwoNodes() {
        this(new FakeClock());
    }

    TwoNodes(FakeClock clock) {
        this.clock = clock;
    }

    /** The store, whose leases run by {@link #clock} where it has a clock. */
    abstract SessionStore open();

    /** The second node's store on the same data. */
    SessionStore openSecond() {
        return store;
    }

    /** After the stores are closed. */
    void stopServers() {}

    @BeforeEach
    final void start() {
        store = open();
        secondStore = openSecond();
        one = node().build();
        two = node().store(secondStore).build();
    }

    /** One more node. */
    SessionManager.Builder node() {
        return SessionManager.builder().store(store).keyRing(ring).clock(clock).listener(events::add);
    }

    @AfterEach
    final void stop() {
        one.close();
        two.close();
        store.close();
        secondStore.close();
        stopServers();
    }

    TestBrowser browser() {
        return new TestBrowser(one, clock);
    }

    List<SessionEvent.Kind> kinds() {
        return events.stream().map(SessionEvent::kind).toList();
    }
}
