package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import java.util.Arrays;

/**
 * A value as a node holds it.
 *
 * @param bytes an envelope and what is behind it
 * @param flags the client flags
 */
record NodeValue(byte[] bytes, long flags) {

    static NodeValue of(byte[] bytes, Envelope envelope) {
        return new NodeValue(bytes, ClientFlags.of(envelope));
    }

    /** What a witness holds of it: that it was written, and by whom. The mark of an end is one by itself. */
    NodeValue stub() {
        Envelope envelope = Envelope.of(bytes);
        if (envelope.kind() == Envelope.Kind.TOMB) {
            return this;
        }
        Envelope stub = new Envelope(
                Envelope.Kind.STUB,
                envelope.leaseClass(),
                envelope.ringKey(),
                envelope.storeBits(),
                envelope.version(),
                envelope.end(),
                envelope.writeIds());
        return of(stub.bytes(), stub);
    }

    boolean isSameAs(NodeValue other) {
        return flags == other.flags && Arrays.equals(bytes, other.bytes);
    }

    /** Hides the value. */
    @Override
    public String toString() {
        return "NodeValue[" + bytes.length + " bytes]";
    }
}
