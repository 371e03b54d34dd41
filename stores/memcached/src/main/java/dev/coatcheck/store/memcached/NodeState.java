package dev.coatcheck.store.memcached;

import dev.coatcheck.memcached.ServerIdentity;

/**
 * One state of one key at one server process.
 *
 * @param cas the server's number of the state
 * @param server the process that gave it, the only one that it means something to
 */
record NodeState(long cas, ServerIdentity server) {}
