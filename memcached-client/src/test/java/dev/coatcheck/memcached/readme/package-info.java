/** The programs that the module's README shows. */
package dev.coatcheck.memcached.readme;
