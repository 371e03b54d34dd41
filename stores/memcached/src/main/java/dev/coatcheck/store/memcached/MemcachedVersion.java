package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.memcached.ServerIdentity;

/**
 * One state of one key on one server process at one node: in containers the servers of two nodes may have the same process id
 * and start in the same second.
 *
 * @param number the version, from the envelope
 * @param cas the server's number of the state
 * @param server the process that gave it, the only one that it means something to
 * @param node the node's name
 */
record MemcachedVersion(long number, long cas, ServerIdentity server, String node) implements Version {
    /** Hides all. */
    @Override
    public String toString() {
        return "Version[hidden]";
    }
}
