package dev.coatcheck.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same requests over a store that has no faults but those that are planted: they are found, and nothing else is. */
class PlantedLiesTest {
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final ExecutorService helpers = Run.helpers();
    private final ShiftableClock clock = new ShiftableClock();
    private final EmbeddedSessionStore store = new EmbeddedSessionStore(EmbeddedSessionStore.DEFAULT_MAX_BYTES, clock);
    private final KeyRing ring = KeyRing.parse(KeyRing.generate());
    private final List<SessionManager> managers = new ArrayList<>();

    @AfterEach
    void close() {
        managers.forEach(SessionManager::close);
        store.close();
        helpers.shutdownNow();
    }

    private World world(@Nullable Lie lie) {
        long seed = new SplittableRandom().nextInt(Integer.MAX_VALUE);
        System.out.println("Requests of chaos, planted: " + lie + ", from seed " + seed);
        Tally tally = new Tally();
        List<AppNode> nodes = new ArrayList<>();
        SessionStore told = lie == null ? store : new LyingStore(store, lie);
        for (int number = 0; number < 2; number++) {
            SessionManager manager = Run.node(number, told, ring, clock, tally).sessions();
            managers.add(manager);
            nodes.add(new AppNode(number, lie == null ? manager : new LyingSessions(lie).before(manager)));
        }
        return new World(seed, nodes, false, false, clock, tally, helpers);
    }

    @ParameterizedTest
    @EnumSource
    void aLieIsFound(Lie lie) throws Exception {
        World world = world(lie);
        Workload workload = new Workload(world);
        workload.start(20, 3, 1);
        boolean found =
                Waiter.until(BOUND, () -> world.violations().first().stream().anyMatch(lie::isFoundIn));
        workload.end(BOUND);
        assertThat(found)
                .as("%s is found; what was: %s", lie, world.violations().first())
                .isTrue();
    }

    @Test
    void theTruthIsNoViolation() throws Exception {
        World world = world(null);
        Workload workload = new Workload(world);
        workload.start(50, 3, 2);
        boolean enough = Waiter.until(BOUND, () -> workload.lives() > 300);
        Run.end(world, workload);
        assertThat(world.violations().first()).isEmpty();
        assertThat(enough).isTrue();
        assertThat(world.tally().unavailable()).isZero();
    }
}
