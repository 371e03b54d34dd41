package dev.coatcheck;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a store is, part by part: for a page that a load balancer asks, for metrics, for people. Names of servers are in it, and no
 * secrets: no password, key or session. It tells what is known; that all is well is no promise that the next write goes through.
 *
 * @param parts what the store consists of, that in front first
 */
public record StoreHealth(List<Part> parts) {

    /** The figure of how many live values a part has thrown out for lack of room, since the store was opened. */
    public static final String EVICTIONS = "evictions";

    /** Copies the list. */
    public StoreHealth {
        parts = List.copyOf(parts);
    }

    /** Of a store that consists of these. */
    public static StoreHealth of(Part... parts) {
        return new StoreHealth(List.of(parts));
    }

    /** What it all comes to: down when every part is, up when every part is, else degraded. */
    public State state() {
        if (parts.stream().allMatch(part -> part.state() == State.UP)) {
            return State.UP;
        }
        return parts.stream().allMatch(part -> part.state() == State.DOWN) ? State.DOWN : State.DEGRADED;
    }

    /** Whether any part has this trouble. */
    public boolean has(Trouble trouble) {
        return parts.stream().anyMatch(part -> part.troubles().contains(trouble));
    }

    /** The state, and a line for each part: its name, state, reason and figures. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(state().name());
        parts.forEach(part -> text.append('\n').append(part));
        return text.toString();
    }

    /** Whether it serves. */
    public enum State {
        /** All is well, as far as is known. */
        UP,
        /** It serves, and somebody should look at it. */
        DEGRADED,
        /** It does not answer. */
        DOWN
    }

    /** What can be wrong with a part. */
    public enum Trouble {
        /** It does not answer: {@link State#DOWN}. */
        AWAY,
        /** It refuses writes now, or did when one was last tried. What it has can be read. */
        REFUSES_WRITES,
        /** It has thrown out live values in the last five minutes: sessions that ended unseen. */
        EVICTS,
        /** It answers and cannot say how it is. */
        UNCLEAR
    }

    /**
     * One server, or what else can be well or not by itself.
     *
     * @param name as {@code memcached mc1:11211}
     * @param troubles what is wrong with it; empty when nothing is
     * @param reason in words, what is wrong or worth knowing; empty when nothing is
     * @param figures by name, for metrics, in the order in which they are shown
     */
    public record Part(String name, Set<Trouble> troubles, String reason, Map<String, Long> figures) {

        /** Copies the set and the map. */
        public Part {
            EnumSet<Trouble> sorted = EnumSet.noneOf(Trouble.class);
            sorted.addAll(troubles);
            troubles = Collections.unmodifiableSet(sorted);
            figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
        }

        /** A part that is well. */
        public static Part up(String name) {
            return new Part(name, Set.of(), "", Map.of());
        }

        /** A part that does not answer. */
        public static Part away(String name, String reason) {
            return new Part(name, Set.of(Trouble.AWAY), reason, Map.of());
        }

        /** Down when it is away, degraded in any other trouble, else up. */
        public State state() {
            if (troubles.contains(Trouble.AWAY)) {
                return State.DOWN;
            }
            return troubles.isEmpty() ? State.UP : State.DEGRADED;
        }

        /** The same with one figure more. */
        Part with(String figure, long value) {
            Map<String, Long> more = new LinkedHashMap<>(figures);
            more.put(figure, value);
            return new Part(name, troubles, reason, more);
        }

        /** The same in front of something that does not forget: what it throws out is there. */
        Part thatMayForget() {
            EnumSet<Trouble> rest = EnumSet.noneOf(Trouble.class);
            rest.addAll(troubles);
            return rest.remove(Trouble.EVICTS) ? new Part(name, rest, reason + " (no session is lost)", figures) : this;
        }

        /** One line. */
        @Override
        public String toString() {
            return name + " " + state() + (reason.isEmpty() ? "" : ": " + reason)
                    + (figures.isEmpty() ? "" : " " + figures);
        }
    }
}
