package dev.coatcheck.store.memcached;

import dev.coatcheck.memcached.ListRule;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedException;
import dev.coatcheck.memcached.NodeSource;
import dev.coatcheck.memcached.NodeSpec;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a store's URL says: {@code memcached://[user:password@]node[,node...][?option=value[&option=value...]]}, a node
 * {@code [name=]address[;zone=zone]}. No message shows the URL, which may hold a password.
 */
final class MemcachedUrl {
    static final String SCHEME = "memcached";

    private static final int LARGEST_VALUE_BYTES = 1_000_000;

    private static final Pattern FORM = Pattern.compile("(?i:memcached)://(?:([^@?]*)@)?([^@?]*)(?:\\?([^@]*))?");

    /** What may be shown of a node that is wrong: a password whose @ or host was forgotten ends in no number. */
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9_.=\\[\\]:%/-]{1,300}");

    private static final Pattern ZONED = Pattern.compile("(.*?)(?:;zone=([A-Za-z0-9_.-]{1,64}))?");
    private static final Pattern NO_PASSWORD = Pattern.compile("[^:]*|.*:[0-9]+|.*]|(?:[^:]*=)?unix:.*");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_:.-]{0,64}");
    /** How often a list of nodes is asked for by default. */
    private static final Duration POLL = Duration.ofSeconds(10);

    private static final Pattern MILLIS = Pattern.compile("([0-9]{1,6})(ms|s)");

    private final MemcachedClient.Builder client = MemcachedClient.builder();
    private final Map<String, Option> options = new HashMap<>();
    private List<NodeSpec> nodes = List.of();
    private @Nullable String discover;
    private @Nullable Duration poll;
    private String prefix = MemcachedSessionStore.DEFAULT_PREFIX;
    private int maxValueBytes = MemcachedSessionStore.DEFAULT_MAX_VALUE_BYTES;
    private int bytesInFlight = Integer.MAX_VALUE;
    private int copies = 1;
    private boolean hasFormer;
    private boolean evicts = true;
    private boolean tls;
    private @Nullable String trust;

    private interface Option {
        void set(String value);
    }

    private MemcachedUrl() {
        options.put("timeout", value -> client.timeout(duration("timeout", value)));
        options.put("connections", value -> client.connections(number("connections", value)));
        options.put("maxOperations", value -> client.maxOperations(number("maxOperations", value)));
        options.put("maxBytesInFlight", value -> {
            bytesInFlight = number("maxBytesInFlight", value);
            client.maxBytesInFlight(bytesInFlight);
        });
        options.put("copies", value -> copies = oneOf("copies", value, "1", "2") + 1);
        options.put("maxValueBytes", value -> maxValueBytes = maxValueBytes(value));
        options.put("prefix", value -> prefix = prefix(value));
        options.put("tls", value -> tls = oneOf("tls", value, "false", "true") == 1);
        options.put("trust", value -> trust = value);
        options.put("former", value -> {
            hasFormer = true;
            nodes("former", value).forEach(node -> client.former(node.name(), node.address()));
        });
        options.put(
                "discover", value -> discover = oneOf("discover", value, "dns", "cluster") == 0 ? "dns" : "cluster");
        options.put("poll", value -> {
            poll = duration("poll", value);
            client.poll(poll);
        });
        options.put("whenFull", value -> evicts = oneOf("whenFull", value, "evict", "refuse") == 0);
    }

    /** @throws IllegalArgumentException when something in it is wrong; the message names it and says what is accepted */
    static MemcachedUrl parse(String url) {
        Matcher matcher = FORM.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "A memcached store's URL is memcached://[user:password@]host:port,host:port?option=value; in a user"
                            + " name or password : is written %3A, @ is %40, ? is %3F and % is %25");
        }
        MemcachedUrl parsed = new MemcachedUrl();
        if (matcher.group(1) != null) {
            parsed.credentials(matcher.group(1));
        }
        parsed.nodes = nodes("nodes", matcher.group(2));
        if (matcher.group(3) != null) {
            parsed.options(matcher.group(3));
        }
        parsed.place();
        if (parsed.bytesInFlight < 2 * parsed.maxValueBytes) {
            throw wrong("maxBytesInFlight", String.valueOf(parsed.bytesInFlight), "twice maxValueBytes or more");
        }
        return parsed;
    }

    /** Every option at its default, for a client that was made in code. */
    static MemcachedUrl withoutNodes() {
        return new MemcachedUrl();
    }

    private void credentials(String text) {
        int colon = text.indexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("user:password@ in front of the nodes: the password is missing");
        }
        client.credentials(decoded(text.substring(0, colon)), decoded(text.substring(colon + 1)));
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("user:password@: a % that two hexadecimal digits do not follow");
        }
    }

    private static List<NodeSpec> nodes(String label, String list) {
        List<NodeSpec> nodes = new ArrayList<>();
        for (String node : list.split(",", -1)) {
            nodes.add(node(label, node, nodes.size() + 1));
        }
        return nodes;
    }

    private static NodeSpec node(String label, String text, int place) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(label + ": at least one, without empty places: host:port,host:port");
        }
        Matcher zoned = ZONED.matcher(text);
        String zone = zoned.matches() ? zoned.group(2) : null;
        String node = zone == null ? text : zoned.group(1);
        if (!NODE.matcher(node).matches() || !NO_PASSWORD.matcher(node).matches()) {
            throw new IllegalArgumentException(
                    label + ": number " + place
                            + " of them is no host:port, [IPv6]:port or unix:/path, with name= in front and ;zone= behind if wanted");
        }
        int equals = node.indexOf('=');
        NodeSpec plain = equals < 0
                ? NodeSpec.at(node)
                : new NodeSpec(node.substring(0, equals), node.substring(equals + 1), "");
        return zone == null ? plain : new NodeSpec(plain.name(), plain.address(), zone);
    }

    /** Gives the client its nodes, or what is asked for them. */
    private void place() {
        if (copies > 1) {
            twoCopies();
        }
        if (discover == null) {
            if (poll != null) {
                throw new IllegalArgumentException("poll: it needs discover=dns or discover=cluster");
            }
            nodes.forEach(node -> client.node(node.name(), node.address(), node.zone()));
            return;
        }
        for (NodeSpec node : nodes) {
            if (!node.equals(NodeSpec.at(node.address()))) {
                throw wrong("discover", discover, "it finds the nodes; what is asked for them has no name and no zone");
            }
        }
        if (discover.equals("dns")) {
            client.discover(NodeSource.dns(nodes.stream().map(NodeSpec::address).toList()));
        } else {
            nodes.forEach(node -> client.cluster(node.address()));
        }
    }

    private void twoCopies() {
        if (discover == null && nodes.size() < 2) {
            throw wrong("copies", "2", "it needs two nodes or more, and three to lose nothing");
        }
        if (hasFormer) {
            throw new IllegalArgumentException(
                    "former: not with copies=2, which finds its sessions when one node is added or removed at a time");
        }
        Duration heard = poll == null ? POLL : poll;
        client.minNodes(2).listRule(ListRule.oneAtATime(heard.multipliedBy(2)));
    }

    private void options(String query) {
        TreeSet<String> seen = new TreeSet<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            Option option = options.get(name);
            if (option == null || equals < 0) {
                throw new IllegalArgumentException("option '" + shown(name) + "': accepted are, each with =value, "
                        + String.join(", ", new TreeSet<>(options.keySet())));
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("option '" + name + "': it is there twice");
            }
            option.set(pair.substring(equals + 1));
        }
    }

    private static Duration duration(String option, String value) {
        Matcher matcher = MILLIS.matcher(value);
        if (!matcher.matches()) {
            throw wrong(option, value, "milliseconds or seconds, as 250ms or 1s");
        }
        long number = Long.parseLong(matcher.group(1));
        return matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
    }

    private static int number(String option, String value) {
        if (!value.matches("[0-9]{1,10}") || Long.parseLong(value) > Integer.MAX_VALUE) {
            throw wrong(option, value, "a whole number");
        }
        return Integer.parseInt(value);
    }

    private static int maxValueBytes(String value) {
        int bytes = number("maxValueBytes", value);
        if (bytes < 1_024 || bytes > LARGEST_VALUE_BYTES) {
            throw wrong("maxValueBytes", value, "1,024 to 1,000,000");
        }
        return bytes;
    }

    private static String prefix(String value) {
        if (!PREFIX.matcher(value).matches()) {
            throw wrong("prefix", value, "up to 64 letters, digits and characters of _:.-");
        }
        return value;
    }

    private static int oneOf(String option, String value, String first, String second) {
        if (value.equals(first) || value.equals(second)) {
            return value.equals(first) ? 0 : 1;
        }
        throw wrong(option, value, first + " or " + second);
    }

    private static IllegalArgumentException wrong(String option, String value, String accepted) {
        return new IllegalArgumentException(option + " = " + shown(value) + ": " + accepted);
    }

    /** What somebody wrote, so that it breaks no line of a log. */
    private static String shown(String text) {
        String visible = text.replaceAll("[^ -~]", "?");
        return visible.length() <= 64 ? visible : visible.substring(0, 64) + "...";
    }

    /**
     * A client that has begun to connect.
     *
     * @throws IllegalArgumentException when the file of certificates cannot be used, or the nodes that were found are no list
     * @throws MemcachedException when nobody tells the nodes, which were to be found
     */
    MemcachedClient client() {
        if (trust != null && !tls) {
            throw new IllegalArgumentException("trust: it needs tls=true");
        }
        if (tls) {
            client.tls(TrustedCertificates.context(trust));
        }
        // A value that another server may have stored, whose option is higher, must not end a connection of
        // everybody's.
        return client.maxValueBytes(LARGEST_VALUE_BYTES).build();
    }

    String prefix() {
        return prefix;
    }

    int maxValueBytes() {
        return maxValueBytes;
    }

    /** How many nodes hold each session. */
    int copies() {
        return copies;
    }

    /** Whether servers are expected to evict when their memory is full. */
    boolean evicts() {
        return evicts;
    }
}
