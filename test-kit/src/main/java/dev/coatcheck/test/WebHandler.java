package dev.coatcheck.test;

/** A page of the application that {@link WebContract} runs behind an adapter. */
@FunctionalInterface
public interface WebHandler {

    /** Answers one request. What it throws is the application's failure, which the server answers with a 500. */
    void handle(WebPage page) throws Exception;
}
