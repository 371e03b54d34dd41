package dev.coatcheck.memcached.readme;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.memcached.NodeEvent;
import dev.coatcheck.memcached.Reply;
import dev.coatcheck.test.MemcachedServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README shows is compiled and does what it says. */
class ReadmeTest {
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern SETTING = Pattern.compile("\\| `([a-z][a-zA-Z]*)` \\|");

    private static String readme() throws IOException {
        return Files.readString(Path.of("README.md"));
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    @Test
    void theProgramShownIsTheOneThatIsCompiled() throws IOException {
        String program = Files.readString(Path.of("src/test/java/dev/coatcheck/memcached/readme/Greeting.java"));
        Matcher block = JAVA.matcher(readme());
        assertThat(block.find()).isTrue();
        do {
            assertThat(squeezed(program)).contains(squeezed(block.group(1)));
        } while (block.find());
    }

    @Test
    void theProgramShownPrintsWhatIsShown() throws IOException {
        try (MemcachedServer server = MemcachedServer.start()) {
            // Its timeout is the default, which the first connection of a busy machine may exceed.
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                List<String> lines = printed(server);
                assertThat(lines).hasSize(2).last().isEqualTo("DONE");
                assertThat(lines.get(0)).matches("hello, (60|5\\d) s left");
            });
        }
        assertThat(readme()).contains("hello, 60 s left\nDONE\n");
    }

    private static List<String> printed(MemcachedServer server) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, UTF_8));
            Greeting.main(new String[] {server.address()});
        } finally {
            System.setOut(before);
        }
        // The log goes to the same place in tests.
        return printed.toString(UTF_8)
                .lines()
                .filter(line -> !line.contains("MemcachedClient"))
                .toList();
    }

    @Test
    void everySettingIsInTheTable() throws IOException {
        List<String> told = new ArrayList<>();
        Matcher setting = SETTING.matcher(readme());
        while (setting.find()) {
            told.add(setting.group(1));
        }
        List<String> there = Stream.of(MemcachedClient.Builder.class.getMethods())
                .filter(method -> method.getReturnType() == MemcachedClient.Builder.class)
                .map(method -> method.getName())
                .distinct()
                .toList();
        assertThat(told).containsExactlyInAnyOrderElementsOf(there);
    }

    @Test
    void everyFateStatusAndEventIsExplained() throws IOException {
        Stream.of(Fate.values(), Reply.Status.values(), NodeEvent.Kind.values())
                .flatMap(Stream::of)
                .forEach(constant -> {
                    try {
                        assertThat(readme()).contains("`" + constant + "`");
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }
}
