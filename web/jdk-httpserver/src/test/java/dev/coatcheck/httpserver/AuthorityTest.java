package dev.coatcheck.httpserver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AuthorityTest {
    private static void assertParsed(String text, String host, int port) {
        assertThat(Authority.parse(text, 80)).as(text).isEqualTo(new Authority(host, port));
    }

    @Test
    void hostAndPortAreToldApart() {
        assertParsed("example.org", "example.org", 80);
        assertParsed("example.org:8080", "example.org", 8080);
        assertParsed("example.org:", "example.org", 80);
        assertParsed("127.0.0.1:1", "127.0.0.1", 1);
        assertParsed("[::1]", "[::1]", 80);
        assertParsed("[::1]:8443", "[::1]", 8443);
    }

    @Test
    void whatIsNoAuthorityIsNobodys() {
        for (String text :
                new String[] {"", "::1", "localhost:x", "localhost:1:2", "[::1", "[::1]x", "localhost:123456"}) {
            assertParsed(text, "", 80);
        }
    }
}
