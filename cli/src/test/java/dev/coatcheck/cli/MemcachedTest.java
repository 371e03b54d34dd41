package dev.coatcheck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.test.MemcachedServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemcachedTest extends StoreCases {
    private final MemcachedServer one = MemcachedServer.start();
    private final MemcachedServer other = MemcachedServer.start();

    @Override
    String url() {
        return "memcached://" + one.address() + "," + other.address() + "?timeout=5s";
    }

    @Override
    List<String> parts() {
        return List.of("memcached " + one.address(), "memcached " + other.address());
    }

    @Override
    void kill() {
        one.kill();
        other.kill();
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
    }

    @Test
    void aNodeThatIsAwayIsNamed() {
        other.kill();
        Typed typed = Typed.in(environment, "ping");
        assertThat(typed.exitCode()).isEqualTo(Coatcheck.FAILED);
        assertThat(typed.err()).isEqualTo("coatcheck: no answer from 1 of 2\n");
        List<String> lines = typed.out().lines().toList();
        assertThat(lines.get(1)).startsWith("memcached " + one.address()).endsWith(" ms");
        assertThat(lines.get(2)).startsWith("memcached " + other.address()).endsWith("Connection refused");
    }

    @Test
    void pingTellsTheVersionAndStatsTheLargestItemToo() {
        String version = one.stats().get("version");
        for (String word : List.of("ping", "stats")) {
            List<String> lines = done(Typed.in(environment, word)).lines().toList();
            assertThat(lines.subList(1, 3)).allMatch(line -> line.matches("memcached [0-9.:]+ +" + version + " .*"));
        }
        assertThat(done(Typed.in(environment, "stats")).lines().skip(1))
                .allMatch(line -> line.contains("items of up to 1048576 bytes; "));
    }

    @Test
    void statsShowsWhatTheServerHasThrownOut() {
        try (MemcachedServer small = MemcachedServer.start("-m", "8")) {
            small.fill(10_000);
            environment.put("COATCHECK_STORE", "memcached://" + small.address());
            String line = done(Typed.in(environment, "stats")).lines().toList().get(1);
            assertThat(line)
                    .contains("evicts when it is full")
                    .contains(" of 8388608 bytes; evicted " + small.stats().get("evictions") + ", refused 0");
        }
    }

    @Test
    void refusedWritesAreAnotherExitCode() {
        try (MemcachedServer full = MemcachedServer.start("-m", "8", "-M")) {
            environment.put("COATCHECK_STORE", "memcached://" + full.address() + "?whenFull=refuse");
            done(Typed.in(environment, "ping"));
            full.fill(1_000);
            for (String word : List.of("ping", "stats")) {
                Typed typed = Typed.in(environment, word);
                assertThat(typed.exitCode()).as(word).isEqualTo(Coatcheck.REFUSED);
                assertThat(typed.err()).isEqualTo("coatcheck: writes are refused\n");
                assertThat(typed.out()).contains("memcached " + full.address() + ": its memory is full and it refuses");
            }
        }
    }

    /** memcached may have lost the list of before, so this proves nothing. */
    @Test
    void aSignOutByAYoungListIsNotComplete() {
        signedIn("alice");
        Typed typed = Typed.in(environment, "sign-out", "alice");
        assertThat(typed.out()).isEqualTo("1 session ended.\n");
        assertThat(typed.exitCode()).isEqualTo(Coatcheck.FAILED);
        assertThat(typed.err().lines()).singleElement().asString().contains("not certain that none is left");
    }

    @Test
    void thereIsNothingToSweep() {
        assertThat(done(Typed.in(environment, "sweep"))).startsWith("There is nothing to sweep");
    }

    /** The list is renewed when it is read: for as long as the application keeps it. */
    @Test
    void aListIsKeptForTheLongestLifetimeThatIsSet() {
        signedIn("alice");
        assertThat(longestLease()).isBetween(Duration.ofDays(29), Duration.ofDays(31));
        environment.put("COATCHECK_ABSOLUTE_LIFETIME", "90d");
        done(Typed.in(environment, "sessions", "alice"));
        assertThat(longestLease()).isGreaterThan(Duration.ofDays(89));
        environment.remove("COATCHECK_ABSOLUTE_LIFETIME");
        environment.put("COATCHECK_REMEMBERED", "P1D,90d");
        done(Typed.in(environment, "sessions", "alice"));
        assertThat(longestLease()).isGreaterThan(Duration.ofDays(89));
        environment.put("COATCHECK_REMEMBERED", "1d, 7d");
        environment.put("COATCHECK_PRESET", "aal1");
        done(Typed.in(environment, "sessions", "alice"));
        assertThat(longestLease()).isBetween(Duration.ofDays(29), Duration.ofDays(31));
    }

    private Duration longestLease() {
        long longest = 0;
        for (MemcachedServer server : List.of(one, other)) {
            try (MemcachedClient client = MemcachedClient.builder()
                    .node(server.address())
                    .timeout(Duration.ofSeconds(5))
                    .build()) {
                for (String key : server.keys()) {
                    Command left = Command.get(key).secondsLeft();
                    longest = Math.max(longest, client.execute(left).secondsLeft());
                }
            }
        }
        return Duration.ofSeconds(longest);
    }
}
