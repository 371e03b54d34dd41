package dev.coatcheck.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Lets one fault after another happen, as a seed decides. Between two of them all servers are there, all nodes know it, and
 * each session was found once, which repairs what a fault has left.
 */
final class Schedule {
    private static final int CALM_MILLIS = 300;
    private static final int SHORTEST_MILLIS = 500;
    private static final int LONGEST_MILLIS = 1_500;
    private static final Duration BACK = Duration.ofSeconds(20);
    private static final Duration SERVED = Duration.ofSeconds(60);

    private final World world;
    private final Servers servers;
    private final Workload workload;
    private final List<Fault> kinds;
    private final SplittableRandom random;
    private final List<Fault> deck = new ArrayList<>();
    private final Map<Fault, Long> happened = new EnumMap<>(Fault.class);
    private final Map<Fault, Long> hits = new EnumMap<>(Fault.class);

    Schedule(World world, Place place, Servers servers, Workload workload) {
        this.world = world;
        this.servers = servers;
        this.workload = workload;
        kinds = Fault.at(place);
        random = new SplittableRandom(world.seed());
    }

    /** Goes on for so long, and until each kind of fault has happened. */
    void run(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() - end < 0 || happened.size() < kinds.size()) {
            Waiter.pass(Duration.ofMillis(random.nextInt(CALM_MILLIS)));
            long before = servers.hurts();
            Fault fault = next();
            Trouble trouble = new Trouble(
                    servers,
                    fault,
                    random.nextInt(Servers.APP_NODES),
                    random.nextInt(servers.memcacheds().size()));
            trouble.begin(world);
            Waiter.pass(Duration.ofMillis(random.nextInt(SHORTEST_MILLIS, LONGEST_MILLIS)));
            trouble.end();
            recover(fault);
            happened.merge(fault, 1L, Long::sum);
            hits.merge(fault, servers.hurts() > before ? 1L : 0L, Long::sum);
            servers.forgetTraffic();
        }
    }

    /** Each kind once, in any order, before any happens again. */
    private Fault next() {
        if (deck.isEmpty()) {
            deck.addAll(kinds);
        }
        return deck.remove(random.nextInt(deck.size()));
    }

    private void recover(Fault after) {
        if (!Waiter.until(BACK, servers::areAllUp)) {
            world.violations().add("A server that is there again is not used, after " + after);
        }
        if (!workload.awaitAllServed(SERVED)) {
            world.violations().add("Sessions are out of reach though all servers are there, after " + after);
        }
    }

    /** How often each kind of fault has happened. */
    Map<Fault, Long> happened() {
        return happened;
    }

    /** How often an application node has noticed. */
    Map<Fault, Long> hits() {
        return hits;
    }
}
