package dev.coatcheck.demo;

import java.util.Map;

/** What a page answers. */
sealed interface Reply {

    /** A page of the site: a template and what it shows beside the frame that every page has. */
    record Shown(int status, String template, String title, Map<String, Object> model) implements Reply {}

    /** 303: the browser gets the path next, and a reload of what it then shows sends no form again. */
    record SeeOther(String path) implements Reply {}

    /** Bytes as they are, for what is no page; such an answer never touches the session. */
    record Plain(String contentType, byte[] body) implements Reply {}

    /** A line or a few for programs; such an answer never touches the session. */
    record Text(int status, String text) implements Reply {}

    /** The page of an HTTP status that is no success. */
    static Reply problem(int status) {
        Problem problem = Problem.of(status);
        return new Shown(status, "problem.jte", problem.heading(), Map.of("problem", problem));
    }
}
