package dev.coatcheck.chaos;

import java.util.List;

/**
 * All that was asked and answered in one session's life, from its making on.
 *
 * @param life the session's number, which each of its values bears
 * @param entries the first made it; those of one moment are in any order
 */
record History(long life, List<Entry> entries) {
    History {
        entries = List.copyOf(entries);
    }
}
