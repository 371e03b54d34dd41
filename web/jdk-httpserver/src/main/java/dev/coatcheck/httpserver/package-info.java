/**
 * Sessions for {@link com.sun.net.httpserver.HttpServer}, the JDK's own server, without a servlet. Put
 * {@link dev.coatcheck.httpserver.SessionFilter} in front of the handlers; then {@link dev.coatcheck.httpserver.Sessions}
 * gives the session of an exchange.
 */
@NullMarked
package dev.coatcheck.httpserver;

import org.jspecify.annotations.NullMarked;
