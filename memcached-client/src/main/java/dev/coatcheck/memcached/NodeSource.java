package dev.coatcheck.memcached;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Where a list of nodes comes from while a client runs. Asked by one thread at a time, which it may block. */
@FunctionalInterface
public interface NodeSource {
    /**
     * All nodes as they are now, in any order.
     *
     * @throws IOException when that cannot be told: the last list stays. So it does after any other exception, after an empty
     *     list, and after one with a node in it twice
     */
    List<NodeSpec> nodes() throws IOException;

    /** Finds the addresses of a host name. */
    @FunctionalInterface
    interface Resolver {
        /**
         * All of a host's addresses.
         *
         * @throws UnknownHostException when it has none, or nobody knows
         */
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /**
     * Every address that a name has in the DNS is a node, whose name is {@code ip:port}. The JVM remembers answers, for 30
     * seconds by default ({@code networkaddress.cache.ttl}).
     *
     * @param hosts {@code host:port}; of several all have to be known
     * @throws IllegalArgumentException when there is none, or one is no {@code host:port}
     */
    static NodeSource dns(List<String> hosts) {
        return dns(hosts, InetAddress::getAllByName);
    }

    /** As {@link #dns(List)}, by another resolver than the JVM's. */
    static NodeSource dns(List<String> hosts, Resolver resolver) {
        return new DnsSource(hosts, resolver);
    }
}
