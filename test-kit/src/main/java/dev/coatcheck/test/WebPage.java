package dev.coatcheck.test;

import dev.coatcheck.Session;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response as a {@link WebHandler} uses them, in the words that every server has. An adapter's test
 * implements it with its framework's own calls. Used by the threads of one request.
 */
public interface WebPage {

    /** The session that the adapter gives for this request. */
    Session session();

    /** The first value of a parameter of the query; null when it is not there. */
    @Nullable
    String parameter(String name);

    /** Sets the status. */
    void status(int status);

    /** Adds a header line. */
    void header(String name, String value);

    /** Declares the length of the body. */
    void contentLength(long bytes);

    /** Writes ASCII text as the framework's users do, into its buffer if it has one. */
    void write(String text) throws IOException;

    /** Sends what was written so far, and at least the header. */
    void flush() throws IOException;

    /** Answers with a redirect, by the framework's own call for it. */
    void redirect(String location) throws IOException;

    /** Answers with an error, by the framework's own call for it. */
    void error(int status) throws IOException;
}
