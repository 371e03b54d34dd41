package dev.coatcheck.store.memcached;

import java.util.List;

/**
 * The nodes that have a say about one key: two that hold its copies, and from three nodes on a witness, which is asked when
 * one of the two is out of reach or they disagree. What two of three hold is decided.
 */
interface Voters {
    /** The place of the node that is written first. */
    int FIRST = 0;

    /** The place of the node with the second copy. */
    int SECOND = 1;

    /** The place of the witness. */
    int WITNESS = 2;

    /** The nodes' names, by place: two, or three with a witness. */
    List<String> names();

    /** Whether a node is believed to answer now. */
    boolean answers(int place);

    default boolean haveWitness() {
        return names().size() > WITNESS;
    }
}
