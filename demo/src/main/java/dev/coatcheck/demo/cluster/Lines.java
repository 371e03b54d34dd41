package dev.coatcheck.demo.cluster;

import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.stream.Stream;

/** A line for each change, without control characters: for pipes, files and tests. */
final class Lines implements Display {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private final PrintStream out;
    private Set<String> before = Set.of();

    Lines(PrintStream out) {
        this.out = out;
    }

    @Override
    public Duration period() {
        return Duration.ofSeconds(1);
    }

    private static Stream<String> lines(View view) {
        return Stream.of(view.nodes(), view.counters(), view.copies()).flatMap(lines -> lines.stream());
    }

    @Override
    public void update(View view) {
        lines(view).filter(line -> !before.contains(line)).forEach(line -> say(line.strip()));
        before = Set.copyOf(lines(view).toList());
    }

    @Override
    public void all(View view) {
        lines(view).forEach(line -> say(line.strip()));
        before = Set.copyOf(lines(view).toList());
    }

    @Override
    public void say(String text) {
        out.println(TIME.format(LocalTime.now(ZoneId.systemDefault())) + " " + text);
    }

    @Override
    public void end() {}
}
