package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.WebClient;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Listeners that the application declares: which are called when, in which order, and what they see. */
abstract class ListenerContract extends ServletFixture {
    final List<String> log = new CopyOnWriteArrayList<>();

    ListenerContract(Container container) {
        super(container);
    }

    private static final Page OUT = (request, response) -> request.getSession().invalidate();

    private WebClient client(Application application, String... paths) throws Exception {
        WebClient client = client(application);
        for (String path : paths) {
            assertThat(client.get(path).status()).as(path).isEqualTo(200);
        }
        return client;
    }

    private static Page setByName(String value) {
        return (request, response) -> request.getSession().setAttribute("name", value);
    }

    @Test
    void creationIsToldInOrderAndTheEndInReverseWithTheSessionStillReadable() throws Exception {
        Application application = application(Map.of("/in", setByName("Ann"), "/out", OUT))
                .listener(new Recorder("first", log))
                .listener(new Recorder("second", log));

        client(application, "/in", "/in", "/out");

        assertThat(log)
                .containsExactly(
                        "first created, new true",
                        "second created, new true",
                        "first added name Ann, now Ann",
                        "second added name Ann, now Ann",
                        "first replaced name Ann, now Ann",
                        "second replaced name Ann, now Ann",
                        "second destroyed, name Ann",
                        "first destroyed, name Ann",
                        "first removed name Ann, now null",
                        "second removed name Ann, now null");
    }

    @Test
    void aListenerHearsTheOldValueOfWhatIsReplacedOrRemoved() throws Exception {
        Application application = application(Map.of("/in", (request, response) -> {
                    HttpSession session = request.getSession();
                    session.setAttribute("name", "Ann");
                    session.setAttribute("name", "Bea");
                    session.setAttribute("name", null);
                    session.removeAttribute("name");
                    session.setAttribute("name", null);
                }))
                .listener(new Recorder("it", log));

        client(application, "/in");

        assertThat(log)
                .containsExactly(
                        "it created, new true",
                        "it added name Ann, now Ann",
                        "it replaced name Ann, now Bea",
                        "it removed name Bea, now null");
    }

    @Test
    void aSessionThatTheOtherApiMadeIsToldOnceItIsShown() throws Exception {
        Application application = application(Map.of("/in", (request, response) -> {
                    Sessions.current(request).set(NAME, "Ann");
                    request.getSession(false);
                    request.getSession();
                }))
                .listener(new Recorder("it", log));

        client(application, "/in", "/in");

        assertThat(log).containsExactly("it created, new true");
    }

    @Test
    void aListenerThatFailsStopsNeitherTheOthersNorTheLogOut() throws Exception {
        Application application = application(Map.of("/in", setByName("Ann"), "/out", OUT, "/read", READ))
                .listener(new Recorder("first", log))
                .listener(new HttpSessionListener() {
                    @Override
                    public void sessionDestroyed(HttpSessionEvent event) {
                        throw new IllegalStateException("the test's own failure");
                    }
                });

        WebClient client = client(application, "/in");
        WebClient thief = opened(client.copy(client.port()));
        log.clear();

        assertThat(client.get("/out").status()).isEqualTo(200);
        assertThat(log).containsExactly("first destroyed, name Ann", "first removed name Ann, now null");
        assertThat(client.jar()).isEmpty();
        assertThat(thief.get("/read").body()).isEqualTo("name null");
    }

    @Test
    void anErrorOfAListenerDoesNotStopTheLogOut() throws Exception {
        Application application = application(Map.of("/in", setByName("Ann"), "/out", OUT, "/read", READ))
                .listener(new Recorder("first", log))
                .listener(new HttpSessionListener() {
                    @Override
                    public void sessionDestroyed(HttpSessionEvent event) {
                        throw new AssertionError("the test's own failure");
                    }
                });

        WebClient client = client(application, "/in");
        WebClient thief = opened(client.copy(client.port()));
        log.clear();

        assertThat(client.get("/out").status()).isEqualTo(200);
        // Undertow, which calls its listeners itself, tells no further one of the end.
        assertThat(log).endsWith("first removed name Ann, now null");
        assertThat(client.jar()).isEmpty();
        assertThat(thief.get("/read").body()).isEqualTo("name null");
    }

    @Test
    void onceTheEndHasBegunNoOtherRequestSeesTheSession() throws Exception {
        CountDownLatch ending = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        Application application = application(Map.of("/in", setByName("Ann"), "/out", OUT, "/read", READ))
                .listener(new Recorder("it", log))
                .listener(new HttpSessionListener() {
                    @Override
                    public void sessionDestroyed(HttpSessionEvent event) {
                        ending.countDown();
                        try {
                            log.add("waited " + seen.await(30, TimeUnit.SECONDS));
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                });
        WebClient client = client(application, "/in");
        WebClient other = opened(client.copy(client.port()));
        log.clear();

        CompletableFuture<Integer> out = CompletableFuture.supplyAsync(() -> {
            try {
                return client.get("/out").status();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(ending.await(30, TimeUnit.SECONDS)).isTrue();
        String body = other.get("/read").body();
        seen.countDown();

        assertThat(body).isEqualTo("name null");
        assertThat(out.get(30, TimeUnit.SECONDS)).isEqualTo(200);
        assertThat(log).containsExactly("waited true", "it destroyed, name Ann", "it removed name Ann, now null");
    }

    @Test
    void aListenerSeesTheEndingSessionAsItWas() throws Exception {
        List<Long> times = new CopyOnWriteArrayList<>();
        Application application = application(Map.of(
                        "/in",
                        (request, response) -> {
                            HttpSession session = request.getSession();
                            session.setAttribute("name", "Ann");
                            session.setAttribute("number", 7);
                            session.setMaxInactiveInterval(90);
                            times.add(session.getCreationTime());
                        },
                        "/out",
                        (request, response) -> {
                            log.add(request.getSession().getId());
                            request.getSession().invalidate();
                        }))
                .listener(new HttpSessionListener() {
                    @Override
                    public void sessionDestroyed(HttpSessionEvent event) {
                        HttpSession session = event.getSession();
                        log.add(session.getId());
                        log.add(session.getAttribute("name") + " " + session.getAttribute("number") + " "
                                + session.getAttribute("none"));
                        log.add("" + Collections.list(session.getAttributeNames()));
                        log.add(session.getMaxInactiveInterval() + " " + session.isNew());
                        times.add(session.getCreationTime());
                        assertThat(session.getLastAccessedTime()).isGreaterThanOrEqualTo(times.get(0));
                        session.setAttribute("name", "Bea");
                        session.removeAttribute("number");
                        session.setMaxInactiveInterval(9);
                        log.add(session.getAttribute("name") + " " + session.getAttribute("number"));
                    }
                });

        client(application, "/in", "/out");

        assertThat(log).hasSize(6);
        assertThat(log.get(1)).isEqualTo(log.get(0));
        assertThat(log.subList(2, 6)).containsExactly("Ann 7 null", "[name, number]", "90 false", "Bea null");
        assertThat(times.get(1)).isEqualTo(times.get(0));
        assertThat(store.counts().create()).isEqualTo(1);
    }

    @Test
    void aListenerMayInvalidateTheSessionThatIsEnding() throws Exception {
        Application application = application(Map.of("/in", setByName("Ann"), "/out", OUT))
                .listener(new Recorder("it", log))
                .listener(new HttpSessionListener() {
                    @Override
                    public void sessionDestroyed(HttpSessionEvent event) {
                        event.getSession().invalidate();
                    }
                });

        client(application, "/in", "/out");

        assertThat(log).filteredOn(line -> line.contains("destroyed")).hasSize(1);
    }

    @Test
    void aNewIdIsThereWhenItsListenersAreCalled() throws Exception {
        List<String> ids = new CopyOnWriteArrayList<>();
        Page change = (request, response) -> {
            ids.add(request.getSession().getId());
            ids.add(request.changeSessionId());
            assertThat(request.getSession().getId()).isEqualTo(ids.get(ids.size() - 1));
        };
        Application application = application(Map.of("/change", change)).listener(new Recorder("it", log));

        client(application, "/change", "/change");

        assertThat(ids).hasSize(4);
        assertThat(List.of(ids.get(0), ids.get(1), ids.get(3))).doesNotHaveDuplicates();
        assertThat(ids.get(2)).isEqualTo(ids.get(1));
        assertThat(log)
                .containsExactly(
                        "it created, new true",
                        "it id " + ids.get(0) + " to " + ids.get(1),
                        "it id " + ids.get(2) + " to " + ids.get(3));
    }

    @Test
    void aSignInByTheOtherApiIsANewIdToo() throws Exception {
        Application application = application(Map.of("/in", (request, response) -> {
                    request.getSession().setAttribute("name", "Ann");
                    Sessions.current(request).commit();
                    Sessions.current(request).login("ann");
                }))
                .listener(new Recorder("it", log));

        client(application, "/in");

        assertThat(log).hasSize(3).last().asString().startsWith("it id ");
    }

    @Test
    void listenersThatAreGivenToTheFilterAreCalledToo() throws Exception {
        Application application =
                application(Map.of("/in", setByName("Ann"), "/out", OUT)).listener(new Recorder("declared", log));
        application.attributes.put(SessionFilter.LISTENERS, List.of(new Recorder("given", log)));

        client(application, "/in", "/out");

        assertThat(log)
                .filteredOn(line -> line.contains("created") || line.contains("destroyed"))
                .containsExactly(
                        "declared created, new true",
                        "given created, new true",
                        "given destroyed, name Ann",
                        "declared destroyed, name Ann");
    }

    @Test
    void anApplicationWithoutTheContainersOwnSessionsHasListenersToo() throws Exception {
        Application application = application(Map.of("/in", setByName("Ann"))).listener(new Recorder("it", log));
        application.containerSessions = false;

        client(application, "/in");

        assertThat(log).containsExactly("it created, new true", "it added name Ann, now Ann");
    }

    @Test
    void listenersCostNoStoreCommand() throws Exception {
        Application application = application(Map.of(
                        "/in",
                        setByName("Ann"),
                        "/change",
                        setByName("Bea"),
                        "/read",
                        (request, response) -> request.getSession().getAttribute("name")))
                .listener(new Recorder("it", log));

        WebClient client = client(application, "/in");
        assertThat(store.counts()).hasToString("create 1");
        store.reset();
        client.get("/change");
        assertThat(store.counts().total()).isEqualTo(2);
        store.reset();
        client.get("/read");
        assertThat(store.counts()).hasToString("load 1");
    }
}
