package dev.coatcheck.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import dev.coatcheck.store.appengine.LocalServices;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.TestBrowser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;

/** The servlet that docs/appengine.md shows. */
class SweepSessionsTest {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    private static String answer(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response =
                HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    /** The servlet's store goes by the real time, in which a session of January 2026 has long expired. */
    @Test
    void aRequestOfCronEndsWhatHasExpired() throws Exception {
        FakeClock clock = new FakeClock();
        Server server = new Server(0);
        ServletContextHandler app = new ServletContextHandler("/");
        app.addServlet(new ServletHolder(new SweepSessions()), "/");
        server.setHandler(app);
        try (LocalServices services = LocalServices.start(clock);
                SessionStore store = services.both();
                SessionManager manager = SessionManager.builder()
                        .store(store)
                        .clock(clock)
                        .keyRing(KeyRing.parse(KeyRing.generate()))
                        .build()) {
            server.start();
            URI uri = server.getURI();
            new TestBrowser(manager, clock).visit(session -> session.set(HITS, 1));
            services.forgetMemcache();
            assertThat(answer(HttpRequest.newBuilder(uri))).startsWith("403 ");
            HttpRequest.Builder cron = HttpRequest.newBuilder(uri).header("X-Appengine-Cron", "true");
            assertThat(answer(cron)).startsWith("200 Sessions that have ended: 1");
            assertThat(answer(cron)).startsWith("200 Sessions that have ended: 0");
        } finally {
            server.stop();
        }
    }
}
