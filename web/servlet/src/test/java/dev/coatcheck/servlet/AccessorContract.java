package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.StoreFailurePolicy;
import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.MemcachedServer;
import dev.coatcheck.test.WebClient;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** {@code HttpSession.getAccessor}: a session as it is reached once its request is over. */
abstract class AccessorContract extends ServletFixture {
    private final List<HttpSession.Accessor> accessors = new CopyOnWriteArrayList<>();
    private final List<HttpSession> kept = new CopyOnWriteArrayList<>();
    private final List<String> log = new CopyOnWriteArrayList<>();

    AccessorContract(Container container) {
        super(container);
    }

    private Map<String, Page> pages() {
        Map<String, Page> pages = new LinkedHashMap<>();
        pages.put("/in", (request, response) -> request.getSession().setAttribute("name", "Ann"));
        pages.put("/accessor", (request, response) -> {
            kept.add(request.getSession());
            accessors.add(request.getSession().getAccessor());
        });
        pages.put("/read", (request, response) -> response.getWriter().write(text(request.getSession(false))));
        pages.put("/out", (request, response) -> request.getSession().invalidate());
        pages.put("/change-id", (request, response) -> request.changeSessionId());
        pages.put("/rotate", (request, response) -> Sessions.current(request).rotate());
        pages.put("/sign-in", (request, response) -> Sessions.current(request).login("ann"));
        return pages;
    }

    private static String text(HttpSession session) {
        return session == null
                ? "no session"
                : session.getAttribute("name") + " and " + session.getAttribute("by task");
    }

    /** A client with a session and an accessor of it, whose request is over. */
    private WebClient visited() throws Exception {
        return visited(client(pages()));
    }

    private WebClient visited(WebClient client) throws Exception {
        ok(client, "/in", "/accessor");
        return client;
    }

    private static void ok(WebClient client, String... paths) throws Exception {
        for (String path : paths) {
            assertThat(client.get(path).status()).as(path).isEqualTo(200);
        }
    }

    private void access(Consumer<HttpSession> consumer) {
        accessors.get(accessors.size() - 1).access(consumer);
    }

    private static void change(HttpSession session) {
        session.setAttribute("by task", "done");
    }

    private void isGone() {
        assertThatThrownBy(() -> access(session -> log.add("reached")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended, or has another id");
        assertThat(log).isEmpty();
    }

    // Reading and changing

    @Test
    void anAccessReadsAndChangesTheSessionAfterItsRequest() throws Exception {
        WebClient client = visited();
        access(session -> {
            log.add(text(session));
            assertThat(session.getId()).isEqualTo(kept.get(0).getId());
            assertThat(session.isNew()).isFalse();
            assertThat(session.getServletContext()).isSameAs(kept.get(0).getServletContext());
            change(session);
        });

        assertThat(log).containsExactly("Ann and null");
        assertThat(client.get("/read").body()).isEqualTo("Ann and done");
    }

    @Test
    void aReadIsOneCommandAndAChangeIsTwo() throws Exception {
        WebClient client = client(pages());
        ok(client, "/in");
        store.reset();
        ok(client, "/accessor");
        assertThat(store.counts()).hasToString("load 1");

        assertThat(store.during(() -> access(session -> text(session)))).hasToString("load 1");
        assertThat(store.during(() -> access(AccessorContract::change))).hasToString("load 1, replace 1");
        assertThat(store.during(() -> access(session -> {}))).hasToString("load 1");
    }

    @Test
    void anAccessorOfANewSessionStoresIt() throws Exception {
        WebClient client = client(pages());
        store.reset();
        ok(client, "/accessor");
        assertThat(store.counts()).hasToString("create 1");
        access(AccessorContract::change);

        assertThat(client.get("/read").body()).isEqualTo("null and done");
    }

    @Test
    void anAccessWithinTheRequestIsMergedWithIt() throws Exception {
        Map<String, Page> pages = pages();
        pages.put("/both", (request, response) -> {
            HttpSession session = request.getSession();
            HttpSession.Accessor accessor = session.getAccessor();
            session.setAttribute("name", "Bea");
            accessor.access(AccessorContract::change);
        });
        WebClient client = client(pages);
        ok(client, "/both");

        assertThat(client.get("/read").body()).isEqualTo("Bea and done");
    }

    @Test
    void aRequestAndAnAccessAtTheSameTimeLoseNothing() throws Exception {
        CountDownLatch loaded = new CountDownLatch(1);
        CountDownLatch accessed = new CountDownLatch(1);
        Map<String, Page> pages = pages();
        pages.put("/slow", (request, response) -> {
            request.getSession().setAttribute("name", "Bea");
            loaded.countDown();
            assertThat(accessed.await(30, TimeUnit.SECONDS)).isTrue();
        });
        WebClient client = visited(client(pages));
        ExecutorService browser = Executors.newSingleThreadExecutor();
        try {
            Future<Integer> slow = browser.submit(() -> client.get("/slow").status());
            assertThat(loaded.await(30, TimeUnit.SECONDS)).isTrue();
            access(AccessorContract::change);
            accessed.countDown();
            assertThat(slow.get(30, TimeUnit.SECONDS)).isEqualTo(200);
        } finally {
            browser.shutdownNow();
        }

        assertThat(client.get("/read").body()).isEqualTo("Bea and done");
    }

    @Test
    void manyAccessesAtTheSameTimeLoseNothing() throws Exception {
        visited();
        ExecutorService tasks = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String name = "n" + i;
                all.add(tasks.submit(() -> access(session -> session.setAttribute(name, name))));
            }
            for (Future<?> each : all) {
                each.get(30, TimeUnit.SECONDS);
            }
        } finally {
            tasks.shutdownNow();
        }

        access(session -> {
            for (int i = 0; i < 12; i++) {
                assertThat(session.getAttribute("n" + i)).isEqualTo("n" + i);
            }
        });
    }

    @Test
    void whatIsDoneToAStoredObjectIsStored() throws Exception {
        visited();
        access(session -> session.setAttribute("list", new ArrayList<>(List.of("first"))));
        access(session -> {
            @SuppressWarnings("unchecked")
            List<String> list = (List<String>) session.getAttribute("list");
            list.add("second");
        });

        access(session -> assertThat(session.getAttribute("list")).isEqualTo(List.of("first", "second")));
    }

    @Test
    void anAccessorOfAnAccessWorks() throws Exception {
        WebClient client = visited();
        access(session -> accessors.add(session.getAccessor()));
        access(AccessorContract::change);

        assertThat(client.get("/read").body()).isEqualTo("Ann and done");
    }

    @Test
    void aLongerIntervalDoesNotTakeTheBrowsersSessionAway() throws Exception {
        WebClient client = visited();
        access(session -> session.setMaxInactiveInterval(7 * 3_600));

        assertThat(client.get("/read").body()).isEqualTo("Ann and null");
        assertThat(client.get("/read").body()).isEqualTo("Ann and null");
    }

    @Test
    void aSessionIsOfNoUseOnceItsAccessIsOver() throws Exception {
        visited();
        access(session -> kept.add(0, session));

        assertThatThrownBy(() -> kept.get(0).getAttribute("name")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> kept.get(0).getAccessor()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatATaskDidBeforeItFailedIsStored() throws Exception {
        WebClient client = visited();

        assertThatThrownBy(() -> access(session -> {
                    change(session);
                    throw new UnsupportedOperationException("as the test wants it");
                }))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(client.get("/read").body()).isEqualTo("Ann and done");
    }

    @Test
    void anAccessIsAnAccessToTheNextRequest() throws Exception {
        Map<String, Page> pages = pages();
        pages.put(
                "/last",
                (request, response) ->
                        response.getWriter().write("" + request.getSession().getLastAccessedTime()));
        WebClient client = visited(client(pages));
        long before = System.currentTimeMillis();
        access(session -> assertThat(session.getLastAccessedTime()).isLessThanOrEqualTo(before));
        long after = System.currentTimeMillis();

        assertThat(Long.parseLong(client.get("/last").body())).isBetween(before, after);
    }

    @Test
    void listenersAndBoundValuesAreTold() throws Exception {
        Application application = application(pages()).listener(new HttpSessionAttributeListener() {
            @Override
            public void attributeAdded(HttpSessionBindingEvent event) {
                log.add(event.getName() + " added");
            }
        });
        visited(client(application));
        log.clear();
        access(session -> session.setAttribute("guest", new Guest("guest", log)));
        access(session -> log.add("is " + session.getAttribute("guest")));

        assertThat(log).containsExactly("guest bound to guest, there null", "guest added", "is guest");
    }

    // Ends and new ids

    @Test
    void afterALogOutAnAccessIsRefused() throws Exception {
        WebClient client = visited();
        ok(client, "/out");

        isGone();
    }

    @Test
    void anAccessCanEndTheSession() throws Exception {
        WebClient client = visited();
        access(HttpSession::invalidate);

        isGone();
        assertThat(client.get("/read").body()).isEqualTo("no session");
    }

    @Test
    void anInvalidatedSessionHasNoAccessor() throws Exception {
        WebClient client = client(Map.of("/in", (request, response) -> {
            HttpSession session = request.getSession();
            session.invalidate();
            assertThatThrownBy(session::getAccessor).isInstanceOf(IllegalStateException.class);
        }));

        ok(client, "/in");
    }

    @Test
    void aSessionWhoseRequestIsOverHasNoAccessor() throws Exception {
        visited();

        assertThatThrownBy(() -> kept.get(0).getAccessor()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void afterANewIdAnAccessIsRefused() throws Exception {
        for (String path : List.of("/change-id", "/rotate", "/sign-in")) {
            accessors.clear();
            WebClient client = visited();
            ok(client, path);

            isGone();

            ok(client, "/accessor");
            access(AccessorContract::change);
            assertThat(client.get("/read").body()).as(path).isEqualTo("Ann and done");
        }
    }

    @Test
    void anAccessorThatIsObtainedAfterTheNewIdIsThatOfTheNewId() throws Exception {
        Map<String, Page> pages = pages();
        pages.put("/both", (request, response) -> {
            request.changeSessionId();
            accessors.add(request.getSession().getAccessor());
        });
        WebClient client = client(pages);
        ok(client, "/in", "/both");
        access(AccessorContract::change);

        assertThat(client.get("/read").body()).isEqualTo("Ann and done");
    }

    @Test
    void aRequestWithTheIdBeforeARotationGetsAnAccessorThatLeadsNowhere() throws Exception {
        WebClient client = client(pages());
        ok(client, "/in");
        WebClient slow = opened(client.copy(client.port()));
        ok(client, "/rotate");
        ok(slow, "/accessor");

        isGone();
    }

    @Test
    void aSessionThatPassesAwayWithItsRequestHasNoAccessor() throws Exception {
        WebClient client = client(Map.of(
                        "/in",
                        (request, response) -> response.getWriter()
                                .write("" + request.getSession().getAccessor())))
                .host("example.org");

        assertThat(client.get("/in").body()).isEqualTo("null");
    }

    // Outages and secrets

    @Test
    void whileTheStoreIsAwayAnAccessThrows() throws Exception {
        for (StoreFailurePolicy policy : StoreFailurePolicy.values()) {
            accessors.clear();
            SessionManager manager = opened(builder().onStoreFailure(policy).build());
            Application application = new Application().filter(new SessionFilter(manager));
            pages().forEach(application::servlet);
            WebClient client = visited(client(application));
            faults.always(Fault.FAIL);
            assertThatThrownBy(() -> access(session -> log.add("reached")))
                    .as(policy.name())
                    .isInstanceOf(SessionUnavailableException.class);
            faults.heal();
            access(session -> faults.always(Fault.FAIL));
            faults.heal();
            assertThatThrownBy(() -> access(session -> {
                        change(session);
                        faults.always(Fault.FAIL);
                    }))
                    .isInstanceOf(SessionUnavailableException.class);
            faults.heal();

            assertThat(log).isEmpty();
            assertThat(client.get("/read").body()).isEqualTo("Ann and null");
        }
    }

    @Test
    void anAccessorDoesNotShowItsTicket() throws Exception {
        WebClient client = visited();
        String ticket = client.jar().get("SID");

        assertThat(ticket).isNotEmpty();
        assertThat(accessors.get(0).toString())
                .doesNotContain(ticket)
                .contains(kept.get(0).getId());
    }

    @Test
    void theTicketIsFoundAmongOtherCookies() throws Exception {
        Map<String, Page> pages = pages();
        pages.put(
                "/cookies",
                (request, response) -> accessors.add(request.getSession(false).getAccessor()));
        WebClient client = client(pages);
        ok(client, "/in");
        String cookie = "Cookie: other=1; a; SID=x; SID=" + client.jar().get("SID") + "; =;";
        client.jar().clear();
        assertThat(client.get("/cookies", cookie).status()).isEqualTo(200);

        access(session -> log.add(text(session)));
        assertThat(log).containsExactly("Ann and null");
    }

    @Test
    void anAccessReachesASessionThatIsInMemcached() throws Exception {
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        try (MemcachedServer memcached = MemcachedServer.start()) {
            WebClient client = client(node(memcached, ring));
            WebClient other = opened(client.copy(client(node(memcached, ring)).port()));
            ok(client, "/in", "/accessor");
            other.jar().putAll(client.jar());
            assertThat(memcached.during(() -> access(session -> text(session))).total())
                    .isEqualTo(1);
            assertThat(memcached.during(() -> access(AccessorContract::change)).total())
                    .isEqualTo(2);
            assertThat(other.get("/read").body()).isEqualTo("Ann and done");
            ok(other, "/out");
            isGone();
        }
    }

    private Application node(MemcachedServer memcached, KeyRing ring) {
        SessionStore behind = opened(SessionStore.open("memcached://" + memcached.address() + "?timeout=5s"));
        SessionManager manager =
                opened(SessionManager.builder().store(behind).keyRing(ring).build());
        Application application = new Application().filter(new SessionFilter(manager));
        pages().forEach(application::servlet);
        return application;
    }
}
