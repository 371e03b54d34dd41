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
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real PostgreSQL, as a process of its own on this machine's loopback address with its data in a temporary folder, that
 * tests can kill, freeze, restart and count. What it is told to keep does not survive the machine, only its own death.
 *
 * <pre>{@code
 * try (PostgresServer server = PostgresServer.start()) {
 *     SessionStore store = SessionStore.open(server.url());
 *     long before = server.statements();
 *     store.load(key, lease);
 *     assertThat(server.statements() - before).isEqualTo(1);
 * }
 * }</pre>
 *
 * <p>The programs are looked for in {@code /usr/lib/postgresql}, in {@code /opt/homebrew/opt} and on the path. Root, who may
 * not run it, runs it as the user {@code postgres}. Talking to it by {@link #connect()}, {@link #execute} and
 * {@link #statements()} needs its driver on the class path. The server ends with {@link #close()}, and with this JVM if that
 * ends in an orderly way.
 *
 * <p>Starting, stopping and freezing is for one thread at a time, all else for many.
 */
public final class PostgresServer implements AutoCloseable {
    private static final String USER = "coatcheck";
    private static final String PASSWORD = "canary-password";
    private static final String READY = "database system is ready to accept connections";

    /** In units of 512 bytes: 256 pages and a half, so that the last page is written in part, as on a disk that is full. */
    private static final int SMALL = 256 * 16 + 8;

    private final Path folder;
    private final boolean small;
    private volatile int port;
    private volatile DatabaseProcess process;

    private PostgresServer(boolean small) {
        this.small = small;
        folder = DatabaseProcess.folder("postgres", "postgres");
        makeCluster();
        process = DatabaseProcess.onFreePort(free -> {
            port = free;
            return launch();
        });
    }

    /**
     * Starts a server with an empty database on a free port; it answers when this returns. Takes about two seconds.
     *
     * @throws IllegalStateException when there is no PostgreSQL on this machine, or when it does not start
     */
    public static PostgresServer start() {
        return start(false);
    }

    /**
     * As {@link #start()}, with files of 2 MB at most: the rows of a table have one, their values of 2 kB and more another.
     * What would make it longer is refused with SQLState 53100, by PostgreSQL 15; what fits into its pages is not. Pages are
     * freed by deleting rows and a {@code VACUUM}, which does not run by itself.
     *
     * @throws IllegalStateException as {@link #start()}
     */
    public static PostgresServer startSmall() {
        return start(true);
    }

    private static PostgresServer start(boolean small) {
        PostgresServer server = new PostgresServer(small);
        server.execute("CREATE EXTENSION pg_stat_statements");
        return server;
    }

    private void makeCluster() {
        Path password = folder.resolve("password");
        List<String> options = new ArrayList<>(List.of(
                "--pgdata=" + folder.resolve("data"),
                "--username=" + USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync"));
        if (small) {
            options.add("--wal-segsize=1"); // in MB: its log has files too
        }
        try {
            Files.writeString(password, PASSWORD);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        DatabaseProcess.run(command("initdb", options), folder);
    }

    private DatabaseProcess launch() {
        List<String> options =
                new ArrayList<>(List.of("-D", folder.resolve("data").toString()));
        for (String setting : List.of(
                "port=" + port,
                "listen_addresses=" + host(),
                "unix_socket_directories=",
                "fsync=off",
                "full_page_writes=off",
                "shared_buffers=16MB",
                "shared_preload_libraries=pg_stat_statements",
                "pg_stat_statements.track_utility=off",
                "password_encryption=scram-sha-256")) {
            options.addAll(List.of("-c", setting));
        }
        List<String> command = new ArrayList<>();
        if (small) {
            options.addAll(List.of("-c", "autovacuum=off"));
            command.addAll(List.of("/bin/sh", "-c", "ulimit -f " + SMALL + " && exec \"$0\" \"$@\""));
        }
        command.addAll(command("postgres", options));
        return DatabaseProcess.start(command, folder, READY);
    }

    private static List<String> command(String program, List<String> arguments) {
        List<String> command = new ArrayList<>();
        if (DatabaseProcess.isRoot()) {
            // Becomes the program, so that the process is the server itself.
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
        }
        command.add(DatabaseProcess.program(program, folders(), "PostgreSQL"));
        command.addAll(arguments);
        return command;
    }

    /** The newest release first. */
    private static List<Path> folders() {
        List<Path> folders = new ArrayList<>();
        for (Path parent :
                List.of(Path.of("/usr/lib/postgresql"), Path.of("/opt/homebrew/opt"), Path.of("/usr/local/opt"))) {
            if (Files.isDirectory(parent)) {
                try (Stream<Path> releases = Files.list(parent)) {
                    releases.sorted(Comparator.<Path, String>comparing(Path::toString)
                                    .reversed())
                            .map(release -> release.resolve("bin"))
                            .forEach(folders::add);
                } catch (IOException unreadable) {
                    throw new UncheckedIOException(unreadable);
                }
            }
        }
        return folders;
    }

    /** The address that it listens on: {@code 127.0.0.1}. */
    public String host() {
        return "127.0.0.1";
    }

    /** The port that it listens on. */
    public int port() {
        return port;
    }

    /** The user who owns everything in it. */
    public String user() {
        return USER;
    }

    /** The user's password; one that tests can search for where it must not be. */
    public String password() {
        return PASSWORD;
    }

    /** Where its database is, for JDBC, without user and password. */
    public String plainUrl() {
        return "jdbc:postgresql://" + host() + ":" + port + "/postgres";
    }

    /** Where its database is, for JDBC; more parameters may follow after an {@code &}. */
    public String url() {
        return plainUrl() + "?user=" + USER + "&password=" + PASSWORD;
    }

    /** The process id of the server that runs, or of the last one that ran. */
    public long pid() {
        return process.pid();
    }

    /** A connection of the caller's own. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url());
    }

    /** Executes statements on a connection of their own, whatever they answer. */
    public void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        } catch (SQLException failed) {
            throw new IllegalStateException("PostgreSQL was asked in vain", failed);
        }
    }

    /** How many statements on data it has counted, those of this class not among them. */
    public long statements() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COALESCE(SUM(calls), 0) FROM pg_stat_statements"
                        + " WHERE query NOT LIKE '%pg_stat_statements%'")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException failed) {
            throw new IllegalStateException("PostgreSQL was asked in vain", failed);
        }
    }

    /** Ends it and all its children by SIGKILL and waits until they have ended. Its data stay. */
    public void kill() {
        process.kill();
    }

    /**
     * Stops it and all its children in their tracks (SIGSTOP). Connections stay and new ones are accepted, by the system; what
     * is sent is executed after {@link #thaw()}.
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
        process = launch();
    }

    /** Kills it if it runs, and deletes its data. */
    @Override
    public void close() {
        kill();
        DatabaseProcess.delete(folder);
    }
}
