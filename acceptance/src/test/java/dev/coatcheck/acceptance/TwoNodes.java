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
    final FakeClock clock = new FakeClock();
    final List<SessionEvent> events = new CopyOnWriteArrayList<>();
    SessionStore store;
    SessionManager one;
    SessionManager two;

    /** The store, whose leases run by {@link #clock}. */
    abstract SessionStore open();

    @BeforeEach
    final void start() {
        store = open();
        one = node().build();
        two = node().build();
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
    }

    TestBrowser browser() {
        return new TestBrowser(one, clock);
    }

    List<SessionEvent.Kind> kinds() {
        return events.stream().map(SessionEvent::kind).toList();
    }
}
