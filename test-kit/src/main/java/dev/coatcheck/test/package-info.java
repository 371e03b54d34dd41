/**
 * Help for tests. Of applications: {@link dev.coatcheck.test.TestBrowser}, {@link dev.coatcheck.test.SessionAssert},
 * {@link dev.coatcheck.test.FakeClock}, {@link dev.coatcheck.test.FaultyStore}. Of stores:
 * {@link dev.coatcheck.test.SessionStoreContract}, {@link dev.coatcheck.test.SessionModel}. Of what speaks to memcached:
 * {@link dev.coatcheck.test.MemcachedServer}, {@link dev.coatcheck.test.FaultProxy}.
 */
@NullMarked
package dev.coatcheck.test;

import org.jspecify.annotations.NullMarked;
