package dev.coatcheck.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the session mix with 1 to 256 callers, on platform threads and, where there are any, on virtual ones, and measures what
 * a request costs that ignores its session.
 */
public final class Benchmarks {
    private static final int VIRTUAL_SINCE = 21;
    private static final int MOST_CALLERS = 10_000;
    private static final int WRONG = 2;

    private Benchmarks() {}

    /**
     * Prints the figures and the client's share of the bare sockets' throughput. Arguments: numbers of callers, or
     * {@code ignored} for the requests that ignore their session alone. Ends with code 2 for others.
     */
    public static void main(String[] args) throws RunnerException {
        List<Integer> callers;
        try {
            callers = callers(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println("benchmark: " + e.getMessage() + "; bin/benchmark --help tells what there is");
            System.exit(WRONG);
            return;
        }
        List<String> ignored = ignored();
        if (!callers.isEmpty()) {
            mixes(callers);
        }
        System.out.println();
        System.out.printf("%-24s %14s%n", "session ignored", "bytes/request");
        ignored.forEach(System.out::println);
    }

    /**
     * How many callers at a time, for one run after another; none where the requests that ignore their session are all.
     *
     * @throws IllegalArgumentException in one line, for whoever typed it
     */
    static List<Integer> callers(List<String> arguments) {
        if (arguments.isEmpty()) {
            return List.of(1, 4, 16, 64, 256);
        }
        return arguments.equals(List.of("ignored"))
                ? List.of()
                : arguments.stream().map(Benchmarks::number).toList();
    }

    private static int number(String argument) {
        if (!argument.matches("[1-9][0-9]{0,4}") || Integer.parseInt(argument) > MOST_CALLERS) {
            throw new IllegalArgumentException("'" + argument + "' is no number of callers from 1 to " + MOST_CALLERS);
        }
        return Integer.parseInt(argument);
    }

    private static List<String> ignored() throws RunnerException {
        List<String> table = new ArrayList<>();
        for (RunResult run : new Runner(new OptionsBuilder()
                        .include(IgnoredSession.class.getSimpleName())
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .build())
                .run()) {
            Result<?> bytes = Objects.requireNonNull(run.getSecondaryResults().get("gc.alloc.rate.norm"));
            table.add(String.format("%-24s %14.0f", run.getPrimaryResult().getLabel(), bytes.getScore()));
        }
        return table;
    }

    private static void mixes(List<Integer> callers) throws RunnerException {
        boolean virtual = Runtime.version().feature() >= VIRTUAL_SINCE;
        List<String> table = new ArrayList<>();
        for (String threads : virtual ? List.of("platform", "virtual") : List.of("platform")) {
            for (int n : callers) {
                table.add(row(threads, n));
            }
        }
        System.out.println();
        System.out.printf("%-10s %8s %14s %14s %8s%n", "threads", "callers", "client op/s", "bare op/s", "ratio");
        table.forEach(System.out::println);
        System.out.println();
        System.out.println("One caller, one operation of the mix: " + latency());
    }

    private static ChainedOptionsBuilder mix() {
        return new OptionsBuilder().include(SessionMix.class.getSimpleName()).shouldFailOnError(true);
    }

    private static String row(String threads, int callers) throws RunnerException {
        ChainedOptionsBuilder options = mix().threads(callers);
        if (threads.equals("virtual")) {
            options.jvmArgsAppend("-Djmh.executor=VIRTUAL");
        }
        double client = 0;
        double bare = 0;
        for (RunResult run : new Runner(options.build()).run()) {
            Result<?> result = run.getPrimaryResult();
            if (result.getLabel().equals("client")) {
                client = result.getScore();
            } else {
                bare = result.getScore();
            }
        }
        return String.format("%-10s %8d %14.0f %14.0f %8.2f", threads, callers, client, bare, client / bare);
    }

    private static String latency() throws RunnerException {
        StringBuilder text = new StringBuilder();
        for (RunResult run : new Runner(mix().threads(1)
                        .mode(Mode.SampleTime)
                        .timeUnit(java.util.concurrent.TimeUnit.MICROSECONDS)
                        .build())
                .run()) {
            Result<?> result = run.getPrimaryResult();
            text.append(String.format(
                    "%s %.0f us at the median, %.0f us at the 99th percentile; ",
                    result.getLabel(),
                    result.getStatistics().getPercentile(50),
                    result.getStatistics().getPercentile(99)));
        }
        return text.toString();
    }
}
