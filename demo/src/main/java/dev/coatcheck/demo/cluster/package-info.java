/** A small cluster on this machine, whose nodes are killed, frozen and revived by hand. */
@NullMarked
package dev.coatcheck.demo.cluster;

import org.jspecify.annotations.NullMarked;
