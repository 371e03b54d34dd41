package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The store under test: what its own test says of it, and short forms for the cases of the contract. */
abstract class StoreFixture {
    static final Duration LEASE = Duration.ofSeconds(4);
    static final Duration LONG = Duration.ofMinutes(20);

    private final List<SessionStore> opened = new ArrayList<>();
    private @Nullable SessionStore opening;

    StoreFixture() {}

    /** Opens the store. Called once for each test, which closes it. */
    protected abstract SessionStore open();

    /** Opens a second node's store on the data of the first one. By default the first itself, for data of one process. */
    protected SessionStore openSecond(SessionStore first) {
        return first;
    }

    /** The store's time, which the ends in the envelopes are counted from. By default the system's. */
    protected Instant now() {
        return Instant.now();
    }

    /** Lets time pass. By default it really waits; a store with a clock moves that instead. */
    protected void pass(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while time passed", interrupted);
        }
    }

    /** How much earlier or later than asked a lease may end, and how far idle times may be off: at most 2 seconds, the default. */
    protected Duration tolerance() {
        return Duration.ofSeconds(2);
    }

    /**
     * How long a use may be unknown to a store that renews a lease only now and then: by so much less idle a value may be told to be. By default
     * nothing.
     */
    protected Duration unseen(Duration lease) {
        return Duration.ZERO;
    }

    /** How often a race is repeated. By default 100 times. */
    protected int rounds() {
        return 100;
    }

    /**
     * Whether what ends a key keeps the lease that it was written with, however often it is loaded. By default true; a
     * simple store may renew it, since the sealed end decides.
     */
    protected boolean cutsTerminalKinds() {
        return true;
    }

    /**
     * Whether a load with a shorter lease than the key was stored with cuts it. By default true. Managers use one lease for a
     * key, so a store may leave it as it is.
     */
    protected boolean loadsCutLeases() {
        return true;
    }

    /**
     * Whether a write over what was ended, or never was, is answered {@link Outcome#GONE}. By default true. A store of several
     * copies may answer {@link Outcome#CONFLICT}: who looks again finds nothing.
     */
    protected boolean tellsGone() {
        return true;
    }

    final void assertGone(Outcome outcome) {
        if (tellsGone()) {
            assertThat(outcome).isEqualTo(Outcome.GONE);
        } else {
            assertThat(outcome).isIn(Outcome.GONE, Outcome.CONFLICT);
        }
    }

    @BeforeEach
    final void openStore() {
        opening = opened(open());
    }

    @AfterEach
    final void closeStores() {
        opened.forEach(SessionStore::close);
        opened.clear();
    }

    SessionStore opened(SessionStore store) {
        opened.add(store);
        return store;
    }

    final SessionStore store() {
        if (opening == null) {
            throw new IllegalStateException("No store is open");
        }
        return opening;
    }

    // Short forms.

    byte[] live(int version, String body) {
        return SampleValue.live(version, body, now().plus(Duration.ofDays(1)));
    }

    byte[] live(int version, byte[] body) {
        return SampleValue.live(version, body, now().plus(Duration.ofDays(1)));
    }

    Version create(Key key, String body) {
        return stored(store().create(key, live(1, body), LONG));
    }

    static Version stored(Written written) {
        assertThat(written.outcome()).isEqualTo(Outcome.STORED);
        Version version = written.version();
        if (version == null) {
            throw new AssertionError("STORED without a version");
        }
        return version;
    }

    Stored load(Key key) {
        return store().load(key, LONG).orElseThrow(() -> new AssertionError("What was stored is not there"));
    }

    String body(Key key) {
        return SampleValue.body(load(key).value());
    }

    boolean end(Key key) {
        return store().end(key, later());
    }

    Instant later() {
        return now().plus(Duration.ofDays(1));
    }

    interface Task<R> {
        R run(int thread) throws Exception;
    }

    static <R> List<Callable<R>> tasks(int threads, Task<R> task) {
        List<Callable<R>> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int thread = i;
            tasks.add(() -> task.run(thread));
        }
        return tasks;
    }
}
