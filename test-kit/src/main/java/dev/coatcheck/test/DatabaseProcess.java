package dev.coatcheck.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** One database server with its child processes, in a folder of its own. Ends with the JVM, unless that is killed itself. */
final class DatabaseProcess {
    /** So many other ports are tried when somebody else takes the free one first. */
    private static final int TRIES = 20;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_NANOS = 5_000_000;
    private static final Set<DatabaseProcess> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> RUNNING.forEach(process -> {
                            process.kill();
                            delete(process.folder);
                        }),
                        "coatcheck-databases-end"));
    }

    private final Process process;
    private final Path folder;

    private DatabaseProcess(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
    }

    /** Somebody else has the port. */
    static final class PortTakenException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        PortTakenException(String message) {
            super(message);
        }
    }

    /**
     * Starts it and waits until its log says that it is ready.
     *
     * @param folder its own, which is deleted at the end of the JVM
     * @param ready what the log says then
     */
    static DatabaseProcess start(List<String> command, Path folder, String ready) {
        Path log = log(folder);
        try {
            Files.deleteIfExists(log);
            DatabaseProcess started = new DatabaseProcess(
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start(),
                    folder);
            RUNNING.add(started);
            await(() -> !started.isAlive() || started.said().contains(ready));
            if (!started.isAlive() || !started.said().contains(ready)) {
                String said = started.said().strip();
                started.kill();
                String message = "The database did not start: " + said;
                throw said.contains("already in use")
                        ? new PortTakenException(message)
                        : new IllegalStateException(message);
            }
            return started;
        } catch (IOException failed) {
            throw new UncheckedIOException("The database could not be started", failed);
        }
    }

    private static Path log(Path folder) {
        return folder.resolve("log");
    }

    private String said() {
        try {
            return Files.readString(log(folder));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The file of a program: on the path or in one of these folders. */
    static String program(String name, List<Path> folders, String installs) {
        List<Path> places = new ArrayList<>(folders);
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .forEach(folder -> places.add(Path.of(folder)));
        return places.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "There is no " + name + " on this machine: bin/setup installs " + installs))
                .toString();
    }

    /** Runs a program to its end. */
    static void run(List<String> command, Path folder) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command.get(0) + " failed: " + said.strip());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while a database was made", interrupted);
        }
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** A new folder; for root, who may not run databases, one that belongs to this user of the system. */
    static Path folder(String name, String user) {
        try {
            Path folder = Files.createTempDirectory("coatcheck-" + name);
            if (isRoot()) {
                run(List.of("chown", user, folder.toString()), folder);
            }
            return folder;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException stays) {
            throw new UncheckedIOException(stays);
        }
    }

    /** Starts one on a free port, and on another when somebody else takes that first. */
    static DatabaseProcess onFreePort(IntFunction<DatabaseProcess> start) {
        for (int tries = 1; ; tries++) {
            try {
                return start.apply(freePort());
            } catch (PortTakenException taken) {
                if (tries == TRIES) {
                    throw taken;
                }
            }
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException noPort) {
            throw new UncheckedIOException("There is no free port", noPort);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** It and its children, which have their connections each. */
    private List<ProcessHandle> all() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    void kill() {
        List<ProcessHandle> all = all();
        all.forEach(ProcessHandle::destroyForcibly);
        awaitEnd(all);
    }

    private void awaitEnd(List<ProcessHandle> all) {
        await(() -> all.stream().allMatch(DatabaseProcess::isOver));
        try {
            process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        RUNNING.remove(this);
    }

    void freeze() {
        signal("STOP", true);
    }

    void thaw() {
        signal("CONT", false);
    }

    private void signal(String name, boolean still) {
        if (!isAlive()) {
            throw new IllegalStateException("The database does not run");
        }
        // The parent first, which makes no more children then; one of them may have ended by now.
        send(name, process.toHandle());
        process.descendants().forEach(child -> send(name, child));
        if (!await(() -> all().stream().allMatch(handle -> stands(handle.pid()) == still))) {
            throw new IllegalStateException("The database did not take SIG" + name + " within " + PATIENCE);
        }
    }

    /** In a shell, since a system may have {@code kill} as a part of that alone. */
    private void send(String name, ProcessHandle to) {
        run(List.of("/bin/sh", "-c", "kill -" + name + " " + to.pid() + " 2>/dev/null || true"), folder);
    }

    /** Every thread of it. */
    private static boolean stands(long pid) {
        Path threads = Path.of("/proc", String.valueOf(pid), "task");
        if (!Files.isDirectory(threads)) {
            return standsElsewhere(pid);
        }
        try (Stream<Path> all = Files.list(threads)) {
            return all.allMatch(DatabaseProcess::threadStands);
        } catch (IOException gone) {
            return true;
        }
    }

    /** One that has ended stands too, until a parent takes notice that stands itself. */
    private static boolean threadStands(Path thread) {
        char state = state(thread);
        return state == 'T' || state == 'Z';
    }

    /** By the system's letter; Z when there is none. */
    private static char state(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            // The name before the state is in brackets and may contain anything.
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException gone) {
            return 'Z';
        }
    }

    /** Where nobody takes notice of orphans that have ended, they stay in the list of processes. */
    private static boolean isOver(ProcessHandle handle) {
        Path folder = Path.of("/proc", String.valueOf(handle.pid()));
        return !handle.isAlive() || Files.isDirectory(Path.of("/proc/self")) && state(folder) == 'Z';
    }

    private static boolean standsElsewhere(long pid) {
        try {
            Process ps = new ProcessBuilder("ps", "-o", "stat=", "-p", String.valueOf(pid)).start();
            return new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .startsWith("T");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static boolean await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }
}
