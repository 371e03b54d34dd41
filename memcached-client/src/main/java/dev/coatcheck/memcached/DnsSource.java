package dev.coatcheck.memcached;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Nodes by the addresses of host names. */
final class DnsSource implements NodeSource {
    private final List<NodeAddress.Tcp> hosts = new ArrayList<>();
    private final Resolver resolver;

    DnsSource(List<String> hosts, Resolver resolver) {
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("hosts: at least one is needed");
        }
        for (String host : hosts) {
            this.hosts.add(NodeAddress.Tcp.parse(host));
        }
        this.resolver = resolver;
    }

    /** One name that is not known would halve the list, so there is none then. */
    @Override
    public List<NodeSpec> nodes() throws IOException {
        Set<NodeSpec> nodes = new LinkedHashSet<>();
        for (NodeAddress.Tcp host : hosts) {
            for (InetAddress address : resolver.resolve(host.host())) {
                nodes.add(NodeSpec.at(new NodeAddress.Tcp(address.getHostAddress(), host.port()).toString()));
            }
        }
        return List.copyOf(nodes);
    }
}
