package dev.coatcheck;

import java.util.Set;

/** Opens stores of one kind by URL. Found by {@link java.util.ServiceLoader}, as JDBC drivers are. */
public interface SessionStoreProvider {

    /** The URL schemes that this provider opens, in lower case and without the colon: {@code embedded}. */
    Set<String> schemes();

    /**
     * Opens a store.
     *
     * @param url starts with one of the schemes and a colon
     * @throws IllegalArgumentException when the URL cannot be used; the message names the part and what is accepted
     */
    SessionStore open(String url);
}
