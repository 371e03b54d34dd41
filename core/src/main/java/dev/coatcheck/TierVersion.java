package dev.coatcheck;

import dev.coatcheck.SessionStore.Version;
import org.jspecify.annotations.Nullable;

/**
 * One state of one key in two tiers.
 *
 * @param durable the durable store's version, which decides
 * @param cached the cache's version of the same state; null when the cache does not hold it, as far as is known
 */
record TierVersion(Version durable, @Nullable Version cached) implements Version {
    @Override
    public long number() {
        return durable.number();
    }

    /** Hides all. */
    @Override
    public String toString() {
        return "Version[hidden]";
    }
}
