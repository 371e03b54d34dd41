package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import dev.coatcheck.store.memcached.NodeAnswer.Found;
import org.jspecify.annotations.Nullable;

/**
 * What one node holds of a key, as it has shown it: a value, or as a witness an envelope alone.
 *
 * @param place whose
 * @param found its answer, with the value
 * @param envelope null where the value does not begin with one: then it is none of ours and yields to any other
 */
record Copy(int place, Found found, @Nullable Envelope envelope) {

    static Copy of(int place, Found found) {
        return new Copy(place, found, envelope(found.value()));
    }

    static @Nullable Envelope envelope(byte[] value) {
        try {
            return Envelope.of(value);
        } catch (IllegalArgumentException notOurs) {
            return null;
        }
    }

    boolean isTomb() {
        return envelope != null && envelope.kind() == Envelope.Kind.TOMB;
    }

    /** Whether it can be handed out: a witness's part cannot. */
    boolean isData() {
        return envelope != null && envelope.kind() != Envelope.Kind.STUB;
    }

    boolean isTerminal() {
        return envelope != null && envelope.kind().isTerminal();
    }

    /** Its version; 0 without one. */
    int version() {
        return envelope == null ? 0 : envelope.version();
    }

    /** Its newest write; 0 without one. */
    long newestWrite() {
        return envelope == null ? 0 : envelope.writeIds().get(0);
    }

    /** Whether nothing of what the other holds is missing here. */
    boolean covers(Copy other) {
        return envelope != null && covers(envelope, other);
    }

    /**
     * Whether nothing of what a node holds is missing in a value with this envelope: that is its descendant, or the same. So
     * many versions on that the list of writes no longer tells, the higher version is taken for the descendant.
     */
    static boolean covers(Envelope envelope, Copy other) {
        Envelope older = other.envelope;
        if (older == null || envelope.containsWrite(other.newestWrite())) {
            return true;
        }
        return isFarAhead(envelope, older);
    }

    boolean sharesAWriteWith(Copy other) {
        return envelope != null
                && other.envelope != null
                && envelope.writeIds().stream().anyMatch(other.envelope::containsWrite);
    }

    boolean isFarAheadOf(Envelope older) {
        return envelope != null && isFarAhead(envelope, older);
    }

    private static boolean isFarAhead(Envelope envelope, Envelope older) {
        boolean session = envelope.version() < Envelope.TERMINAL_VERSION;
        return session && envelope.version() - older.version() >= Envelope.WRITE_IDS;
    }

    NodeValue value() {
        return new NodeValue(found.value(), found.flags());
    }
}
