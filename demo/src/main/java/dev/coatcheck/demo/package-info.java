/** Chirp: a small site that shows what sessions can do. */
@NullMarked
package dev.coatcheck.demo;

import org.jspecify.annotations.NullMarked;
