package dev.coatcheck;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries commands to servers and answers back, in any order. A command may be lost on its way, its answer may be lost on the
 * way back, and a caller may stop to wait for either; the command may run all the same, long after that.
 */
final class SimNetwork {
    private final SimChance chance;
    private final SimTrace trace;
    private final List<Flight<?>> flights = new ArrayList<>();
    private final Set<Cut> cuts = new HashSet<>();
    private Predicate<SimHost> mayLose = host -> true;

    SimNetwork(SimChance chance, SimTrace trace) {
        this.chance = chance;
        this.trace = trace;
    }

    /** A caller that does not reach a server, though others may. */
    private record Cut(SimHost host, SimLife caller) {}

    /** @param mayLose of which servers' commands and answers some are lost or given up */
    void lose(Predicate<SimHost> mayLose) {
        this.mayLose = mayLose;
    }

    /** From now on this caller does not reach this server. */
    void cut(SimHost host, SimLife caller) {
        cuts.add(new Cut(host, caller));
    }

    /** Everybody reaches the server again. */
    void mend(SimHost host) {
        cuts.removeIf(cut -> cut.host == host);
    }

    private boolean isOutOfReach(SimHost host, SimLife caller) {
        return host.isFrozen() || cuts.contains(new Cut(host, caller));
    }

    /**
     * What a caller hears.
     *
     * @param answer null when none came
     * @param sent false when the command has certainly not run and never will
     */
    record Reply<A>(@Nullable A answer, boolean sent) {}

    private static final class Flight<A> {
        final SimHost host;
        final int process;
        final String label;
        final Supplier<A> command;
        final SimLife caller;
        final Consumer<Reply<A>> then;
        boolean left;

        @Nullable
        A answer;

        Flight(SimHost host, String label, Supplier<A> command, SimLife caller, Consumer<Reply<A>> then) {
            this.host = host;
            this.process = host.process();
            this.label = label;
            this.command = command;
            this.caller = caller;
            this.then = then;
        }

        boolean isLost() {
            return process != host.process();
        }

        /** Whether somebody waits for it. */
        boolean isAwaited() {
            return !left && !caller.isOver();
        }

        void tell(Reply<A> reply) {
            if (isAwaited()) {
                left = true;
                then.accept(reply);
            }
        }
    }

    <A> void send(SimHost host, String label, SimLife caller, Supplier<A> command, Consumer<Reply<A>> then) {
        if (isOutOfReach(host, caller) && chance.percent(30)) {
            trace.add(() -> label + ": not sent, " + host.name + " does not answer");
            then.accept(new Reply<>(null, false));
            return;
        }
        trace.add(() -> label + ": sent to " + host.name);
        flights.add(new Flight<>(host, label, command, caller, then));
    }

    /** Whether nothing is on its way to a server. */
    boolean isQuiet(SimHost host) {
        return flights.stream().noneMatch(flight -> flight.host == host);
    }

    boolean isIdle() {
        return flights.isEmpty();
    }

    /** Whether a caller waits for anything. */
    boolean isAwaited() {
        return flights.stream().anyMatch(Flight::isAwaited);
    }

    /** One command runs, or one answer arrives, or one of them is lost or given up. */
    void step(boolean faults) {
        int index = chance.below(flights.size());
        step(flights.get(index), index, faults);
    }

    private <A> void step(Flight<A> flight, int index, boolean faults) {
        A answer = flight.answer;
        boolean away = isOutOfReach(flight.host, flight.caller);
        boolean loses = faults && mayLose.test(flight.host);
        if (answer != null) {
            remove(index);
            if (cuts.contains(new Cut(flight.host, flight.caller)) || loses && chance.fault(6)) {
                trace.add(() -> flight.label + ": answer lost");
                flight.tell(new Reply<>(null, true));
            } else {
                trace.add(() -> flight.label + (flight.isAwaited() ? ": answered" : ": answered to nobody"));
                flight.tell(new Reply<>(answer, true));
            }
        } else if (flight.isLost()) {
            remove(index);
            trace.add(() -> flight.label + ": lost with its server");
            flight.tell(new Reply<>(null, true));
        } else if (flight.isAwaited() && (away ? faults && chance.percent(40) : loses && chance.fault(4))) {
            trace.add(() -> flight.label + ": given up, still under way");
            flight.tell(new Reply<>(null, true));
        } else if (away || !flight.isAwaited() && faults && chance.percent(80)) {
            return; // what is late stays under way for long
        } else if (loses && chance.fault(3)) {
            remove(index);
            trace.add(() -> flight.label + ": lost");
            flight.tell(new Reply<>(null, true));
        } else {
            A result = flight.command.get();
            flight.answer = result;
            trace.add(() -> flight.label + ": runs: " + result + (flight.isAwaited() ? "" : " (late)"));
        }
    }

    private void remove(int index) {
        Flight<?> last = flights.remove(flights.size() - 1);
        if (index < flights.size()) {
            flights.set(index, last);
        }
    }
}
