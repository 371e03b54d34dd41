/** Sessions kept in memcached: {@link dev.coatcheck.store.memcached.MemcachedSessionStore}. */
@NullMarked
package dev.coatcheck.store.memcached;

import org.jspecify.annotations.NullMarked;
