package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.DurableSessionStore.Expired;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How many statements each call is, as the database itself counts them. */
class CostTest {
    private static final String TABLE = "cost";
    private static final Duration LEASE = Duration.ofMinutes(20);

    private static void assertStatements(TestDatabase database, int expected, Runnable work) {
        long before = database.statements();
        work.run();
        assertThat(database.statements() - before).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void eachCallIsAsManyStatementsAsIsSaid(TestDatabase database) {
        try (JdbcSessionStore store =
                database.open("coatcheck.table=" + TABLE, "coatcheck.timeout=20s", "coatcheck.connections=1")) {
            Key key = SampleValue.key();
            assertStatements(
                    database, 1, () -> assertThat(store.load(key, LEASE)).isEmpty());
            Version[] seen = new Version[1];
            assertStatements(
                    database,
                    1,
                    () -> seen[0] = Objects.requireNonNull(
                            store.create(key, SampleValue.live(1), LEASE).version()));
            Version first = seen[0];
            // In the future, so that no pause of this machine is a second.
            database.age(TABLE, Duration.ofHours(-1));
            assertStatements(database, 1, () -> store.load(key, LEASE));
            assertStatements(database, 1, () -> store.peek(key, LEASE));
            database.age(TABLE, Duration.ofHours(1).plusSeconds(5));
            assertStatements(database, 1, () -> store.peek(key, LEASE));
            assertStatements(database, 2, () -> store.load(key, LEASE));
            assertStatements(
                    database,
                    1,
                    () -> seen[0] = Objects.requireNonNull(store.replace(key, SampleValue.live(2), first, LEASE)
                            .version()));
            assertStatements(database, 2, () -> store.replace(key, SampleValue.live(2), first, LEASE));
            assertStatements(database, 1, () -> store.renew(key, seen[0], LEASE));
            assertStatements(database, 1, () -> store.expired(10));
            assertStatements(database, 1, () -> store.sweep(new Expired(key, first)));
            assertStatements(database, 2, () -> store.end(key, first, Instant.now()));
            assertStatements(database, 1, () -> store.end(key, seen[0], Instant.now()));
            assertStatements(database, 1, () -> store.end(key, Instant.now()));
        }
    }
}
