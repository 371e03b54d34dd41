package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.MemcacheService.IdentifiableValue;
import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Version;
import org.jspecify.annotations.Nullable;

/**
 * One state of one key in memcache. The service's own number of it changes with each renewal too, so that it does not decide alone.
 *
 * @param number the version; 0 of a claim, and of what is none of ours
 * @param id the write that made it, a claim's token, or 0 of what is none of ours
 * @param seen what the service has shown, to be replaced; null after a write, which shows nothing
 */
record CacheVersion(long number, long id, @Nullable IdentifiableValue seen) implements Version {

    /** Of what was written. */
    static CacheVersion of(Envelope envelope) {
        return new CacheVersion(envelope.version(), envelope.writeIds().get(0), null);
    }

    /** Whether it is the same write, renewed or not. */
    boolean isSame(CacheVersion other) {
        return id != 0 && id == other.id && number == other.number;
    }

    /** Whether the service's client could not read it. */
    boolean isUnreadable() {
        return id == 0 && seen == null;
    }

    /** Hides all. */
    @Override
    public String toString() {
        return "Version[hidden]";
    }
}
