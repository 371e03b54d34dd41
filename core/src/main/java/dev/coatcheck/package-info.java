/**
 * Sessions for web applications. Start at {@link dev.coatcheck.SessionManager}; what a request works with is
 * {@link dev.coatcheck.Session}; what keeps the bytes is a {@link dev.coatcheck.SessionStore}.
 */
@NullMarked
package dev.coatcheck;

import org.jspecify.annotations.NullMarked;
