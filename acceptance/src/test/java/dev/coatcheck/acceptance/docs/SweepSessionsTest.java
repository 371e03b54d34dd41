package dev.coatcheck.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.appengine.tools.development.testing.jakarta.FakeHttpServletRequest;
import com.google.appengine.tools.development.testing.jakarta.FakeHttpServletResponse;
import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.store.appengine.LocalServices;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.TestBrowser;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The servlet that docs/appengine.md shows. */
class SweepSessionsTest {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    private static String answer(FakeHttpServletRequest request) throws IOException {
        FakeHttpServletResponse response = new FakeHttpServletResponse();
        response.setCharacterEncoding("UTF-8");
        new SweepSessions().doGet(request, response);
        return response.getStatus() + " " + response.getOutputString();
    }

    /** The servlet's store goes by the real time, in which a session of January 2026 has long expired. */
    @Test
    void aRequestOfCronEndsWhatHasExpired() throws IOException {
        FakeClock clock = new FakeClock();
        try (LocalServices services = LocalServices.start(clock);
                SessionStore store = services.both();
                SessionManager manager = SessionManager.builder()
                        .store(store)
                        .clock(clock)
                        .keyRing(KeyRing.parse(KeyRing.generate()))
                        .build()) {
            new TestBrowser(manager, clock).visit(session -> session.set(HITS, 1));
            services.forgetMemcache();
            FakeHttpServletRequest cron = new FakeHttpServletRequest();
            cron.setHeader("X-Appengine-Cron", "true");
            assertThat(answer(new FakeHttpServletRequest())).startsWith("403");
            assertThat(answer(cron)).startsWith("200 Sessions that have ended: 1");
            assertThat(answer(cron)).startsWith("200 Sessions that have ended: 0");
        }
    }
}
