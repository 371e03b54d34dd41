package dev.coatcheck;

import java.util.Objects;

/**
 * Where a record lies and what opens it: all that is needed to read and write a session, but not to send a cookie for it.
 * Follows from a token; a pointer of a rotation holds one, which is why no secret is in it.
 */
record Address(SessionStore.Key key, byte[] sealKey, LeaseClass leaseClass, int ringKey, String id) {

    /** The address that a token of a session leads to. */
    static Address of(SessionToken token, Derivation derivation) {
        byte[] secret = token.secret();
        LeaseClass leaseClass = Objects.requireNonNull(token.leaseClass(), "a session's token has a lease class");
        return new Address(
                derivation.locator(secret, leaseClass),
                derivation.sealKey(token.ringKey(), secret),
                leaseClass,
                token.ringKey(),
                derivation.id(secret));
    }

    /** The id alone. */
    @Override
    public String toString() {
        return "Address[" + id + "]";
    }
}
