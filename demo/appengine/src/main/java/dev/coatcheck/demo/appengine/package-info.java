/** Notes in a session, on Google App Engine. */
@NullMarked
package dev.coatcheck.demo.appengine;

import org.jspecify.annotations.NullMarked;
