package dev.coatcheck.acceptance;

import dev.coatcheck.SessionStore;
import dev.coatcheck.store.appengine.LocalServices;

/** The races on Google's local memcache alone. */
class AppEngineMemcacheRaceTest extends AppEngineRaceTest {
    @Override
    SessionStore open(LocalServices local) {
        return local.memcache();
    }
}
