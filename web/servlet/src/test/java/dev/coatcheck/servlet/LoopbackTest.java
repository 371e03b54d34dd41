package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoopbackTest {
    @Test
    void loopbackAddressesAreTold() {
        for (String address : new String[] {
            "127.0.0.1", "127.8.9.10", "::1", "[::1]", "0:0:0:0:0:0:0:1", "[0:0:0:0:0:0:0:1]", "::ffff:127.0.0.1"
        }) {
            assertThat(Loopback.isAddress(address)).as(address).isTrue();
        }
    }

    @Test
    void nothingElseIs() {
        for (String address : new String[] {
            "",
            "localhost",
            "127.0.0.1.example.org",
            "127.1",
            "1270.0.1",
            "10.0.0.1",
            "::2",
            "::",
            "0.0.0.0",
            "[127.0.0.1",
            "fe80::1",
            "::1.example.org",
            ":",
            "unix:/run/web.sock"
        }) {
            assertThat(Loopback.isAddress(address)).as(address).isFalse();
        }
        assertThat(Loopback.isAddress(null)).isFalse();
    }
}
