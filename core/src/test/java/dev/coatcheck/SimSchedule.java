package dev.coatcheck;

import dev.coatcheck.SimMemory.Item;
import dev.coatcheck.SimOp.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One seed's run: browsers, two processes of the application, one memcached, and what befalls them. */
final class SimSchedule {
    private static final int MAX_EVENTS = 20_000;
    private static final List<Kind> BUSY = List.of(
            Kind.READ,
            Kind.PUT,
            Kind.UPDATE,
            Kind.UPDATE,
            Kind.OFFER,
            Kind.TAKE,
            Kind.TAKE,
            Kind.ROTATE,
            Kind.CHANGE_ID,
            Kind.LOGIN,
            Kind.LOG_OUT);
    private static final List<Kind> QUIET =
            List.of(Kind.READ, Kind.PUT, Kind.UPDATE, Kind.OFFER, Kind.TAKE, Kind.ROTATE);

    private final long seed;
    private final SimFault fault;
    private final SimTrace trace;
    private final SimChance chance;
    private final SimRandom random;
    private final MovableClock clock = new MovableClock();
    private final SimNetwork network;
    private final SimHistory history;
    private final SimChecker checker;
    private final SimMemory memory;
    private final List<SimNode> nodes = new ArrayList<>();
    private final List<SimBrowser> browsers = List.of(new SimBrowser(), new SimBrowser());
    private final List<Kind> kinds;
    private int lives;

    private SimSchedule(long seed, SimFault fault, boolean traced) {
        this.seed = seed;
        this.fault = fault;
        SplittableRandom source = new SplittableRandom(seed);
        trace = new SimTrace(traced);
        chance = new SimChance(source.split());
        random = new SimRandom(source.split());
        network = new SimNetwork(chance, trace);
        history = new SimHistory(clock);
        memory = new SimMemory("memcached", clock, this::changed);
        checker = new SimChecker(history, clock, chance.isCalm(), key -> {
            Item item = memory.at(key);
            return item == null ? null : item.value();
        });
        kinds = chance.percent(20) ? QUIET : BUSY;
        nodes.add(node());
        nodes.add(node());
    }

    /** Runs a seed; a broken promise comes with the trace of all that led to it. */
    static void run(long seed, SimFault fault) {
        try {
            new SimSchedule(seed, fault, false).run();
        } catch (SimViolation | RuntimeException e) {
            SimSchedule again = new SimSchedule(seed, fault, true);
            try {
                again.run();
            } catch (SimViolation | RuntimeException same) {
                again.trace.add(() -> String.valueOf(same));
            }
            throw new AssertionError("Seed " + seed + ", planted: " + fault + "\n" + again.trace, e);
        }
    }

    private void changed(SessionStore.Key key, @Nullable Item before, @Nullable Item after, String why) {
        trace.add(() -> "   " + SimHistory.name(key) + " by " + why + ": " + before + " -> " + after);
        history.changed(key, before == null ? null : before.value(), after == null ? null : after.value(), why);
    }

    private SimNode node() {
        SimLife life = new SimLife();
        SimStore store = new SimMemcached(memory, network, life, clock, fault);
        return new SimNode("node " + ++lives, store, network, life, clock, random);
    }

    private void run() {
        int toStart = 4 + chance.below(20);
        for (int event = 0; toStart > 0 || network.isAwaited(); event++) {
            SimChecker.mustBe(event < MAX_EVENTS, "A schedule does not end");
            clock.forward(Duration.ofMillis(chance.below(3)));
            if (toStart > 0 && (network.isIdle() || chance.percent(12))) {
                toStart--;
                request();
            } else if (chance.fault(4)) {
                fault();
            } else if (!network.isIdle()) {
                network.step(true);
            }
        }
        settle();
    }

    private void request() {
        SimBrowser browser = chance.of(browsers);
        new SimRequest(chance.of(nodes), browser, checker, trace, browser.tickets(chance), chance.of(kinds)).start();
    }

    private void fault() {
        int which = chance.below(20);
        if (which < 8) {
            trace.add(() -> "memcached " + (memory.host.isFrozen() ? "thaws" : "freezes"));
            freezeOrThaw(memory.host);
        } else if (which < 11 && !memory.isEmpty()) {
            memory.evictOne(chance);
        } else if (which < 12) {
            trace.add(() -> "memcached is restarted");
            memory.restartEmpty();
        } else if (which < 14) {
            crash();
        } else if (which < 16) {
            trace.add(() -> "time goes by");
            clock.forward(Duration.ofSeconds(chance.percent(90) ? 1 + chance.below(20) : 21 * 60));
        } else {
            tryEndsAgain(chance.of(nodes));
        }
    }

    private static void freezeOrThaw(SimHost host) {
        if (host.isFrozen()) {
            host.thaw();
        } else {
            host.freeze();
        }
    }

    private void crash() {
        int index = chance.below(nodes.size());
        trace.add(() -> nodes.get(index).name + " crashes");
        nodes.get(index).life.end();
        nodes.set(index, node());
    }

    private void tryEndsAgain(SimNode node) {
        for (SessionStore.Key key : node.ends.waiting()) {
            node.run(
                    () -> node.ends.again(key),
                    confirmed -> {
                        if (confirmed) {
                            checker.confirmed(key);
                        }
                    },
                    failure -> {});
        }
    }

    /** The storm is over: late commands run, waiting ends are confirmed, and every ticket is looked at once more. */
    private void settle() {
        memory.host.thaw();
        trace.add(() -> "The storm is over");
        drain();
        nodes.forEach(this::tryEndsAgain);
        drain();
        for (SimNode node : nodes) {
            SimChecker.mustBe(node.ends.waiting().isEmpty(), "An end is not confirmed though all servers answer");
            for (SimBrowser browser : browsers) {
                for (SessionToken token : browser.all()) {
                    new SimRequest(node, browser, checker, trace, List.of(token), Kind.READ).start();
                    drain();
                }
            }
        }
    }

    private void drain() {
        while (!network.isIdle()) {
            network.step(false);
        }
    }

    @Override
    public String toString() {
        return "seed " + seed;
    }
}
