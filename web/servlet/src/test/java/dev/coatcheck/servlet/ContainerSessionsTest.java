package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ContainerSessionsTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final LogBook log = new LogBook();
    private final ContainerSessions sessions = new ContainerSessions(log.over((p, m, a) -> null), nanos::get);

    private static HttpServletRequest request(boolean withSession) {
        return LogBook.fake(HttpServletRequest.class, (proxy, method, arguments) -> {
            assertThat(method.getName()).isEqualTo("getSession");
            assertThat(arguments).containsExactly(false);
            return withSession ? LogBook.fake(HttpSession.class, (p, m, a) -> null) : null;
        });
    }

    @Test
    void aRequestWithoutASessionOfTheContainerIsNotToldOf() {
        sessions.look(request(false));

        assertThat(log.lines).isEmpty();
    }

    @Test
    void requestsWithOneAreToldOfOnceAMinute() {
        sessions.look(request(true));
        sessions.look(request(true));
        nanos.addAndGet(Duration.ofSeconds(59).toNanos());
        sessions.look(request(true));
        assertThat(log.lines).hasSize(1);

        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        sessions.look(request(true));
        sessions.look(request(true));

        assertThat(log.lines).hasSize(2).allMatch(line -> line.contains("ahead of the filter"));
    }
}
