package dev.coatcheck.memcached;

import java.util.regex.Pattern;

/**
 * A node as a list names it.
 *
 * @param name places keys: a server that moves to another address and keeps its name keeps its keys. 1 to 100 letters, digits
 *     and characters of {@code -_.:/[]}
 * @param address {@code host:port}, {@code [IPv6]:port}, {@code unix:/path}; a port that is left out is 11211
 * @param zone what fails together with it, as a building does: up to 64 letters, digits and characters of {@code -_.};
 *     empty when that is not known
 */
public record NodeSpec(String name, String address, String zone) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:/\\[\\]-]{1,100}");
    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9_.-]{0,64}");

    /**
     * Checks all three, and writes the address with its port and in lower case.
     *
     * @throws IllegalArgumentException when one of them is none
     */
    public NodeSpec {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "node name: 1 to 100 letters, digits and characters of -_.:/[] are accepted");
        }
        address = NodeAddress.parse(address).toString();
        if (!ZONE.matcher(zone).matches()) {
            throw new IllegalArgumentException(
                    "zone of node '" + name + "': up to 64 letters, digits and characters of -_. are accepted");
        }
    }

    /**
     * A node of no zone whose name is its address, with the port: {@code mc1} and {@code MC1:11211} are both named
     * {@code mc1:11211}, and so have the same keys.
     *
     * @throws IllegalArgumentException when it is no address
     */
    public static NodeSpec at(String address) {
        return new NodeSpec(NodeAddress.parse(address).toString(), address, "");
    }
}
