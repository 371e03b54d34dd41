package dev.coatcheck.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sends requests of many lives, turn by turn, until it is told to come to an end. */
final class Workload {
    private static final Duration SLOW = Duration.ofMillis(400);
    private static final Duration AWAY = Duration.ofMillis(2);
    /** Of so many turns one tries an old ticket instead. */
    private static final int TURNS_OF_LIFE = 12;

    private final World world;
    private final AtomicLong lives = new AtomicLong();
    private final Set<Life> active = ConcurrentHashMap.newKeySet();
    private final LinkedBlockingQueue<Life> waiting = new LinkedBlockingQueue<>();
    private final List<Thread> workers = new ArrayList<>();
    private volatile boolean ending;

    Workload(World world) {
        this.world = world;
    }

    /**
     * @param sessions how many live at a time
     * @param slowThreads how many more threads send requests over which the application takes its time
     */
    void start(int sessions, int threads, int slowThreads) {
        for (int i = 0; i < sessions; i++) {
            add();
        }
        for (int i = 0; i < threads + slowThreads; i++) {
            Duration slowness = i < threads ? Duration.ZERO : SLOW;
            SplittableRandom random = new SplittableRandom(world.seed() + i);
            Thread worker = new Thread(() -> work(random, slowness), "chaos-" + i);
            worker.setDaemon(true);
            workers.add(worker);
            worker.start();
        }
    }

    private void add() {
        Life life = new Life(world, lives.incrementAndGet());
        active.add(life);
        waiting.add(life);
    }

    private void work(SplittableRandom random, Duration slowness) {
        try {
            while (!ending || !active.isEmpty()) {
                Life life = waiting.poll(100, TimeUnit.MILLISECONDS);
                if (life != null) {
                    turn(life, slowness);
                }
                if (random.nextInt(TURNS_OF_LIFE) == 0) {
                    AppNode node =
                            world.nodes().get(random.nextInt(world.nodes().size()));
                    world.oldTickets().tryAny(node, random);
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn(Life life, Duration slowness) throws InterruptedException {
        boolean there;
        boolean over;
        try {
            there = life.turn(ending, ending ? Duration.ZERO : slowness);
            over = life.isOver();
            if (over) {
                life.check();
            }
        } catch (RuntimeException | Error e) {
            world.violations()
                    .add("A request failed with " + e + " by " + e.getCause() + " at "
                            + List.of(e.getStackTrace()).subList(0, Math.min(8, e.getStackTrace().length)));
            there = true;
            over = true;
        }
        if (!over) {
            waiting.add(life);
        } else {
            active.remove(life);
            if (!ending) {
                add();
            }
        }
        if (!there) {
            Waiter.pass(AWAY); // a store that is away answers at once, and the cores are needed elsewhere
        }
    }

    /** How many sessions there were. */
    long lives() {
        return lives.get();
    }

    /** Waits until a request has found each session that is there; false when it does not within the bound. */
    boolean awaitAllServed(Duration bound) {
        long since = world.moments().next();
        List<Life> lives = List.copyOf(active);
        return Waiter.until(bound, () -> lives.stream().noneMatch(life -> life.isForgottenSince(since)));
    }

    /** Has a last look at every session, and ends; false when it cannot within the bound. */
    boolean end(Duration bound) throws InterruptedException {
        ending = true;
        boolean done = Waiter.until(bound, active::isEmpty);
        for (Thread worker : workers) {
            if (!done) {
                worker.interrupt();
            }
            worker.join();
        }
        return done;
    }
}
