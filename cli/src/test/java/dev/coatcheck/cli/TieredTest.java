package dev.coatcheck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.TestBrowser;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A memcached in front of a file of H2, which is open in this process twice. */
class TieredTest extends StoreCases {
    @TempDir
    Path folder;

    private final MemcachedServer memcached = MemcachedServer.start();

    @Override
    String url() {
        return "tiered:memcached://" + memcached.address() + "?timeout=5s+jdbc:h2:file:" + folder.resolve("sessions");
    }

    @Override
    List<String> parts() {
        return List.of("memcached " + memcached.address(), "database");
    }

    /** Both: with one of them away sessions are found. */
    @Override
    void kill() {
        memcached.kill();
        environment.put(
                "COATCHECK_STORE",
                "tiered:memcached://" + memcached.address()
                        + "+jdbc:postgresql://127.0.0.1:1/nowhere?user=u&password=canary-password");
    }

    @AfterEach
    void stop() {
        memcached.close();
    }

    @Test
    void withoutTheCacheSessionsAreListedAndThePingSaysSo() {
        signedIn("alice");
        memcached.kill();
        assertThat(done(Typed.in(environment, "sessions", "alice")).lines()).hasSize(2);
        Typed ping = Typed.in(environment, "ping");
        assertThat(ping.exitCode()).isEqualTo(Coatcheck.FAILED);
        assertThat(ping.err()).isEqualTo("coatcheck: no answer from 1 of 2\n");
        assertThat(ping.out().lines().skip(2)).singleElement().asString().matches("database .* ms");
    }

    @Test
    void aSignOutIsCompleteAfterTheCacheHasForgotten() {
        TestBrowser alice = signedIn("alice");
        memcached.flush();
        assertThat(done(Typed.in(environment, "sign-out", "alice"))).isEqualTo("1 session ended.\n");
        assertThat(isIn(alice)).isFalse();
    }

    @Test
    void aSweepAsksTheDatabase() {
        signedIn("alice");
        assertThat(done(Typed.in(environment, "sweep"))).isEqualTo("0 expired sessions ended.\n");
    }
}
