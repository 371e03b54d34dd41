package dev.coatcheck.demo;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** Starts Chirp from the command line; {@code bin/demo} calls it. */
public final class Chirp {
    private static final String HELP = """
            Usage: bin/demo [--key-file=FILE]

            Serves Chirp, a small site that shows what Coatcheck's sessions can do, at
            http://localhost:8080 until Ctrl+C is pressed.

            Environment:
              PORT             the port, 0 to 65535 (0: any free one). Default 8080
              COATCHECK_STORE  where sessions are kept, as a URL: embedded: (the default),
                               memcached://127.0.0.1:11211, or a database with a driver of
                               PostgreSQL, MariaDB or H2 as jdbc:h2:file:/tmp/chirp, or
                               both: tiered:memcached://127.0.0.1:11211+jdbc:h2:file:/tmp/chirp
              COATCHECK_KEYS   the key ring. Default: the one in demo/.coatcheck-keys,
                               which the first start makes
            """;

    private static final String KEY_FILE = "--key-file=";
    private static final int MAX_PORT = 65_535;

    private Chirp() {}

    /** Starts the site and returns; the process ends by a signal, or at once with code 1 when a setting is wrong. */
    public static void main(String[] args) {
        if (List.of(args).contains("--help")) {
            System.out.print(HELP);
            return;
        }
        try {
            start(List.of(args), System.getenv(), System.out);
        } catch (Exception e) {
            System.err.println("Chirp cannot start: " + reason(e));
            System.exit(1);
        }
    }

    private static void start(List<String> args, Map<String, String> environment, PrintStream out) throws Exception {
        Path keyFile = Path.of(".coatcheck-keys");
        for (String arg : args) {
            if (!arg.startsWith(KEY_FILE)) {
                throw new IllegalArgumentException(
                        "unknown option '" + arg + "'; 'bin/demo --help' tells what there is");
            }
            keyFile = Path.of(arg.substring(KEY_FILE.length()));
        }
        int port = port(environment.getOrDefault("PORT", ""));
        String store = environment.getOrDefault("COATCHECK_STORE", "").strip();
        String keys = environment.getOrDefault("COATCHECK_KEYS", "").strip();
        SessionManager sessions = SessionManager.builder()
                .application("chirp")
                .store(store.isEmpty() ? "embedded:" : store)
                .keyRing(keys.isEmpty() ? new KeyFile(keyFile).readOrMake() : ring(keys))
                .build();
        ChirpServer server = new ChirpServer(port, sessions, new Timeline(), Clock.systemUTC());
        try {
            server.start();
        } catch (Exception e) {
            server.close();
            sessions.close();
            throw e.getCause() instanceof BindException || e instanceof BindException
                    ? new IllegalArgumentException(
                            "port " + port + " is taken: set PORT to another one, as PORT=8081 bin/demo")
                    : e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, sessions, out), "stop"));
        out.println("Chirp is open: " + server.uri());
        out.println("Sessions are kept in " + scheme(store) + ", keys come from "
                + (keys.isEmpty() ? keyFile.toAbsolutePath() : "COATCHECK_KEYS") + ". Stop with Ctrl+C.");
    }

    private static void stop(ChirpServer server, SessionManager sessions, PrintStream out) {
        try (sessions) {
            server.close();
        }
        out.println("Chirp is closed.");
    }

    private static KeyRing ring(String keys) {
        try {
            return KeyRing.parse(keys);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("COATCHECK_KEYS: " + e.getMessage(), e);
        }
    }

    private static int port(String text) {
        if (text.isBlank()) {
            return 8080;
        }
        String digits = text.strip();
        if (!digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) > MAX_PORT) {
            throw new IllegalArgumentException("PORT = '" + text + "': accepted are the numbers 0 to " + MAX_PORT);
        }
        return Integer.parseInt(digits);
    }

    /** A store without what else is in its URL, which may be a password. */
    private static String scheme(String store) {
        return store.isEmpty() ? "embedded:" : store.substring(0, store.indexOf(':') + 1);
    }

    /** One line for whoever typed the command. */
    private static String reason(Exception e) {
        String message = e.getMessage() == null
                ? ""
                : e.getMessage().strip().replaceAll(":\\s*\\R[\\s-]*", ": ").replaceAll("\\s*\\R[\\s-]*", "; ");
        if (e instanceof NoSuchFileException) {
            return "the folder of " + message + " does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return message + " may not be read or written";
        }
        return e instanceof IllegalArgumentException || e instanceof IOException
                ? message
                : e.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message);
    }
}
