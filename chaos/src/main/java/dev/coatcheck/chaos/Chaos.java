package dev.coatcheck.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Runs at one place after another and prints what came of it; {@code bin/chaos} calls it. */
public final class Chaos {
    static final int DONE = 0;
    static final int BROKEN = 1;
    static final int WRONG = 2;

    private static final Set<String> HELP = Set.of("help", "--help", "-h");

    private Chaos() {}

    /** A run at one place. */
    interface Runner {
        Report at(Place place, long seed, Duration duration) throws InterruptedException;
    }

    /** Ends the process with the exit code that the help tells of. */
    public static void main(String[] arguments) throws InterruptedException {
        System.exit(run(List.of(arguments), Run::at, System.out, System.err));
    }

    /** Carries out a command; returns its exit code. */
    static int run(List<String> arguments, Runner runner, PrintStream out, PrintStream err)
            throws InterruptedException {
        if (arguments.stream().anyMatch(HELP::contains)) {
            out.print(help());
            return DONE;
        }
        Command command;
        try {
            command = Command.of(arguments);
        } catch (IllegalArgumentException wrong) {
            err.println("chaos: " + wrong.getMessage() + "; bin/chaos help shows what there is");
            return WRONG;
        }
        try {
            return run(command, runner, out, err);
        } catch (IllegalStateException noServer) {
            err.println("chaos: " + noServer.getMessage());
            return WRONG;
        }
    }

    private static int run(Command command, Runner runner, PrintStream out, PrintStream err)
            throws InterruptedException {
        long violations = 0;
        for (Place place : command.places()) {
            err.println("bin/chaos --place " + place.text() + " --seed " + command.seed() + " --minutes "
                    + command.duration().toMinutes());
            Report report = runner.at(place, command.seed(), command.duration());
            out.println(report.text());
            violations += report.violations();
        }
        return violations == 0 ? DONE : BROKEN;
    }

    private static String help() {
        try (InputStream in = Chaos.class.getResourceAsStream("help.txt")) {
            return new String(Objects.requireNonNull(in, "help.txt").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
