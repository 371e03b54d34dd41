package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionManager;
import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.WebClient;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Values that listen for their own fate: bound, unbound, activated and passivated; kept in this process if need be. */
abstract class BindingContract extends ServletFixture {
    private static final List<String> FATES = new CopyOnWriteArrayList<>();

    final List<String> log = new CopyOnWriteArrayList<>();

    BindingContract(Container container) {
        super(container);
    }

    private final Page in = (request, response) -> request.getSession().setAttribute("guest", new Guest("Ann", log));

    private static final Page WHO = (request, response) ->
            response.getWriter().write("" + request.getSession().getAttribute("guest"));

    @Test
    void aValueIsBoundBeforeItIsThereAndUnboundAfterwards() throws Exception {
        WebClient client = client(Map.of("/in", (request, response) -> {
            HttpSession session = request.getSession();
            session.setAttribute("guest", new Guest("Ann", log));
            session.setAttribute("guest", new Guest("Bea", log));
            session.removeAttribute("guest");
        }));

        assertThat(client.get("/in").status()).isEqualTo(200);
        assertThat(log)
                .containsExactly(
                        "Ann bound to guest, there null",
                        "Bea bound to guest, there Ann",
                        "Ann unbound from guest, there Bea",
                        "Bea unbound from guest, there null");
    }

    @Test
    void theSameObjectIsNotBoundTwice() throws Exception {
        WebClient client = client(Map.of("/in", (request, response) -> {
            Guest guest = new Guest("Ann", log);
            request.getSession().setAttribute("guest", guest);
            request.getSession().setAttribute("guest", guest);
        }));

        assertThat(client.get("/in").status()).isEqualTo(200);
        assertThat(log).containsExactly("Ann bound to guest, there null");
    }

    @Test
    void aListeningValueThatCannotBeStoredStaysInThisProcess() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                in,
                "/who",
                WHO,
                "/names",
                (request, response) -> response.getWriter()
                        .write("" + Collections.list(request.getSession().getAttributeNames()))));
        client.get("/in");

        assertThat(client.get("/who").body()).isEqualTo("Ann");
        assertThat(client.get("/names").body()).isEqualTo("[guest]");

        WebClient elsewhere = opened(client.copy(client(Map.of("/who", WHO)).port()));
        assertThat(elsewhere.get("/who").body()).isEqualTo("null");
    }

    @Test
    void itGoesAlongToANewIdAndIsGoneWithTheSession() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                in,
                "/who",
                WHO,
                "/change",
                (request, response) -> request.changeSessionId(),
                "/sign-in",
                (request, response) -> {
                    request.getSession();
                    Sessions.current(request).login("ann");
                },
                "/out",
                (request, response) -> request.getSession().invalidate()));
        client.get("/in");
        client.get("/change");
        assertThat(client.get("/who").body()).isEqualTo("Ann");
        client.get("/sign-in");
        assertThat(client.get("/who").body()).isEqualTo("Ann");
        log.clear();
        client.get("/out");

        assertThat(log).containsExactly("Ann unbound from guest, there null");
        assertThat(client.get("/who").body()).isEqualTo("null");
    }

    @Test
    void aSignInByTheTypedApiAloneLeavesItBehind() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                in,
                "/who",
                WHO,
                "/sign-in",
                (request, response) -> Sessions.current(request).login("ann")));
        client.get("/in");
        assertThat(client.get("/who").body()).isEqualTo("Ann");
        client.get("/sign-in");

        assertThat(client.get("/who").body()).isEqualTo("null");
    }

    @Test
    void anotherUserDoesNotGetIt() throws Exception {
        WebClient client = client(Map.of("/in", in, "/who", WHO, "/ann", signIn("ann"), "/bea", signIn("bea")));
        client.get("/ann");
        client.get("/in");
        client.get("/bea");

        assertThat(client.get("/who").body()).isEqualTo("null");
        assertThat(log).contains("Ann unbound from guest, there null");
    }

    private static Page signIn(String user) {
        return (request, response) -> {
            request.getSession();
            Sessions.current(request).login(user);
        };
    }

    @Test
    void whatIsStoredUnderItsNameTakesItsPlace() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                in,
                "/who",
                WHO,
                "/set",
                (request, response) -> request.getSession().setAttribute("guest", "Bea")));
        client.get("/in");
        client.get("/set");

        assertThat(client.get("/who").body()).isEqualTo("Bea");
        client.get("/in");
        assertThat(client.get("/who").body()).isEqualTo("Ann");
        assertThat(log)
                .containsExactly(
                        "Ann bound to guest, there null",
                        "Ann unbound from guest, there Bea",
                        "Ann bound to guest, there Bea");
    }

    @Test
    void tooManyOfThemAreRefusedByNameAndClass() throws Exception {
        WebClient client = client(Map.of("/in", (request, response) -> {
            HttpSession session = request.getSession();
            for (int i = 0; i < 64; i++) {
                session.setAttribute("guest" + i, new Guest("Ann", log));
            }
            log.clear();
            assertThatThrownBy(() -> session.setAttribute("more", new Guest("Bea", log)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("'more'", Guest.class.getName());
            assertThat(session.getAttribute("more")).isNull();
            session.setAttribute("guest7", new Guest("Cat", log));
        }));

        assertThat(client.get("/in").status()).isEqualTo(200);
        assertThat(log).startsWith("Bea bound to more, there null", "Bea unbound from more, there null");
    }

    @Test
    void aSessionThatPassesAwayTakesItAlong() throws Exception {
        WebClient client = client(Map.of("/in", in, "/who", WHO)).host("example.org");

        assertThat(client.get("/in").status()).isEqualTo(200);
        assertThat(client.get("/who").body()).isEqualTo("null");
    }

    /** A value that a record can hold. */
    record Ticketed(String name, boolean fails) implements HttpSessionBindingListener {
        @Override
        public void valueBound(HttpSessionBindingEvent event) {
            FATES.add(name + " bound");
        }

        @Override
        public void valueUnbound(HttpSessionBindingEvent event) {
            FATES.add(name + " unbound, there " + event.getSession().getAttribute(event.getName()));
            if (fails) {
                throw new AssertionError("the test's own failure");
            }
        }
    }

    @Test
    void storedValuesAreUnboundWithTheirSessionThoughOneOfThemFails() throws Exception {
        FATES.clear();
        SessionManager manager =
                opened(builder().type("ticketed", Ticketed.class).build());
        WebClient client = client(new Application()
                .filter(new SessionFilter(manager))
                .servlet("/in", (request, response) -> {
                    request.getSession().setAttribute("a", new Ticketed("Ann", true));
                    request.getSession().setAttribute("b", new Ticketed("Bea", false));
                })
                .servlet(
                        "/who",
                        (request, response) ->
                                response.getWriter().write("session " + (request.getSession(false) != null)))
                .servlet("/out", (request, response) -> request.getSession().invalidate()));
        client.get("/in");
        WebClient before = opened(client.copy(client.port()));

        assertThat(client.get("/out").status()).isEqualTo(200);
        assertThat(FATES)
                .containsExactly("Ann bound", "Bea bound", "Ann unbound, there null", "Bea unbound, there null");
        assertThat(client.jar()).isEmpty();
        assertThat(before.get("/who").body()).isEqualTo("session false");
    }

    /** Another value that a record can hold. */
    record Traveller(String name) implements HttpSessionActivationListener {
        @Override
        public void sessionWillPassivate(HttpSessionEvent event) {
            FATES.add(name + " passivated in " + event.getSession().getAttribute("where"));
        }

        @Override
        public void sessionDidActivate(HttpSessionEvent event) {
            FATES.add(name + " activated");
        }
    }

    @Test
    void aStoredValueIsActivatedWhenItIsReadAndPassivatedAheadOfTheResponse() throws Exception {
        FATES.clear();
        SessionManager manager =
                opened(builder().type("traveller", Traveller.class).build());
        WebClient client = client(new Application()
                .filter(new SessionFilter(manager))
                .servlet("/in", (request, response) -> {
                    request.getSession().setAttribute("where", "Rome");
                    request.getSession().setAttribute("guest", new Traveller("Ann"));
                })
                .servlet("/who", (request, response) -> {
                    request.getSession().getAttribute("guest");
                    FATES.add("read");
                }));
        client.get("/in");
        assertThat(FATES).isEmpty();
        client.get("/who");

        assertThat(FATES).containsExactly("Ann activated", "read", "Ann passivated in Rome");
    }
}
