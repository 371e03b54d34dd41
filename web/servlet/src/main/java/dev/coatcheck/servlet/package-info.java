/**
 * Sessions for Jakarta Servlet 6.1. Put {@link dev.coatcheck.servlet.SessionFilter} in front of the application; then
 * {@code request.getSession()} is kept by Coatcheck, and {@link dev.coatcheck.servlet.Sessions} gives the typed API on the
 * same data.
 */
@NullMarked
package dev.coatcheck.servlet;

import org.jspecify.annotations.NullMarked;
