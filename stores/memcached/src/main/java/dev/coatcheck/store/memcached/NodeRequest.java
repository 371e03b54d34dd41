package dev.coatcheck.store.memcached;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What one node is asked for under one key: one command. Each is harmless when it is carried out late. */
sealed interface NodeRequest {

    /**
     * Reads.
     *
     * @param value whether the value is wanted, and not its flags alone
     * @param renew how long it is to live from now on; null leaves its lease as it is
     */
    record Get(boolean value, @Nullable Duration renew) implements NodeRequest {}

    /** Stores where nothing is. */
    record Add(NodeValue value, Duration life) implements NodeRequest {}

    /** Stores in place of one state. */
    record Swap(NodeValue value, NodeState over, Duration life) implements NodeRequest {}

    /** Stores the mark of an end, whatever is there. */
    record Bury(NodeValue tomb, Duration life) implements NodeRequest {}

    /** Lets what is there live for so long from now on. */
    record Touch(Duration life) implements NodeRequest {}

    /** Deletes one state. */
    record Delete(NodeState over) implements NodeRequest {}

    /** Whether it may be sent again when its answer was lost. */
    default boolean isRepeatable() {
        return !(this instanceof Add || this instanceof Swap);
    }
}
