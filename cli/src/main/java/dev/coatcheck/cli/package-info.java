/** The command line for those who run an application with Coatcheck; {@code bin/coatcheck} starts it. */
@NullMarked
package dev.coatcheck.cli;

import org.jspecify.annotations.NullMarked;
