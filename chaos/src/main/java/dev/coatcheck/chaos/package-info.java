/** Chaos on real servers, started by {@code bin/chaos}. */
@NullMarked
package dev.coatcheck.chaos;

import org.jspecify.annotations.NullMarked;
