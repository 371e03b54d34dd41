package dev.coatcheck.cli;

import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import java.io.PrintStream;
import java.util.List;

/** The commands, and how many words each takes. */
enum Verb {
    PING("ping", 0, 0) {
        @Override
        void on(Environment environment, PrintStream out, List<String> words) {
            try (SessionStore store = environment.store()) {
                Health.ping(store, out);
            }
        }
    },
    STATS("stats", 0, 0) {
        @Override
        void on(Environment environment, PrintStream out, List<String> words) {
            try (SessionStore store = environment.store()) {
                Health.stats(store, out);
            }
        }
    },
    SESSIONS("sessions USER", 1, 1) {
        @Override
        void on(Environment environment, PrintStream out, List<String> words) {
            try (SessionStore store = environment.store();
                    SessionManager manager = environment.manager(store)) {
                new Users(manager, out).sessions(words.get(1));
            }
        }
    },
    SIGN_OUT("sign-out USER [DEVICE]", 1, 2) {
        @Override
        void on(Environment environment, PrintStream out, List<String> words) {
            try (SessionStore store = environment.store();
                    SessionManager manager = environment.manager(store)) {
                Users users = new Users(manager, out);
                if (words.size() == 2) {
                    users.signOut(words.get(1));
                } else {
                    users.signOut(words.get(1), words.get(2));
                }
            }
        }
    },
    SWEEP("sweep", 0, 0) {
        @Override
        void on(Environment environment, PrintStream out, List<String> words) {
            try (SessionStore store = environment.store()) {
                Expired.sweep(store, out);
            }
        }
    };

    private final String usage;
    private final int fewest;
    private final int most;

    Verb(String usage, int fewest, int most) {
        this.usage = usage;
        this.fewest = fewest;
        this.most = most;
    }

    /**
     * Carries it out.
     *
     * @param words the command itself and what follows it
     */
    abstract void on(Environment environment, PrintStream out, List<String> words);

    /** The command that these words are. */
    static Verb of(List<String> words) {
        String name = words.isEmpty() ? "" : words.get(0);
        for (Verb verb : values()) {
            if (verb.usage.split(" ", 2)[0].equals(name)) {
                int given = words.size() - 1;
                if (given < verb.fewest || given > verb.most) {
                    throw Complaint.wrong("it is 'bin/coatcheck " + verb.usage + "'");
                }
                return verb;
            }
        }
        // What was typed is not repeated: it may be a URL with a password.
        throw Complaint.wrong((name.isEmpty() ? "which command?" : "no such command;")
                + " ping, stats, sessions, sign-out, sweep, and help that tells of them");
    }
}
