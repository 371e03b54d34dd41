package dev.coatcheck.test;

/** A running server of {@link WebContract}, on a port of this machine's loopback address. */
public interface WebServer extends AutoCloseable {

    /** The port that it listens on. */
    int port();

    /** Stops it and frees the port. */
    @Override
    void close();
}
