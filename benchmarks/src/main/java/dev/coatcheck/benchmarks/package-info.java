/** Benchmarks, started by {@code bin/benchmark}. */
@NullMarked
package dev.coatcheck.benchmarks;

import org.jspecify.annotations.NullMarked;
