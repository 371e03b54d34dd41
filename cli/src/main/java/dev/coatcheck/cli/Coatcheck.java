package dev.coatcheck.cli;

import dev.coatcheck.SessionUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out one command on the store of an application; {@code bin/coatcheck} calls it. */
public final class Coatcheck {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG = 2;
    static final int REFUSED = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Coatcheck.class);
    private static final Set<String> HELP = Set.of("help", "--help", "-h");

    private Coatcheck() {}

    /** Ends the process with the exit code that the help tells of. */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.getenv(), System.out, System.err));
    }

    /** Carries out a command; returns its exit code. */
    static int run(List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
        try {
            if (!arguments.isEmpty() && HELP.contains(arguments.get(0))) {
                out.print(help());
            } else {
                Verb.of(arguments).on(new Environment(environment), out, arguments);
            }
            return DONE;
        } catch (Complaint complaint) {
            return complain(err, Complaint.reason(complaint), complaint.exitCode());
        } catch (SessionUnavailableException away) {
            return complain(err, Complaint.reason(away), FAILED);
        } catch (RuntimeException unexpected) {
            LOG.error("The command failed", unexpected);
            return complain(err, unexpected.getClass().getName() + "; COATCHECK_LOG=ERROR shows where", FAILED);
        }
    }

    /** In one line, however many the message has. */
    private static int complain(PrintStream err, String message, int exitCode) {
        err.println("coatcheck: "
                + message.strip().replaceAll(":\\s*\\R[\\s-]*", ": ").replaceAll("\\s*\\R[\\s-]*", "; "));
        return exitCode;
    }

    private static String help() {
        try (InputStream in = Coatcheck.class.getResourceAsStream("help.txt")) {
            return new String(Objects.requireNonNull(in, "help.txt").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
