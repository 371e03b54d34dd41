package dev.coatcheck.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.coatcheck.SessionStore;
import dev.coatcheck.servlet.SessionFilter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What the documents show is what is compiled, and what they link to is there. */
class DocumentsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    /** Where what is shown is compiled. */
    private static final List<String> PROGRAMS = List.of(
            "acceptance/src/test/java/dev/coatcheck/acceptance/docs",
            "demo/appengine/src/main/java/dev/coatcheck/demo/appengine",
            "web/servlet-javax/src/test/java/dev/coatcheck/javax/docs");

    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern XML = Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL);
    /** A link or picture of this project: where it leads, and the heading there. */
    private static final Pattern LINK = Pattern.compile(
            "]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)|^\\[[^]]+]: ([^#\\s]+)(?:#(\\S+))?$", Pattern.MULTILINE);

    private static final Pattern BY_NAME = Pattern.compile("\\[([A-Z]\\w+)](?![(:\\[])");
    private static final Pattern HEADING = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE);
    private static final Pattern OPTION = Pattern.compile("^\\| `(?:coatcheck\\.)?(\\w+)` \\|", Pattern.MULTILINE);

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            List<Path> all = new ArrayList<>(
                    docs.filter(file -> file.toString().endsWith(".md")).toList());
            all.add(ROOT.resolve("README.md"));
            all.add(ROOT.resolve("CONTRIBUTING.md"));
            all.add(ROOT.resolve("CHANGELOG.md"));
            return all;
        }
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    @Test
    void everyProgramShownIsCompiled() throws IOException {
        StringBuilder compiled = new StringBuilder();
        for (String module : PROGRAMS) {
            try (Stream<Path> sources = Files.walk(ROOT.resolve(module))) {
                for (Path source : sources.filter(Files::isRegularFile).toList()) {
                    compiled.append(Files.readString(source));
                }
            }
        }
        String all = squeezed(compiled.toString());
        int shown = 0;
        for (Path document : documents()) {
            Matcher block = JAVA.matcher(Files.readString(document));
            while (block.find()) {
                shown++;
                assertThat(all.contains(squeezed(block.group(1))))
                        .as("%s shows what is compiled nowhere:%n%s", document.getFileName(), block.group(1))
                        .isTrue();
            }
        }
        assertThat(shown).isPositive();
    }

    /** What is to go into a {@code web.xml} is well-formed and names a class that is there. */
    @Test
    void everyDescriptorShownCanBeRead() throws Exception {
        int classes = 0;
        for (Path document : documents()) {
            Matcher block = XML.matcher(Files.readString(document));
            while (block.find()) {
                NodeList named = DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader("<web-app>" + block.group(1) + "</web-app>")))
                        .getElementsByTagName("filter-class");
                for (int i = 0; i < named.getLength(); i++) {
                    classes++;
                    assertThat(Class.forName(named.item(i).getTextContent())).isEqualTo(SessionFilter.class);
                }
            }
        }
        assertThat(classes).isPositive();
    }

    /** One link, as a document has it. */
    private record Link(Path target, String heading) {}

    private static List<Link> links(Path document) throws IOException {
        List<Link> links = new ArrayList<>();
        Matcher link = LINK.matcher(withoutCode(Files.readString(document)));
        while (link.find()) {
            String path = link.group(1) == null ? link.group(3) : link.group(1);
            String heading = link.group(1) == null ? link.group(4) : link.group(2);
            Path target =
                    path.isEmpty() ? document : document.resolveSibling(path).normalize();
            links.add(new Link(target, heading == null ? "" : heading));
        }
        return links;
    }

    private static String withoutCode(String text) {
        return text.replaceAll("(?s)```.*?```", "").replaceAll("`[^`\n]*`", "code");
    }

    /** Headings as links name them: in lower case, without punctuation, with hyphens for blanks. */
    private static List<String> headings(Path document) throws IOException {
        return HEADING.matcher(Files.readString(document).replaceAll("(?s)```.*?```", ""))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{Alnum} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @Test
    void everyLinkLeadsToAFileAndToAHeadingThere() throws IOException {
        int withHeading = 0;
        for (Path document : documents()) {
            for (Link link : links(document)) {
                assertThat(link.target).as("link in %s", document.getFileName()).exists();
                if (!link.heading.isEmpty()) {
                    withHeading++;
                    assertThat(headings(link.target))
                            .as("%s links to %s", document.getFileName(), link)
                            .contains(link.heading);
                }
            }
        }
        assertThat(withHeading).isPositive();
    }

    /** What stands in brackets without an address is a test, and its address is at the end. */
    @Test
    void everyTestThatIsNamedForAGuaranteeHasItsAddress() throws IOException {
        Path guarantees = ROOT.resolve("docs/guarantees.md");
        String text = Files.readString(guarantees);
        Matcher name = BY_NAME.matcher(text);
        int named = 0;
        while (name.find()) {
            named++;
            assertThat(text).contains("\n[" + name.group(1) + "]: ");
        }
        assertThat(named).isPositive();
    }

    @Test
    void everyDocumentIsReachedFromTheReadme() throws IOException {
        Deque<Path> ahead = new ArrayDeque<>(List.of(ROOT.resolve("README.md")));
        Set<Path> reached = new HashSet<>(ahead);
        while (!ahead.isEmpty()) {
            for (Link link : links(ahead.pop())) {
                if (link.target.toString().endsWith(".md") && reached.add(link.target)) {
                    ahead.add(link.target);
                }
            }
        }
        assertThat(reached).containsAll(documents());
    }

    @Test
    void theOptionsInTheTablesAreThoseThatTheStoresTake() throws IOException {
        assertThat(options("memcached.md")).isEqualTo(accepted("memcached://127.0.0.1:1?", "none=1"));
        assertThat(options("jdbc.md")).isEqualTo(accepted("jdbc:h2:mem:none;", "coatcheck.none=1"));
        assertThat(options("appengine.md")).isEqualTo(accepted("appengine:?", "none=1"));
    }

    private static TreeSet<String> options(String document) throws IOException {
        String text = Files.readString(ROOT.resolve("docs").resolve(document));
        String table = text.substring(text.indexOf("| option |"));
        return OPTION.matcher(table.substring(0, table.indexOf("\n\n")))
                .results()
                .map(option -> option.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What a store says that it takes, when it is asked for something else. */
    private static TreeSet<String> accepted(String url, String option) {
        String refusal =
                catchThrowable(() -> SessionStore.open(url + option).close()).getMessage();
        String[] names = refusal.substring(refusal.indexOf("accepted are")).split(", ");
        return Arrays.stream(names).filter(name -> name.matches("\\w+")).collect(Collectors.toCollection(TreeSet::new));
    }
}
