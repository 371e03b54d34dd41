/**
 * A client for memcached's meta protocol: {@link dev.coatcheck.memcached.MemcachedClient} sends a
 * {@link dev.coatcheck.memcached.Command} to the node that owns its key and gives a {@link dev.coatcheck.memcached.Reply},
 * or a {@link dev.coatcheck.memcached.MemcachedException} that says whether the command can have happened.
 */
@NullMarked
package dev.coatcheck.memcached;

import org.jspecify.annotations.NullMarked;
