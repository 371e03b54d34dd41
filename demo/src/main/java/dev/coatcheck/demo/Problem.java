package dev.coatcheck.demo;

/**
 * What a page says of an HTTP status.
 *
 * @param number the status, which the page shows as the number of its ticket
 */
public record Problem(int number, String heading, String text, String link, String linkText) {

    static Problem of(int status) {
        return switch (status) {
            case 400 -> home(status, "We could not read that", "The request is malformed, so nothing was done.");
            case 403 ->
                home(
                        status,
                        "Please load the form again",
                        "The form that you sent is from before you signed in or out, or comes from another site. Nothing was"
                                + " changed. Load the page again and send the form once more.");
            case 404 -> home(status, "No coat under this number", "There is no page at this address.");
            case 405 -> home(status, "Not at this counter", "This address does not take that kind of request.");
            case 409 ->
                home(
                        status,
                        "Two hands at one coat",
                        "Another request changed the same thing at the same moment. Try again.");
            case 413 -> home(status, "Too big for the rack", "A form may have 16 KB here, and this one had more.");
            case 415 -> home(status, "We take forms only", "This address takes a form as a browser sends it.");
            case 431 -> home(status, "Too many tickets", "The browser sent more header fields than we read.");
            case 503 ->
                new Problem(
                        status,
                        "The cloakroom is closed for a moment",
                        "Your coat is safe and your ticket stays good: nobody was signed out. Please try again in a little"
                                + " while.",
                        "/",
                        "Read the timeline meanwhile");
            default ->
                status < 500
                        ? home(status, "That did not work", "We do not take this request.")
                        : home(
                                500,
                                "Something fell off its hanger",
                                "That was our fault, not yours. Please try again.");
        };
    }

    private static Problem home(int status, String heading, String text) {
        return new Problem(status, heading, text, "/", "Back to the timeline");
    }
}
