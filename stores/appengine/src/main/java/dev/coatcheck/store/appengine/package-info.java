/**
 * Sessions kept in the bundled services of Google App Engine: {@link dev.coatcheck.store.appengine.AppEngineSessionStore} in memcache,
 * {@link dev.coatcheck.store.appengine.DatastoreSessionStore} in Datastore.
 */
@NullMarked
package dev.coatcheck.store.appengine;

import org.jspecify.annotations.NullMarked;
