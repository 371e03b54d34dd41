package dev.coatcheck.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is typed. */
class CommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int typed(String... words) throws InterruptedException {
        return typed(CommandTest::unasked, words);
    }

    private static Report unasked(Place place, long seed, Duration duration) {
        throw new AssertionError("Nothing is to be run at " + place);
    }

    private int typed(Chaos.Runner runner, String... words) throws InterruptedException {
        return Chaos.run(
                List.of(words),
                runner,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "--minuets 3, there is no option --minuets",
        "3, there is no option 3",
        "--seed, --seed needs a value",
        "--seed 1 --minutes, --minutes needs a value",
        "--seed x, '--seed is a number from -9223372036854775808 to 9223372036854775807, not x'",
        "--minutes 0, '--minutes is a number from 1 to 10000, not 0'",
        "--minutes 10001, '--minutes is a number from 1 to 10000, not 10001'",
        "--place moon, there is no place moon"
    })
    void whatIsWrongIsSaidInOneLine(String words, String said) throws Exception {
        assertThat(typed(words.split(" "))).isEqualTo(Chaos.WRONG);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("chaos: " + said)
                .endsWith("; bin/chaos help shows what there is");
        assertThat(out.size()).isZero();
    }

    @Test
    void optionsComeInAnyOrder() {
        assertThat(Command.of(List.of("--place", "two-tiers", "--seed", "-4", "--minutes", "10")))
                .isEqualTo(new Command(Duration.ofMinutes(10), -4, List.of(Place.TWO_TIERS)));
    }

    @Test
    void withoutOptionsItIsAMinuteAtEachPlaceFromARandomSeed() {
        Command command = Command.of(List.of());
        assertThat(command.duration()).isEqualTo(Duration.ofMinutes(1));
        assertThat(command.places()).isEqualTo(List.of(Place.values()));
        assertThat(command.seed()).isNotEqualTo(Command.of(List.of()).seed());
    }

    private static Report report(Place place, long seed, List<String> broken) {
        return new Report(
                place, seed, Duration.ZERO, 0, new Tally(), Map.of(), Map.of(), 0, List.of(), broken.size(), broken);
    }

    @Test
    void aBrokenPromiseAtAnyPlaceIsTheExitCodeAndListed() throws Exception {
        List<Place> ran = new ArrayList<>();
        Chaos.Runner kept = (place, seed, duration) -> {
            ran.add(place);
            return report(place, seed, List.of());
        };
        assertThat(typed(kept, "--seed", "4711")).isEqualTo(Chaos.DONE).isZero();
        assertThat(ran).containsExactly(Place.values());
        Chaos.Runner broken = (place, seed, duration) ->
                report(place, seed, place == Place.values()[0] ? List.of("A session is as it was before") : List.of());
        assertThat(typed(broken, "--seed", "4711")).isEqualTo(Chaos.BROKEN).isOne();
        assertThat(out.toString(StandardCharsets.UTF_8)).containsOnlyOnce("  A session is as it was before\n");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("bin/chaos --place " + Place.values()[0].text() + " --seed 4711 --minutes 1\n");
    }

    @Test
    void aServerThatCannotBeStartedIsSaidInOneLine() throws Exception {
        Chaos.Runner without = (place, seed, duration) -> {
            throw new IllegalStateException("There is no memcached");
        };
        assertThat(typed(without, "--place", "one-copy")).isEqualTo(Chaos.WRONG).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8).lines().skip(1))
                .containsExactly("chaos: There is no memcached");
    }

    @Test
    void theHelpNamesEveryPlaceAndIsTheScriptsWithoutABuild() throws Exception {
        assertThat(typed("--help")).isEqualTo(Chaos.DONE);
        String help = out.toString(StandardCharsets.UTF_8);
        assertThat(List.of(Place.values())).allSatisfy(place -> assertThat(help).contains(place.text() + ": "));

        Process script = new ProcessBuilder(
                        Path.of("").toAbsolutePath().resolveSibling("bin/chaos").toString(), "help")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(help);
        assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(script.exitValue()).isZero();
    }
}
