package dev.coatcheck.test;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a browser holds, as the model sees it.
 *
 * @param value the cookie's value; null for no cookie
 * @param place where it leads; null for none, or a blank ticket
 * @param blankSeed the CSRF seed of a blank ticket; null for others
 * @param ends when the browser forgets it; null for when it is closed
 */
record ModelTicket(
        @Nullable String value,
        @Nullable ModelPlace place,
        @Nullable Integer blankSeed,
        @Nullable Instant ends) {

    static final ModelTicket NONE = new ModelTicket(null, null, null, null);

    @Override
    public String toString() {
        return "ModelTicket[hidden]";
    }
}
