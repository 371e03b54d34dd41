package dev.coatcheck.test;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The ways in which a response begins. */
final class WebBeginnings {
    private static final int LARGE = 200_000;

    private WebBeginnings() {}

    /** Every way, by name. */
    static Map<String, WebHandler> all() {
        Map<String, WebHandler> all = new LinkedHashMap<>();
        all.put("nothing", page -> {});
        all.put("a little", page -> page.write("little"));
        all.put("more than any buffer, at once", page -> page.write("x".repeat(LARGE)));
        all.put("more than any buffer, in small pieces", page -> {
            for (int i = 0; i < LARGE / 100; i++) {
                page.write("y".repeat(100));
            }
        });
        all.put("a little, then too much", page -> {
            page.write("z".repeat(100));
            page.write("z".repeat(LARGE));
        });
        all.put("a flush", WebPage::flush);
        all.put("a flush after a little", page -> {
            page.write("little");
            page.flush();
            page.write("more");
        });
        all.put("its declared length", page -> {
            page.contentLength(6);
            page.write("length");
        });
        all.put("its declared length, in two pieces", page -> {
            page.contentLength(6);
            page.write("len");
            page.write("gth");
        });
        all.put("a redirect", page -> page.redirect("/elsewhere"));
        all.put("an error", page -> page.error(404));
        all.put("status 204", page -> page.status(204));
        all.put("status 304", page -> page.status(304));
        return all;
    }

    static WebHandler named(String name) {
        return Objects.requireNonNull(all().get(name), name);
    }

    /** The body that the beginning of this name makes; null where the server writes it. */
    static @Nullable String body(String name) {
        return switch (name) {
            case "a little" -> "little";
            case "more than any buffer, at once" -> "x".repeat(LARGE);
            case "more than any buffer, in small pieces" -> "y".repeat(LARGE);
            case "a little, then too much" -> "z".repeat(LARGE + 100);
            case "a flush after a little" -> "littlemore";
            case "its declared length", "its declared length, in two pieces" -> "length";
            case "a redirect", "an error" -> null;
            default -> "";
        };
    }
}
