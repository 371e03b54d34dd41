package dev.coatcheck.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.servlet.SessionFilter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What the documents show is what is compiled, and what they link to is there. */
class DocumentsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern XML = Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            List<Path> all = new ArrayList<>(
                    docs.filter(file -> file.toString().endsWith(".md")).toList());
            all.add(ROOT.resolve("README.md"));
            all.add(ROOT.resolve("CONTRIBUTING.md"));
            return all;
        }
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    @Test
    void everyProgramShownIsCompiled() throws IOException {
        StringBuilder compiled = new StringBuilder();
        try (Stream<Path> sources =
                Files.walk(ROOT.resolve("acceptance/src/test/java/dev/coatcheck/acceptance/docs"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                compiled.append(Files.readString(source));
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

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        for (Path document : documents()) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                assertThat(document.getParent().resolve(link.group(1)))
                        .as("link in %s", document.getFileName())
                        .exists();
            }
        }
    }
}
