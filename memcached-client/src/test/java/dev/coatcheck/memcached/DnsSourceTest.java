package dev.coatcheck.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DnsSourceTest {
    private static final Map<String, List<String>> NAMES = Map.of(
            "mc", List.of("10.0.0.2", "10.0.0.1", "2001:db8::1"),
            "other", List.of("10.0.0.3", "10.0.0.1"),
            "empty", List.of());

    private static InetAddress[] resolve(String host) throws UnknownHostException {
        List<String> addresses = NAMES.get(host);
        if (addresses == null) {
            throw new UnknownHostException(host);
        }
        InetAddress[] found = new InetAddress[addresses.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = InetAddress.getByName(addresses.get(i));
        }
        return found;
    }

    private static List<String> names(String... hosts) throws IOException {
        return NodeSource.dns(List.of(hosts), DnsSourceTest::resolve).nodes().stream()
                .map(NodeSpec::name)
                .toList();
    }

    @Test
    void everyAddressOfANameIsANodeNamedByIt() throws IOException {
        assertThat(names("MC:11212"))
                .containsExactly("10.0.0.2:11212", "10.0.0.1:11212", "[2001:db8:0:0:0:0:0:1]:11212");
    }

    @Test
    void ofSeveralNamesEachNodeIsThereOnce() throws IOException {
        assertThat(names("other", "mc")).hasSize(4).startsWith("10.0.0.3:11211", "10.0.0.1:11211");
    }

    @Test
    void aNameThatIsNotKnownIsNoListThoughOthersAre() {
        assertThatThrownBy(() -> names("mc", "nowhere")).isInstanceOf(UnknownHostException.class);
    }

    @Test
    void aNameWithoutAddressesIsAnEmptyListWhichNobodyTakes() throws IOException {
        assertThat(names("empty")).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemcachedClient.builder()
                        .discover(NodeSource.dns(List.of("empty"), DnsSourceTest::resolve))
                        .build())
                .withMessageContaining("nodes = 0");
    }

    @Test
    void theSystemsOwnResolverKnowsThisMachine() throws IOException {
        assertThat(NodeSource.dns(List.of("localhost:11213")).nodes())
                .extracting(NodeSpec::name)
                .contains("127.0.0.1:11213");
    }

    @Test
    void onlyHostsCanBeResolved() {
        for (String wrong : List.of("", "unix:/run/m.sock", "a=mc", "mc:99999", "mc,other")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NodeSource.dns(List.of(wrong)))
                    .withMessageContaining("node '" + wrong + "'");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeSource.dns(List.of()))
                .withMessageContaining("at least one");
    }
}
