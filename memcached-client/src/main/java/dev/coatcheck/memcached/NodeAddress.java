package dev.coatcheck.memcached;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a node is: {@code host:port}, {@code [IPv6]:port}, or {@code unix:/path} for a socket of this machine. */
sealed interface NodeAddress {
    int DEFAULT_PORT = 11_211;

    Wire connect(ClientSettings settings) throws IOException;

    /**
     * Reads an address; a port that is left out is 11211.
     *
     * @throws IllegalArgumentException when it is none
     */
    static NodeAddress parse(String text) {
        if (text.startsWith(Unix.PREFIX)) {
            return Unix.parse(text);
        }
        return Tcp.parse(text);
    }

    /** A host's port. */
    record Tcp(String host, int port) implements NodeAddress {
        private static final Pattern FORM =
                Pattern.compile("(?:\\[([0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*)]|([A-Za-z0-9_.-]{1,253}))(?::([0-9]{1,5}))?");

        static Tcp parse(String text) {
            Matcher matcher = FORM.matcher(text);
            if (matcher.matches()) {
                String host = (matcher.group(1) != null ? matcher.group(1) : matcher.group(2)).toLowerCase(Locale.ROOT);
                int port = matcher.group(3) == null ? DEFAULT_PORT : Integer.parseInt(matcher.group(3));
                if (port >= 1 && port <= 65_535) {
                    return new Tcp(host, port);
                }
            }
            throw new IllegalArgumentException(
                    "node '" + text + "': host:port, [IPv6]:port or unix:/path is accepted, ports from 1 to 65535");
        }

        @Override
        public Wire connect(ClientSettings settings) throws IOException {
            return SocketWire.connect(host, port, ClientSettings.CONNECT_TIMEOUT, settings.tls());
        }

        @Override
        public String toString() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    /** A socket in the file system. */
    record Unix(Path path) implements NodeAddress {
        static final String PREFIX = "unix:";

        /** What all systems can do. */
        private static final int MAX_PATH_BYTES = 100;

        private static Unix parse(String text) {
            String path = text.substring(PREFIX.length());
            if (!path.startsWith("/")
                    || path.indexOf(0) >= 0
                    || path.getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
                throw new IllegalArgumentException("node '" + text
                        + "': unix: is followed by an absolute path of at most " + MAX_PATH_BYTES + " bytes");
            }
            return new Unix(Path.of(path));
        }

        @Override
        public Wire connect(ClientSettings settings) throws IOException {
            return UnixWire.connect(path, settings);
        }

        @Override
        public String toString() {
            return PREFIX + path;
        }
    }
}
