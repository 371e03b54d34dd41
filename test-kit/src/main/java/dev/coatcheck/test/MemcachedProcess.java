package dev.coatcheck.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** One process of memcached, from its start to its end. Ends with the JVM, unless that is killed itself. */
final class MemcachedProcess {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long PAUSE_NANOS = 2_000_000;
    private static final List<String> FOLDERS = List.of("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin");
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> RUNNING.forEach(Process::destroyForcibly), "coatcheck-memcached-processes-end"));
    }

    private final Process process;
    private final Path output;

    private MemcachedProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Somebody else has the port. */
    static final class PortTakenException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        PortTakenException(String message) {
            super(message);
        }
    }

    /**
     * Starts it and waits until it answers.
     *
     * @param pidThere the pid of whichever server answers at the address; empty for none
     */
    static MemcachedProcess start(List<String> arguments, Supplier<Optional<Long>> pidThere) {
        List<String> command = new ArrayList<>();
        command.add(program());
        if ("root".equals(System.getProperty("user.name"))) {
            // It refuses to run as root unless it is told to.
            command.addAll(List.of("-u", "root"));
        }
        command.addAll(arguments);
        MemcachedProcess started;
        try {
            Path output = Files.createTempFile("coatcheck-memcached", ".log");
            started = new MemcachedProcess(
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start(),
                    output);
        } catch (IOException failed) {
            throw new UncheckedIOException("memcached could not be started", failed);
        }
        RUNNING.add(started.process);
        started.awaitAnswer(pidThere);
        return started;
    }

    private void awaitAnswer(Supplier<Optional<Long>> pidThere) {
        try {
            // Another server that has the port answers too.
            boolean ready = await(() -> !process.isAlive()
                    || pidThere.get().filter(pid -> pid == process.pid()).isPresent());
            if (ready && process.isAlive()) {
                return;
            }
            String said = Files.readString(output).strip();
            String message = "memcached did not start" + (said.isEmpty() ? "" : ": " + said);
            kill();
            throw said.contains("in use") ? new PortTakenException(message) : new IllegalStateException(message);
        } catch (IOException failed) {
            kill();
            throw new UncheckedIOException(failed);
        }
    }

    private static String program() {
        String named = System.getProperty("coatcheck.memcached", System.getenv("COATCHECK_MEMCACHED"));
        List<Path> places = new ArrayList<>();
        if (named != null) {
            places.add(Path.of(named));
        } else {
            String path = System.getenv().getOrDefault("PATH", "");
            Stream.concat(Stream.of(path.split(File.pathSeparator)), FOLDERS.stream())
                    .filter(folder -> !folder.isEmpty())
                    .forEach(folder -> places.add(Path.of(folder, "memcached")));
        }
        return places.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("There is no memcached "
                        + (named == null ? "on this machine" : "at " + named)
                        + ": bin/setup installs it, or the system property coatcheck.memcached names its file"))
                .toString();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void stop() {
        if (process.isAlive()) {
            process.destroy();
            // A frozen one would sleep over it. It may have ended by now, which the shell's kill then says to nobody.
            run("kill -CONT " + process.pid());
        }
        awaitEnd();
    }

    /** Its clock may run up to a second ahead of the system's, and the next process refuses contents from the future. */
    void stopForWarmRestart(Path described) {
        signal("USR1");
        awaitEnd();
        try {
            for (String line : Files.readAllLines(described)) {
                if (line.startsWith("Kstop_time ")) {
                    long stopped = Long.parseLong(line.substring(11));
                    await(() -> System.currentTimeMillis() / 1000 > stopped);
                }
            }
        } catch (IOException unkept) {
            throw new UncheckedIOException("memcached has not kept its contents", unkept);
        }
    }

    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            RUNNING.remove(process);
            Files.deleteIfExists(output);
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException stays) {
            throw new UncheckedIOException(stays);
        }
    }

    void freeze() {
        signal("STOP");
        if (!await(this::isFrozen)) {
            throw new IllegalStateException("memcached did not stop within " + PATIENCE);
        }
    }

    void thaw() {
        signal("CONT");
        if (!await(() -> !isFrozen())) {
            throw new IllegalStateException("memcached did not go on within " + PATIENCE);
        }
    }

    private void signal(String name) {
        if (!process.isAlive()) {
            throw new IllegalStateException("memcached does not run");
        }
        run("kill -" + name + " " + process.pid());
    }

    /** Every thread of it, not the first alone: the others do the work. */
    private boolean isFrozen() {
        Path threads = Path.of("/proc", String.valueOf(process.pid()), "task");
        if (!Files.isDirectory(threads)) {
            return run("ps -o stat= -p " + process.pid()).startsWith("T");
        }
        try (Stream<Path> all = Files.list(threads)) {
            return all.allMatch(MemcachedProcess::stands);
        } catch (IOException gone) {
            return false;
        }
    }

    private static boolean stands(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            // The name before the state is in brackets and may contain anything.
            return stat.startsWith("T", stat.lastIndexOf(')') + 2);
        } catch (IOException gone) {
            return true;
        }
    }

    /** In a shell, since a system may have {@code kill} as a part of that alone. */
    private static String run(String command) {
        try {
            Process shell = new ProcessBuilder("/bin/sh", "-c", command)
                    .redirectErrorStream(true)
                    .start();
            return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
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

    @Override
    public String toString() {
        return "pid " + process.pid() + (process.isAlive() ? "" : ", ended");
    }
}
