package dev.coatcheck.memcached;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a configuration endpoint says: {@code CONFIG cluster 0 <bytes>}, then a version and the nodes, each
 * {@code host|ip|port}, and {@code END}. Older ones say {@code VALUE AmazonElastiCache:cluster 0 <bytes>} instead.
 *
 * @param version rises with each change of the list
 */
record ClusterList(long version, List<NodeSpec> nodes) {
    private static final Pattern HEAD =
            Pattern.compile("(?:CONFIG cluster|VALUE AmazonElastiCache:cluster) 0 ([1-9][0-9]{0,4})");
    private static final Pattern BODY = Pattern.compile("([0-9]{1,18})\r?\n([^\r\n]*)(?:\r?\n)?");
    private static final Pattern NODE = Pattern.compile(
            "([A-Za-z0-9_.-]{1,253}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)\\|[0-9A-Fa-f:.]{0,45}\\|([0-9]{1,5})");

    /** Reads an answer whose first line has been read. The names count and not the addresses beside them, since certificates bear names. */
    static ClusterList read(String head, ReplyInput in) throws IOException {
        Matcher matcher = HEAD.matcher(head);
        if (!matcher.matches()) {
            throw new MalformedReplyException("it tells no list of nodes");
        }
        String body = new String(in.block(Integer.parseInt(matcher.group(1))), StandardCharsets.ISO_8859_1);
        if (!in.line().shown().equals("END")) {
            throw new MalformedReplyException("its list of nodes does not end where its length says");
        }
        return parse(body);
    }

    private static ClusterList parse(String body) throws MalformedReplyException {
        Matcher matcher = BODY.matcher(body);
        if (!matcher.matches()) {
            throw new MalformedReplyException("its list of nodes is no version and one line");
        }
        List<NodeSpec> nodes = new ArrayList<>();
        for (String node : matcher.group(2).split(" ", -1)) {
            nodes.add(node(node));
        }
        return new ClusterList(Long.parseLong(matcher.group(1)), List.copyOf(nodes));
    }

    private static NodeSpec node(String text) throws MalformedReplyException {
        Matcher matcher = NODE.matcher(text);
        if (!matcher.matches()) {
            throw new MalformedReplyException("its list has a node that is no host|ip|port");
        }
        String host = matcher.group(1);
        return NodeSpec.at((host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + matcher.group(2));
    }
}
