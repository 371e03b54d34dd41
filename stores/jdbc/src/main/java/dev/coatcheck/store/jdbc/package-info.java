/** Sessions kept in a database: {@link dev.coatcheck.store.jdbc.JdbcSessionStore}. */
@NullMarked
package dev.coatcheck.store.jdbc;

import org.jspecify.annotations.NullMarked;
