package dev.coatcheck.chaos;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One run at a place: servers, application nodes, requests and faults. */
final class Run {
    private static final int SESSIONS = 200;
    private static final int THREADS = 5;
    /** Threads for requests that take their time, so that many a fault falls between what they read and what they store. */
    private static final int SLOW_THREADS = 12;

    private static final Duration LAST_LOOKS = Duration.ofSeconds(60);
    /** Longer than an old id leads on. */
    private static final Duration GRACE = Duration.ofSeconds(20);
    /** A log-out that was not confirmed is tried again after a minute at the latest; twice that, and some more. */
    private static final Duration LAST_ENDS = Duration.ofSeconds(150);

    private Run() {}

    /** Runs for so long, and as long as it takes to come to an end. */
    static Report at(Place place, long seed, Duration duration) throws InterruptedException {
        long begun = System.nanoTime();
        ExecutorService helpers = helpers();
        Tally tally = new Tally();
        ShiftableClock clock = new ShiftableClock();
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        List<AppNode> nodes = new ArrayList<>();
        try (Servers servers = new Servers(place)) {
            for (SessionStore store : servers.stores()) {
                nodes.add(node(nodes.size(), store, ring, clock, tally));
            }
            World world = new World(seed, nodes, place.mayLose, place.oldIdsLinger, clock, tally, helpers);
            Workload workload = new Workload(world);
            workload.start(SESSIONS, THREADS, SLOW_THREADS);
            Schedule schedule = new Schedule(world, place, servers, workload);
            schedule.run(duration);
            end(world, workload);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            return new Report(place, world, workload.lives(), schedule, servers.repairs(), took);
        } finally {
            nodes.forEach(node -> node.sessions().close());
            helpers.shutdownNow();
        }
    }

    static ExecutorService helpers() {
        return Executors.newFixedThreadPool(2 * (THREADS + SLOW_THREADS));
    }

    static void end(World world, Workload workload) throws InterruptedException {
        if (!workload.end(LAST_LOOKS)) {
            world.violations().add("Sessions are out of reach at the end, though all servers are there");
        }
        world.clock().forward(GRACE);
        world.oldTickets().mustAllBeDead(LAST_ENDS);
    }

    static AppNode node(int number, SessionStore store, KeyRing ring, ShiftableClock clock, Tally tally) {
        return new AppNode(
                number,
                SessionManager.builder()
                        .store(store)
                        .keyRing(ring)
                        .clock(clock)
                        .listener(tally::count)
                        .build());
    }
}
