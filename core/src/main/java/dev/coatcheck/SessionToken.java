package dev.coatcheck;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a cookie carries, checked.
 *
 * @param kind a session's token, or a blank ticket
 * @param ringKey the number of the key that signs it, 1 to 15; 0 unsigned
 * @param leaseClass of a session's lease; null for a blank ticket, which has none
 * @param secret 31 bytes, not copied: nobody writes to them
 */
record SessionToken(Kind kind, int ringKey, @Nullable LeaseClass leaseClass, byte[] secret) {
    static final int SECRET_BYTES = 31;

    /** What the token is for. */
    enum Kind {
        /** Leads to a session. */
        SESSION(1),
        /** Gives a visitor without a session a CSRF seed. It is never looked up and never becomes a session. */
        BLANK(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    SessionToken {
        if ((kind == Kind.SESSION) != (leaseClass != null)
                || ringKey < 0
                || ringKey > KeyRing.LAST_NUMBER
                || secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("Not a token: a field is out of range");
        }
    }

    /** The same secret, and so the same public id, in a record of another lease. */
    SessionToken withLeaseClass(LeaseClass other) {
        return new SessionToken(kind, ringKey, other, secret);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SessionToken token
                && kind == token.kind
                && ringKey == token.ringKey
                && leaseClass == token.leaseClass
                && MessageDigest.isEqual(secret, token.secret);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, ringKey, leaseClass, Arrays.hashCode(secret));
    }

    /** Hides the secret. */
    @Override
    public String toString() {
        return "SessionToken[" + kind + ", hidden]";
    }
}
