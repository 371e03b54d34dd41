package dev.coatcheck.demo.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private Terminal size = new Terminal(14, 50);
    private final Screen screen = new Screen(
            new PrintStream(sent, true, StandardCharsets.UTF_8), List.of("head"), new News(), () -> size, true);

    private static View view(String node, int copies) {
        return new View(
                List.of(node),
                List.of("counted"),
                IntStream.rangeClosed(1, copies)
                        .mapToObj(number -> "copy " + number)
                        .toList());
    }

    private String drawnBy(Runnable work) {
        sent.reset();
        work.run();
        return sent.toString(StandardCharsets.UTF_8);
    }

    private static List<String> lines(String drawn) {
        return drawn.replaceAll("\u001b(\\[[?]?[0-9;]*[A-Za-z]|[78])", "")
                .lines()
                .toList();
    }

    @Test
    void aPageLeavesTwoLinesOfTheWindowForThePrompt() {
        assertThat(lines(drawnBy(() -> screen.update(view("node", 20)))))
                .hasSize(12)
                .startsWith("head", "", "node", "", "counted", "", "copy 1")
                .contains("copy 3", "  and 17 more; a larger window shows them")
                .doesNotContain("copy 4");
    }

    @Test
    void allIsShownWhereThereIsRoom() {
        assertThat(lines(drawnBy(() -> screen.update(view("node", 4)))))
                .hasSize(12)
                .contains("copy 4")
                .noneMatch(line -> line.contains("more"));
    }

    @Test
    void nothingIsDrawnWhereNothingHasChanged() {
        drawnBy(() -> screen.update(view("node", 4)));

        assertThat(drawnBy(() -> screen.update(view("node", 4)))).isEmpty();
        assertThat(drawnBy(() -> screen.update(view("node", 3)))).isNotEmpty();
    }

    @Test
    void aLineThatIsTooLongIsCutAndFatesHaveColours() {
        String drawn = drawnBy(() -> screen.update(view("n1 killed, n2 frozen, n3 up " + "x".repeat(50), 1)));

        assertThat(drawn).contains("\u001b[31mkilled", "\u001b[33mfrozen", "\u001b[32mup");
        assertThat(lines(drawn))
                .allMatch(line -> line.length() < 50)
                .contains("n1 killed, n2 frozen, n3 up " + "x".repeat(21));
    }

    @Test
    void anotherSizeOfTheWindowIsNoticed() {
        screen.update(view("node", 20));
        size = new Terminal(30, 80);

        String drawn = drawnBy(() -> IntStream.range(0, 10).forEach(tick -> screen.update(view("node", 20))));

        assertThat(lines(drawn)).contains("copy 20");
    }

    @Test
    void theTerminalIsLeftAsItWas() {
        assertThat(drawnBy(screen::end)).isEqualTo("\u001b[?1049l");
    }
}
