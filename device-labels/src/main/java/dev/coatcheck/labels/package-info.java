/** Labels for devices, by the expressions of the ua-parser project. */
@NullMarked
package dev.coatcheck.labels;

import org.jspecify.annotations.NullMarked;
