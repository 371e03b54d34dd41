package dev.coatcheck;

import java.util.function.Function;

/**
 * What a schedule's sessions are kept in.
 *
 * @param name for who reads a seed
 * @param shown whether what is decided is what every read shows; else a cache in front of it may be older
 * @param make makes them
 */
record SimServers(String name, boolean shown, Function<SimSchedule.Parts, SimWorld> make) {
    static final SimServers ONE_COPY = new SimServers("one copy", true, SimOneCopy::new);
    static final SimServers TWO_TIERS = new SimServers("two tiers", false, SimTwoTiers::new);

    @Override
    public String toString() {
        return name;
    }
}
