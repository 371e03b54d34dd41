package dev.coatcheck;

import dev.coatcheck.SimOp.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** One seed's run: browsers, two processes of the application, their servers, and what befalls them. */
final class SimSchedule {
    private static final int MAX_EVENTS = 20_000;
    private static final List<Kind> QUIET =
            List.of(Kind.READ, Kind.PUT, Kind.UPDATE, Kind.OFFER, Kind.TAKE, Kind.ROTATE);
    private static final List<Kind> MOVING = List.of(Kind.READ, Kind.ROTATE, Kind.ROTATE, Kind.LOG_OUT);
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

    private final Parts parts;
    private final SimRandom random;
    private final SimWorld world;
    private final SimChecker checker;
    private final List<SimNode> nodes = new ArrayList<>();
    private final List<SimBrowser> browsers = List.of(new SimBrowser(), new SimBrowser());
    private final List<Kind> kinds;
    private int lives;

    /** What everything in a schedule is made of. */
    record Parts(
            SimFault fault,
            SimChance chance,
            MovableClock clock,
            SimTrace trace,
            SimNetwork network,
            SplittableRandom pauses,
            SimHistory history) {}

    private SimSchedule(long seed, SimServers servers, SimFault fault, boolean traced) {
        SplittableRandom source = new SplittableRandom(seed);
        SimChance chance = new SimChance(source.split());
        SimTrace trace = new SimTrace(traced);
        MovableClock clock = new MovableClock();
        SimNetwork network = new SimNetwork(chance, trace);
        random = new SimRandom(source.split(), fault == SimFault.ONE_WRITE_ID);
        parts = new Parts(fault, chance, clock, trace, network, source.split(), new SimHistory(clock, servers.shown()));
        world = servers.make().apply(parts);
        checker = new SimChecker(parts.history, clock, chance.isCalm(), world::truth);
        kinds = chance.percent(20) ? QUIET : chance.percent(40) ? MOVING : BUSY;
        nodes.add(node());
        nodes.add(node());
    }

    /** Runs a seed; a broken promise comes with the trace of all that led to it. */
    static void run(long seed, SimServers servers, SimFault fault) {
        try {
            new SimSchedule(seed, servers, fault, false).run();
        } catch (SimViolation | RuntimeException e) {
            SimSchedule again = new SimSchedule(seed, servers, fault, true);
            try {
                again.run();
            } catch (SimViolation | RuntimeException same) {
                again.parts.trace.add(() -> String.valueOf(same));
            }
            String what = "Seed " + seed + ", " + servers + ", planted: " + fault;
            throw new AssertionError(what + "\n" + again.parts.trace, e);
        }
    }

    private SimNode node() {
        SimLife life = new SimLife();
        return new SimNode("node " + ++lives, world.store(life), parts.network, life, parts.clock, random);
    }

    private void run() {
        SimChance chance = parts.chance;
        if (chance.isCalm() || chance.percent(50)) {
            parts.clock.forward(Duration.ofHours(1)); // else the processes have only just been started
        }
        int toStart = 4 + chance.below(20);
        for (int event = 0; toStart > 0 || parts.network.isAwaited(); event++) {
            SimChecker.mustBe(event < MAX_EVENTS, "A schedule does not end");
            parts.clock.forward(Duration.ofMillis(chance.below(3)));
            world.meanwhile();
            if (toStart > 0 && (parts.network.isIdle() || chance.percent(12))) {
                toStart--;
                SimBrowser browser = chance.of(browsers);
                request(chance.of(nodes), browser, browser.tickets(chance), chance.of(kinds));
            } else if (chance.fault(4)) {
                befall();
            } else if (!parts.network.isIdle()) {
                parts.network.step(true);
            }
        }
        settle();
    }

    private SimOp request(SimNode node, SimBrowser browser, List<SessionToken> tickets, Kind kind) {
        SimOp op = checker.op(kind);
        new SimRequest(node, browser, checker, parts.trace, tickets, op).start();
        return op;
    }

    private void befall() {
        SimChance chance = parts.chance;
        int which = chance.below(20);
        if (which < 12) {
            world.befall();
        } else if (which < 14) {
            int index = chance.below(nodes.size());
            parts.trace.add(() -> nodes.get(index).name + " crashes");
            nodes.get(index).life.end();
            nodes.set(index, node());
        } else if (which < 16) {
            parts.trace.add(() -> "time goes by");
            boolean idle = chance.percent(10) && !parts.network.isAwaited();
            parts.clock.forward(Duration.ofSeconds(idle ? 21 * 60 : 1 + chance.below(20)));
        } else {
            behind(chance.of(nodes));
        }
    }

    /** What a process does now and then behind its requests. */
    private void behind(SimNode node) {
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
        world.behind(node.store);
    }

    /** The storm is over: late commands run, waiting ends are confirmed, and every ticket is looked at once more. */
    private void settle() {
        parts.trace.add(() -> "The storm is over");
        world.thaw();
        drain();
        for (int round = 0; round < 2; round++) { // in the first one a process finds out that all servers answer
            nodes.forEach(this::behind);
            drain();
        }
        parts.clock.forward(Duration.ofSeconds(11)); // so long after a fault a write is not sure of the cache
        for (SimNode node : nodes) {
            SimChecker.mustBe(node.ends.waiting().isEmpty(), "An end is not confirmed though all servers answer");
            for (SimBrowser browser : browsers) {
                for (SessionToken token : List.copyOf(browser.all())) {
                    SimOp write = request(node, browser, List.of(token), Kind.UPDATE);
                    drain();
                    SimChecker.mustBe(!write.failed, "A write fails though all servers answer");
                    request(node, browser, List.of(token), Kind.READ);
                    drain();
                }
            }
        }
    }

    private void drain() {
        for (int event = 0; !parts.network.isIdle(); event++) {
            SimChecker.mustBe(event < MAX_EVENTS, "The servers do not come to rest");
            parts.network.step(false);
        }
    }
}
