package dev.coatcheck.store.appengine;

import dev.coatcheck.SessionStore;

class DatastoreContractTest extends ServiceContract {
    @Override
    SessionStore open(LocalServices local) {
        return local.datastore();
    }
}
