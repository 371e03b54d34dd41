package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionManager;
import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.FakeClock;
import dev.coatcheck.test.WebClient;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The small print of the session chapter: ids, what a request asked for, and times. */
abstract class SessionRulesContract extends ServletFixture {
    private final List<HttpSession> kept = new CopyOnWriteArrayList<>();
    private final List<String> ids = new CopyOnWriteArrayList<>();
    private final List<Long> times = new CopyOnWriteArrayList<>();

    SessionRulesContract(Container container) {
        super(container);
    }

    private static void ok(WebClient client, String... paths) throws Exception {
        for (String path : paths) {
            assertThat(client.get(path).status()).as(path).isEqualTo(200);
        }
    }

    // Ids

    @Test
    void aSessionThatWasKeptBeyondItsRequestKnowsItsIdAndNothingElse() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                (request, response) -> {
                    kept.add(request.getSession());
                    ids.add(request.getSession().getId());
                },
                "/out",
                (request, response) -> {
                    request.getSession().invalidate();
                    HttpSession old = kept.get(0);
                    assertThat(old.getId()).isEqualTo(ids.get(0));
                    assertThatThrownBy(() -> old.getAttribute("name")).isInstanceOf(IllegalStateException.class);
                    assertThatThrownBy(old::invalidate).isInstanceOf(IllegalStateException.class);
                }));

        ok(client, "/in", "/out");

        assertThat(kept.get(0).getId()).isEqualTo(ids.get(0));
    }

    @Test
    void theIdOfANewSessionStaysWhateverItsInterval() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                (request, response) -> {
                    HttpSession session = request.getSession();
                    ids.add(session.getId());
                    session.setMaxInactiveInterval(7 * 3_600);
                    ids.add(session.getId());
                },
                "/next",
                (request, response) -> ids.add(request.getSession().getId())));

        ok(client, "/in", "/next");

        assertThat(ids).hasSize(3).containsOnly(ids.get(0));
    }

    @Test
    void aSessionThatPassesAwayGetsAnotherIdTooWhenItIsAskedFor() throws Exception {
        WebClient client = client(Map.of("/in", (request, response) -> {
                    ids.add(request.getSession().getId());
                    ids.add(request.changeSessionId());
                    assertThat(request.getSession().getId()).isEqualTo(ids.get(1));
                }))
                .host("example.org");

        ok(client, "/in");

        assertThat(ids).doesNotHaveDuplicates();
    }

    // What was asked for

    private static final Page ASKED = (request, response) -> response.getWriter()
            .write(request.getRequestedSessionId() + " valid " + request.isRequestedSessionIdValid() + " cookie "
                    + request.isRequestedSessionIdFromCookie() + " url " + request.isRequestedSessionIdFromURL()
                    + " session " + (request.getSession(false) != null));

    /** Whether the container says of an id that leads nowhere that it came by cookie or URL. */
    boolean tellsWhereAnIdWas() {
        return true;
    }

    @Test
    void anIdThatIsNotOursIsReportedAndNeverAdopted() throws Exception {
        WebClient client = client(Map.of("/in", ASKED, "/make", (request, response) -> {
            request.getSession();
            response.getWriter().write(request.getSession().getId());
        }));

        assertThat(client.get("/in").body()).isEqualTo("null valid false cookie false url false session false");
        boolean told = tellsWhereAnIdWas();
        assertThat(client.get("/in;jsessionid=xyz").body())
                .isEqualTo("xyz valid false cookie false url " + told + " session false");
        assertThat(client.get("/in", "Cookie: JSESSIONID=xyz").body())
                .isEqualTo("xyz valid false cookie " + told + " url false session false");
        assertThat(client.get("/make;jsessionid=xyz").body()).doesNotContain("xyz");
    }

    @Test
    void ourOwnIdIsReportedBeforeTheContainers() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                ASKED,
                "/make",
                (request, response) -> ids.add(request.getSession().getId())));
        ok(client, "/make");

        assertThat(client.get("/in;jsessionid=xyz").body())
                .isEqualTo(ids.get(0) + " valid true cookie true url false session true");
    }

    // Times

    @Test
    void aRequestThatIgnoresItsSessionIsAnAccessAndCostsNoCommand() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                (request, response) -> request.getSession(),
                "/ignore",
                (request, response) -> times.add(System.currentTimeMillis()),
                "/read",
                (request, response) -> times.add(request.getSession().getLastAccessedTime())));
        ok(client, "/in");
        later();
        long before = System.currentTimeMillis();
        store.reset();
        ok(client, "/ignore");
        assertThat(store.counts().total()).isZero();
        later();
        ok(client, "/read");

        assertThat(times.get(1)).isBetween(before, times.get(0));
    }

    /** Counts how often the request's cookies are read, behind it. */
    private static Filter counting(AtomicInteger reads) {
        return (request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                    @Override
                    public Enumeration<String> getHeaders(String name) {
                        if (name.equals("Cookie")) {
                            reads.incrementAndGet();
                        }
                        return super.getHeaders(name);
                    }
                },
                response);
    }

    @Test
    void aRequestThatIgnoresItsSessionReadsNoTicketUnlessSomebodyMayAsk() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        Application application = new Application().filter(counting(reads)).filter(new SessionFilter(manager()));
        application.servlet("/typed", set("Ann"));
        application.servlet("/show", (request, response) -> request.getSession());
        application.servlet(
                "/ignore", (request, response) -> response.getWriter().write("ignored"));
        WebClient client = client(application);
        ok(client, "/typed");
        reads.set(0);
        ok(client, "/ignore");
        assertThat(reads).hasValue(0);

        ok(client, "/show");
        reads.set(0);
        ok(client, "/ignore");
        assertThat(reads).hasValue(1);
    }

    @Test
    void theLastAccessIsTheBeginningOfTheRequestBefore() throws Exception {
        List<Long> begun = new CopyOnWriteArrayList<>();
        WebClient client = client(Map.of("/in", (request, response) -> {
            times.add(request.getSession().getLastAccessedTime());
            begun.add(System.currentTimeMillis()); // a session is not accessed before it is made
            later();
        }));
        long first = System.currentTimeMillis();
        ok(client, "/in");
        long second = System.currentTimeMillis();
        ok(client, "/in", "/in");

        assertThat(times.get(1)).isBetween(first, begun.get(0));
        assertThat(times.get(2)).isBetween(second, begun.get(1));
    }

    /** Until the clock shows another time. */
    private static void later() {
        long now = System.currentTimeMillis();
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> System.currentTimeMillis() > now);
    }

    /** A clock of the test's own for the embedded store; memcached goes by its own. */
    private final FakeClock clock = new FakeClock();

    private void pass(Duration time) {
        if (place == Place.EMBEDDED) {
            clock.advance(time);
        } else {
            Awaitility.await().pollDelay(time).until(() -> true);
        }
    }

    private SessionManager managerInTime() {
        return place == Place.EMBEDDED
                ? opened(SessionManager.builder()
                        .store(opened(new EmbeddedSessionStore(2_000_000, clock)))
                        .clock(clock)
                        .build())
                : manager();
    }

    @Test
    void anIntervalIsOverAtItsEndAndNotInUse() throws Exception {
        Duration interval = place == Place.EMBEDDED ? Duration.ofSeconds(10) : Duration.ofSeconds(5);
        Application application = new Application()
                .filter(new SessionFilter(managerInTime()))
                .servlet(
                        "/in",
                        (request, response) -> request.getSession().setMaxInactiveInterval((int) interval.toSeconds()))
                .servlet(
                        "/have",
                        (request, response) -> response.getWriter().write("" + (request.getSession(false) != null)))
                .servlet("/slow", (request, response) -> {
                    HttpSession session = request.getSession(false);
                    pass(interval.plusMillis(1).plus(place.slack()));
                    assertThat(request.getSession(false)).isSameAs(session);
                    session.setAttribute("name", "Ann");
                    assertThat(session.getAttribute("name")).isEqualTo("Ann");
                });
        WebClient idle = client(application);
        WebClient inUse = opened(new WebClient(idle.port()));
        ok(idle, "/in");
        pass(place == Place.EMBEDDED ? interval.minusMillis(1) : Duration.ZERO);
        assertThat(idle.get("/have").body()).isEqualTo("true");

        ok(inUse, "/in", "/slow");

        assertThat(idle.get("/have").body()).isEqualTo("false");
    }
}
