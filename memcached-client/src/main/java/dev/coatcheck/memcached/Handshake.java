package dev.coatcheck.memcached;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The first words with a server: who we are, who it is, and whether it can serve us. */
final class Handshake {
    private static final int[] OLDEST = {1, 6, 18};
    private static final int MAX_STATS = 1_000;
    private static final long DEFAULT_MAX_ITEM_BYTES = 1L << 20;

    private final Wire wire;
    private final ReplyInput in;

    Handshake(Wire wire, ReplyInput in) {
        this.wire = wire;
        this.in = in;
    }

    ServerInfo shake(Credentials credentials) throws IOException {
        send("version\r\n");
        ReplyLine first = firstLine();
        if (first.shown().startsWith("CLIENT_ERROR unauth")) {
            signIn(credentials);
            send("version\r\n");
            first = in.line();
        } else if (credentials.areSet() && first.shown().startsWith("VERSION ")) {
            // It would have stored them for everybody to read.
            throw new UnfitServerException("It asks for no user name and password, though they are set");
        }
        String version = version(first);
        send("stats\r\nstats settings\r\n");
        Map<String, String> general = stats();
        Map<String, String> settings = stats();
        long time = number(general, "time");
        ServerIdentity identity = new ServerIdentity(number(general, "pid"), time - number(general, "uptime"));
        long maxItem =
                settings.containsKey("item_size_max") ? number(settings, "item_size_max") : DEFAULT_MAX_ITEM_BYTES;
        return new ServerInfo(identity, version, maxItem, !"off".equals(settings.get("evictions")));
    }

    /** The answer to our first words, or why there is none. */
    private ReplyLine firstLine() throws IOException {
        try {
            in.await();
        } catch (IOException e) {
            String misfit = wire.misfit();
            throw misfit == null ? e : new UnfitServerException(misfit);
        }
        return in.line();
    }

    void signIn(Credentials credentials) throws IOException {
        if (!credentials.areSet()) {
            throw new UnfitServerException("It asks for a user name and password, and none is set");
        }
        byte[] login = credentials.command();
        wire.write(login, 0, login.length);
        if (!in.line().shown().equals("STORED")) {
            throw new UnfitServerException("It refuses the user name or password");
        }
    }

    void send(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        wire.write(bytes, 0, bytes.length);
    }

    private static String version(ReplyLine line) throws IOException {
        String text = line.shown();
        if (text.startsWith("ERROR Too many open connections")) {
            throw new IOException("It takes no more connections; its option -c says how many");
        }
        if (!text.matches("VERSION [0-9]{1,4}(\\.[0-9]{1,4}){1,3}([!-~&&[^0-9.]][!-~]{0,40})?")) {
            throw new UnfitServerException("It is no memcached: to 'version' it answered '" + text + "'");
        }
        String version = text.substring("VERSION ".length());
        if (isOlder(version)) {
            throw new UnfitServerException("It is memcached " + version + "; 1.6.18 or later is needed");
        }
        return version;
    }

    private static boolean isOlder(String version) {
        String[] parts = version.split("[^0-9]+");
        for (int i = 0; i < OLDEST.length; i++) {
            int part = i < parts.length ? Integer.parseInt(parts[i]) : 0;
            if (part != OLDEST[i]) {
                return part < OLDEST[i];
            }
        }
        return false;
    }

    /** The next answer to a {@code stats}. */
    Map<String, String> stats() throws IOException {
        Map<String, String> stats = new HashMap<>();
        for (int lines = 0; ; lines++) {
            ReplyLine line = in.line();
            line.next();
            if (line.is("END")) {
                return stats;
            }
            if (!line.is("STAT") || !line.next() || lines == MAX_STATS) {
                throw new UnfitServerException("It gives no statistics: '" + line.shown() + "'");
            }
            String name = line.word();
            // A value may be empty or have blanks in it; those that are needed do not.
            stats.put(name, line.rest());
        }
    }

    static long number(Map<String, String> stats, String name) throws UnfitServerException {
        return number(name, stats.getOrDefault(name, ""));
    }

    /** A value of the statistics, which is no larger than can be added to others. */
    static long number(String name, String value) throws UnfitServerException {
        if (!value.matches("[0-9]{1,18}")) {
            throw new UnfitServerException("Its statistics have no number named '" + name + "'");
        }
        return Long.parseLong(value);
    }
}
