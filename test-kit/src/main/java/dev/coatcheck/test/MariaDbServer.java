package dev.coatcheck.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A real MariaDB, as a process of its own on this machine's loopback address with its data in a temporary folder, that tests
 * can kill, freeze, restart and count. What it is told to keep does not survive the machine, only its own death.
 *
 * <p>The programs are looked for on the path, in {@code /usr/sbin}, {@code /usr/bin}, {@code /usr/local/bin} and
 * {@code /opt/homebrew/bin}. Root, who should not run it, runs it as the user {@code mysql}. Talking to it by
 * {@link #connect()}, {@link #execute} and {@link #statements()} needs its driver on the class path. The server ends with
 * {@link #close()}, and with this JVM if that ends in an orderly way.
 *
 * <p>Starting, stopping and freezing is for one thread at a time, all else for many.
 */
public final class MariaDbServer implements AutoCloseable {
    private static final String USER = "coatcheck";
    private static final String PASSWORD = "canary-password";
    private static final String READY = "ready for connections";
    private static final List<Path> FOLDERS =
            List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/usr/local/bin"), Path.of("/opt/homebrew/bin"));

    /** In units of 512 bytes: what its own files take from the start, and half a megabyte. */
    private static final int SMALL = 25_600;

    private final Path folder;
    private final boolean small;
    private volatile int port;

    /** What this class has asked itself, since a new connection asks for settings. */
    private final AtomicLong ours = new AtomicLong();

    private volatile DatabaseProcess process;

    private MariaDbServer(boolean small) {
        this.small = small;
        folder = DatabaseProcess.folder("mariadb", "mysql");
        List<String> options = new ArrayList<>(
                List.of("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"));
        options.addAll(sizes());
        DatabaseProcess.run(command("mariadb-install-db", options), folder);
        process = DatabaseProcess.onFreePort(free -> {
            port = free;
            return launch();
        });
    }

    /**
     * Starts a server with an empty database on a free port; it answers when this returns. Takes about three seconds.
     *
     * @throws IllegalStateException when there is no MariaDB on this machine, or when it does not start
     */
    public static MariaDbServer start() {
        return new MariaDbServer(false);
    }

    /**
     * As {@link #start()}, with files of 12.5 MB at most, of which each table has one. What would make it longer is refused with
     * error 1114; what fits into its pages is not. Pages are freed a little after their rows are deleted.
     *
     * <p>Only for rows of less than 8 kB: MariaDB 10.11 dies when it has to undo the insert of a larger one for lack of room.
     *
     * @throws IllegalStateException as {@link #start()}
     */
    public static MariaDbServer startSmall() {
        return new MariaDbServer(true);
    }

    private List<String> sizes() {
        return small ? List.of("--innodb-log-file-size=4M") : List.of();
    }

    private DatabaseProcess launch() {
        Path first = folder.resolve("first.sql");
        try {
            Files.writeString(
                    first,
                    "CREATE DATABASE IF NOT EXISTS coatcheck;\n"
                            + "CREATE USER IF NOT EXISTS '" + USER + "'@'%' IDENTIFIED BY '" + PASSWORD + "';\n"
                            + "GRANT ALL ON coatcheck.* TO '" + USER + "'@'%';\n"
                            + "CREATE USER IF NOT EXISTS 'chief'@'%' IDENTIFIED BY '" + PASSWORD + "';\n"
                            + "GRANT ALL ON *.* TO 'chief'@'%';\n");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        List<String> options = new ArrayList<>(List.of(
                "--port=" + port,
                "--bind-address=" + host(),
                "--socket=" + folder.resolve("socket"),
                "--pid-file=" + folder.resolve("pid"),
                "--init-file=" + first,
                "--skip-name-resolve",
                "--skip-log-bin",
                "--innodb-flush-log-at-trx-commit=2",
                "--innodb-buffer-pool-size=32M",
                "--performance-schema=OFF"));
        options.addAll(sizes());
        List<String> command = new ArrayList<>();
        if (small) {
            // With the signal ignored the limit is an error, as the end of a disk is.
            command.addAll(List.of("/bin/sh", "-c", "trap '' XFSZ && ulimit -f " + SMALL + " && exec \"$0\" \"$@\""));
        }
        command.addAll(command("mariadbd", options));
        return DatabaseProcess.start(command, folder, READY);
    }

    private List<String> command(String program, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(DatabaseProcess.program(program, FOLDERS, "MariaDB"));
        command.add("--no-defaults");
        command.add("--datadir=" + folder.resolve("data"));
        if (DatabaseProcess.isRoot()) {
            command.add("--user=mysql");
        }
        command.addAll(arguments);
        return command;
    }

    /** The address that it listens on: {@code 127.0.0.1}. */
    public String host() {
        return "127.0.0.1";
    }

    /** The port that it listens on. */
    public int port() {
        return port;
    }

    /** The user who owns everything in its database. */
    public String user() {
        return USER;
    }

    /** The user's password; one that tests can search for where it must not be. */
    public String password() {
        return PASSWORD;
    }

    /** Where its database is, for JDBC, without user and password. */
    public String plainUrl() {
        return "jdbc:mariadb://" + host() + ":" + port + "/coatcheck";
    }

    /** Where its database is, for JDBC; more parameters may follow after an {@code &}. */
    public String url() {
        return plainUrl() + "?user=" + USER + "&password=" + PASSWORD;
    }

    /** The process id of the server that runs, or of the last one that ran. */
    public long pid() {
        return process.pid();
    }

    /** A connection of the caller's own, by a user who may do everything. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(plainUrl() + "?user=chief&password=" + PASSWORD);
    }

    /** Executes statements on a connection of their own, by a user who may do everything, whatever they answer. */
    public void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        } catch (SQLException failed) {
            throw new IllegalStateException("MariaDB was asked in vain", failed);
        }
    }

    /** How many statements on data it has counted, SELECT, INSERT, UPDATE and DELETE: not those of this method. */
    public long statements() {
        try (Connection connection = connect()) {
            ours.addAndGet(statements(connection, "SESSION"));
            return statements(connection, "GLOBAL") - ours.get();
        } catch (SQLException failed) {
            throw new IllegalStateException("MariaDB was asked in vain", failed);
        }
    }

    private static long statements(Connection connection, String whose) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW " + whose + " STATUS WHERE Variable_name IN"
                        + " ('Com_select', 'Com_insert', 'Com_update', 'Com_delete')")) {
            long sum = 0;
            while (rows.next()) {
                sum += rows.getLong(2);
            }
            return sum;
        }
    }

    /** Ends it by SIGKILL and waits until it has ended. Its data stay. */
    public void kill() {
        process.kill();
    }

    /**
     * Stops it in its tracks (SIGSTOP). Connections stay and new ones are accepted, by the system; what is sent is executed
     * after {@link #thaw()}.
     */
    public void freeze() {
        process.freeze();
    }

    /** Lets a frozen server go on. */
    public void thaw() {
        process.thaw();
    }

    /** Kills it if it runs and starts it again at the same port with its data. */
    public void restart() {
        kill();
        ours.set(0);
        process = launch();
    }

    /** Kills it if it runs, and deletes its data. */
    @Override
    public void close() {
        kill();
        DatabaseProcess.delete(folder);
    }
}
