package dev.coatcheck.frameworks;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page as it came: what it says, the form on it and where its links lead. */
record Html(URI uri, int status, String text) {
    private static final Pattern INPUT = Pattern.compile("<input\\b[^>]*>");

    /** What the element with this id says. */
    String says(String id) {
        return found(
                Pattern.compile("<(\\w+)[^>]*\\bid=\"" + Pattern.quote(id) + "\"[^>]*>(.*?)</\\1>", Pattern.DOTALL), 2);
    }

    /** The path that a link with this id leads to, from the root. */
    String link(String id) {
        String tag = found(Pattern.compile("<a\\b[^>]*\\bid=\"" + Pattern.quote(id) + "\"[^>]*>"), 0);
        return path(attribute(tag, "href"));
    }

    /** The path that the form is sent to, from the root. */
    String action() {
        return path(attribute(found(Pattern.compile("<form\\b[^>]*>"), 0), "action"));
    }

    Map<String, String> hiddenFields() {
        Map<String, String> fields = new LinkedHashMap<>();
        Matcher inputs = INPUT.matcher(text);
        while (inputs.find()) {
            if (inputs.group().contains("type=\"hidden\"")) {
                fields.put(attribute(inputs.group(), "name"), attribute(inputs.group(), "value"));
            }
        }
        return fields;
    }

    private String path(String reference) {
        URI target = uri.resolve(reference);
        return target.getRawQuery() == null ? target.getRawPath() : target.getRawPath() + "?" + target.getRawQuery();
    }

    private static String attribute(String tag, String name) {
        Matcher attribute = Pattern.compile("\\b" + name + "=\"([^\"]*)\"").matcher(tag);
        return attribute.find() ? attribute.group(1).replace("&amp;", "&") : "";
    }

    private String found(Pattern pattern, int group) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("No " + pattern + " in " + status + " " + uri + ":\n" + text);
        }
        return matcher.group(group);
    }
}
