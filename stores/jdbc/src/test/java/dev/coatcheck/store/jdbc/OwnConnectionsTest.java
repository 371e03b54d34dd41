package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.store.jdbc.ConnectionSource.Condition;
import dev.coatcheck.store.jdbc.ConnectionSource.Lent;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long the store keeps connections that nobody uses. */
class OwnConnectionsTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final OwnConnections connections = new OwnConnections(
            JdbcDriver.of(JdbcUrl.parse("jdbc:h2:mem:own", Map.of())), Duration.ofSeconds(20), nanos::get);

    @AfterEach
    void close() {
        connections.close();
    }

    private void later(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** As one call does. */
    private Lent use() throws DatabaseException {
        Lent lent = connections.take();
        lent.giveBack(Condition.GOOD);
        return lent;
    }

    @Test
    void whatWasIdleForTenMinutesEndsOneWithEachCall() throws Exception {
        Lent first = connections.take();
        Lent second = connections.take();
        Lent third = connections.take();
        for (Lent lent : new Lent[] {first, second, third}) {
            lent.giveBack(Condition.GOOD);
        }
        later(Duration.ofMinutes(10));
        assertThat(use()).as("the last that came back goes out first").isSameAs(third);
        assertThat(first.connection().isClosed()).isFalse();
        later(Duration.ofNanos(1));
        assertThat(use()).isSameAs(third);
        assertThat(first.connection().isClosed()).isTrue();
        assertThat(second.connection().isClosed()).isFalse();
        use();
        assertThat(second.connection().isClosed()).isTrue();
        assertThat(third.connection().isClosed()).isFalse();
    }

    @Test
    void whatIsInUseEndsAfterThirtyMinutes() throws Exception {
        Lent lent = use();
        for (int minute = 0; minute < 30; minute++) {
            later(Duration.ofMinutes(1));
            assertThat(use()).isSameAs(lent);
        }
        assertThat(lent.connection().isClosed()).isFalse();
        later(Duration.ofNanos(1));
        assertThat(use()).isSameAs(lent);
        assertThat(lent.connection().isClosed()).isTrue();
        assertThat(use()).isNotSameAs(lent);
    }
}
