package dev.coatcheck.demo.cluster;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/** Starts the cluster from the command line and does what is typed; {@code bin/cluster-demo} calls it. */
public final class ClusterDemo {
    private static final int FAILED = 1;
    private static final int WRONG = 2;
    private static final int FRAME_BYTES = 1 << 16;

    private final Cluster cluster;
    private final Traffic traffic;
    private final Display display;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final ScheduledExecutorService showing = Executors.newSingleThreadScheduledExecutor(Threads::daemon);

    private ClusterDemo(Cluster cluster, Options options) {
        this.cluster = cluster;
        traffic = new Traffic(
                options.users(), cluster.sites().stream().map(Site::uri).toList());
        display = options.screen() ? screen(head(cluster)) : new Lines(System.out);
        if (!options.screen()) {
            head(cluster).forEach(System.out::println);
        }
    }

    /** Ends by {@code q}, by the end of the input or by a signal; with code 1 when it cannot start, 2 for wrong arguments. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (List.of(arguments).contains("--help")) {
            System.out.print(help());
            return;
        }
        Options options;
        Cluster cluster;
        try {
            options = Options.parse(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println("cluster-demo: " + e.getMessage());
            System.exit(WRONG);
            return;
        }
        try {
            cluster = Cluster.start(options.ports());
        } catch (Exception e) {
            System.err.println("cluster-demo cannot start: " + e.getMessage());
            System.exit(FAILED);
            return;
        }
        ClusterDemo demo = new ClusterDemo(cluster, options);
        Runtime.getRuntime().addShutdownHook(new Thread(demo::stop, "stop"));
        demo.run();
        demo.stop();
        System.exit(0);
    }

    private static String help() throws IOException {
        try (InputStream in = ClusterDemo.class.getResourceAsStream("help.txt")) {
            return new String(Objects.requireNonNull(in, "help.txt").readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> head(Cluster cluster) {
        List<String> head = new ArrayList<>();
        head.add("Three memcached nodes, two Chirps, two copies of each session.");
        cluster.sites().forEach(site -> head.add("Chirp " + site.name() + " is open: " + site.uri()));
        head.add(Orders.LIST);
        return head;
    }

    private static Display screen(List<String> head) {
        News news = new News();
        LoggerContext log = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger root = log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        news.setContext(log);
        news.start();
        root.addAppender(news);
        PrintStream frames = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), FRAME_BYTES),
                false,
                Charset.defaultCharset());
        return new Screen(frames, head, news, Terminal::now, System.getenv("NO_COLOR") == null);
    }

    private void run() throws IOException, InterruptedException {
        ScheduledFuture<?> unused = showing.scheduleWithFixedDelay(
                () -> display.update(view()), 0, display.period().toMillis(), TimeUnit.MILLISECONDS);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        for (String line = in.readLine(); line != null && !line.strip().equals("q"); line = in.readLine()) {
            String order = line.strip();
            switch (order) {
                case "" -> show(() -> display.say(""));
                case "s" -> show(() -> display.all(view()));
                case "h" -> show(() -> display.say(Orders.LIST + "; bin/cluster-demo --help tells more"));
                default -> {
                    String said = cluster.carryOut(order);
                    show(() -> display.say(said));
                }
            }
        }
    }

    private void show(Runnable what) {
        showing.execute(what);
    }

    private View view() {
        return View.of(cluster, traffic.tally());
    }

    /** Whatever it started ends: the users, the Chirps, the memcacheds. */
    private void stop() {
        if (stopped.getAndSet(true)) {
            return;
        }
        // What is ended here, and by Control-C at the same time, is no news.
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
        showing.shutdown();
        try {
            showing.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        display.end();
        traffic.close();
        cluster.close();
        String told = traffic.tally().users() > 0 ? " There was " + traffic.tally() + "." : "";
        System.out.println("All that was started has ended." + told);
    }
}
