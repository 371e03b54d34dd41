package dev.coatcheck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coatcheck.test.PostgresServer;
import dev.coatcheck.test.TestBrowser;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresTest extends StoreCases {
    private static PostgresServer postgres;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @AfterEach
    void empty() {
        postgres.restart();
        postgres.execute("DELETE FROM coatcheck_session");
    }

    @Override
    String url() {
        return postgres.url();
    }

    @Override
    List<String> parts() {
        return List.of("database");
    }

    @Override
    void kill() {
        postgres.kill();
    }

    @Test
    void aDatabaseThatMayOnlyBeReadIsAnotherExitCode() {
        String[] asReader = {"SET default_transaction_read_only = off", "", "SELECT pg_reload_conf()"};
        asReader[1] = "ALTER SYSTEM SET default_transaction_read_only = on";
        postgres.execute(asReader);
        try {
            await().untilAsserted(() -> {
                Typed typed = Typed.in(environment, "ping");
                assertThat(typed.exitCode()).isEqualTo(Coatcheck.REFUSED);
                assertThat(typed.err()).isEqualTo("coatcheck: writes are refused\n");
                assertThat(typed.out()).contains("database: it refuses writes");
            });
        } finally {
            asReader[1] = "ALTER SYSTEM RESET default_transaction_read_only";
            postgres.execute(asReader);
        }
        await().until(() -> Typed.in(environment, "ping").exitCode() == Coatcheck.DONE);
    }

    @Test
    void aSignOutIsComplete() {
        TestBrowser alice = signedIn("alice");
        assertThat(done(Typed.in(environment, "sign-out", "alice"))).isEqualTo("1 session ended.\n");
        assertThat(isIn(alice)).isFalse();
        assertThat(done(Typed.in(environment, "sign-out", "alice"))).isEqualTo("No session was there to be ended.\n");
    }

    @Test
    void whatHasExpiredIsCountedAndSwept() {
        signedIn("alice");
        signedIn("bob");
        postgres.execute("UPDATE coatcheck_session SET expires_at = expires_at - 100 * 86400000::BIGINT");
        TestBrowser carol = signedIn("carol");
        assertThat(done(Typed.in(environment, "stats"))).contains("4 expired, to be swept"); // with the users' lists
        assertThat(done(Typed.in(environment, "sweep"))).isEqualTo("4 expired sessions ended.\n");
        assertThat(done(Typed.in(environment, "sweep"))).isEqualTo("0 expired sessions ended.\n");
        assertThat(isIn(carol)).isTrue();
    }

    @Test
    void aSweepGoesOnUntilNothingIsLeft() {
        signedIn("alice");
        postgres.execute(
                "INSERT INTO coatcheck_session SELECT lpad(i::TEXT, 32, 'x'), version, write_id, accessed_at,"
                        + " accessed_at - i, content FROM generate_series(1, 1200) i, (SELECT * FROM coatcheck_session LIMIT 1) one");
        assertThat(done(Typed.in(environment, "sweep"))).isEqualTo("1200 expired sessions ended.\n");
        assertThat(done(Typed.in(environment, "sessions", "alice")).lines()).hasSize(2);
    }

    @Test
    void aSweepOfADatabaseThatIsAwayIsOneLine() {
        postgres.kill();
        Typed typed = Typed.in(environment, "sweep");
        assertThat(typed.exitCode()).isEqualTo(Coatcheck.FAILED);
        assertThat(typed.err().lines()).singleElement().asString().endsWith("(0 were ended before)");
    }
}
