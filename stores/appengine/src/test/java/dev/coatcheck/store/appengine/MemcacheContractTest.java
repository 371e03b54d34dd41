package dev.coatcheck.store.appengine;

import dev.coatcheck.SessionStore;

class MemcacheContractTest extends ServiceContract {
    @Override
    SessionStore open(LocalServices local) {
        return local.memcache();
    }
}
