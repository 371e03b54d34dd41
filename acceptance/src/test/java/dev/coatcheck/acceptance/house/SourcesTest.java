package dev.coatcheck.acceptance.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules of the sources that no compiler knows. */
class SourcesTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern PUBLISHED = Pattern.compile("^ *(public|protected) .*[({;]$");
    private static final Pattern WAITS = Pattern.compile("Thread\\.sleep|TimeUnit\\.[A-Z]+\\.sleep|LockSupport\\.park");
    private static final Pattern SKIPS =
            Pattern.compile("@Disabled|@EnabledIf|@DisabledIf|assume(True|False|That)|Assumptions");

    private static List<Path> java(String part) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> ROOT.relativize(file).toString().contains(part))
                    .filter(file -> !ROOT.relativize(file).toString().contains("target"))
                    .toList();
        }
    }

    @Test
    void everyPublishedMemberIsDescribed() throws IOException {
        List<String> bare = new ArrayList<>();
        for (String module : List.of(
                "core",
                "test-kit",
                "memcached-client",
                "web/servlet",
                "web/jdk-httpserver",
                "stores/memcached",
                "stores/jdbc",
                "stores/appengine")) {
            for (Path file : java(module + "/src/main/java")) {
                List<String> lines = Files.readAllLines(file);
                boolean published = lines.stream().anyMatch(line -> line.matches("^public .*"));
                for (int i = 0; published && i < lines.size(); i++) {
                    if (PUBLISHED.matcher(lines.get(i)).matches() && !isDescribed(lines, i)) {
                        bare.add(file.getFileName() + ":" + (i + 1) + lines.get(i));
                    }
                }
            }
        }
        assertThat(bare).isEmpty();
    }

    /** Whether a comment or an override stands above, annotations between them aside. */
    private static boolean isDescribed(List<String> lines, int declaration) {
        for (int i = declaration - 1; i >= 0; i--) {
            String above = lines.get(i).strip();
            if (above.startsWith("@Override") || above.endsWith("*/")) {
                return true;
            }
            if (!above.startsWith("@")) {
                return false;
            }
        }
        return false;
    }

    @Test
    void noTestWaitsForTimeToPassOrIsSkipped() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : java("src/test/java")) {
            if (file.getFileName().toString().equals("SourcesTest.java")) {
                continue;
            }
            String text = Files.readString(file);
            if (WAITS.matcher(text).find() || SKIPS.matcher(text).find()) {
                found.add(file.toString());
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void noFileHasGrownBeyondFiveHundredLines() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : java("src/main/java")) {
            int lines = Files.readAllLines(file).size();
            if (lines > 500) {
                tooLong.add(file.getFileName() + " " + lines);
            }
        }
        assertThat(tooLong).isEmpty();
    }
}
