package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.FaultyStore.Fault;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import jakarta.servlet.http.HttpSession;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Requests that get no session, or of which nobody can tell. */
abstract class NoSessionContract extends ServletFixture {
    private static final SessionKey<String> GUARDED =
            SessionKey.of("guarded", String.class).guarded();

    NoSessionContract(Container container) {
        super(container);
    }

    @Test
    void aRequestThatGetsNoSessionIsServedWithOneThatPassesAway() throws Exception {
        WebClient client = client(Map.of("/in", (request, response) -> {
                    HttpSession session = request.getSession();
                    assertThat(session).isSameAs(request.getSession(false));
                    assertThat(session.isNew()).isTrue();
                    assertThat(session.getId()).isNotEmpty();
                    session.setAttribute("name", "Ann");
                    response.getWriter().write("name " + session.getAttribute("name"));
                    session.invalidate();
                    assertThat(request.getSession(false)).isNull();
                    assertThatThrownBy(() -> session.getAttribute("name")).isInstanceOf(IllegalStateException.class);
                    assertThatThrownBy(session::invalidate).isInstanceOf(IllegalStateException.class);
                    assertThat(request.getSession().getId()).isNotEqualTo(session.getId());
                    assertThat(request.getSession().getAttribute("name")).isNull();
                }))
                .host("example.org");

        WebReply reply = client.get("/in");

        assertThat(reply.body()).isEqualTo("name Ann");
        assertThat(reply.cookies()).isEmpty();
        assertThat(store.counts().total()).isZero();
    }

    @Test
    void anIdThatWasReplacedBySigningInIsServedWithoutASession() throws Exception {
        WebClient client = client(Map.of(
                "/in",
                set("Ann"),
                "/sign-in",
                (request, response) -> Sessions.current(request).login("ann"),
                "/use",
                (request, response) -> {
                    request.getSession().setAttribute("name", "Bea");
                    response.getWriter().write("served");
                },
                "/read",
                READ));
        client.get("/in");
        WebClient slow = opened(client.copy(client.port()));
        client.get("/sign-in");

        WebReply reply = slow.get("/use");

        assertThat(reply.body()).isEqualTo("served");
        assertThat(reply.cookies()).isEmpty();
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void getSessionThrowsWhileTheStoreIsAway() throws Exception {
        WebClient client = client(Map.of("/in", set("Ann"), "/use", (request, response) -> {
            request.getSession(false);
            response.getWriter().write("not seen");
        }));
        client.get("/in");
        faults.always(Fault.FAIL);

        WebReply away = client.get("/use");
        WebReply visitor = opened(new WebClient(client.port())).get("/use");

        assertThat(away.status()).isEqualTo(503);
        assertThat(away.cookies()).isEmpty();
        assertThat(visitor.status()).isEqualTo(200);
    }

    @Test
    void whatIsInvalidatedWhileTheStoreIsAwayLosesItsCookieAndIsRefusedAfterwards() throws Exception {
        WebClient client = client(Map.of("/in", set("Ann"), "/read", READ, "/out", (request, response) -> {
            HttpSession session = request.getSession(false);
            faults.always(Fault.FAIL);
            session.invalidate();
            assertThat(request.getSession(false)).isNull();
        }));
        client.get("/in");
        WebClient before = opened(client.copy(client.port()));

        WebReply out = client.get("/out");
        faults.heal();

        assertThat(out.status()).isEqualTo(200);
        assertThat(out.cookies()).hasSize(1);
        assertThat(client.jar()).isEmpty();
        assertThat(before.get("/read").body()).isEqualTo("name null");
    }

    @Test
    void aDegradedStoreGivesNoSessionRatherThanAnEmptyOne() throws Exception {
        SessionManager manager = opened(builder()
                .onStoreFailure(SessionManager.StoreFailurePolicy.DEGRADE)
                .keys(GUARDED)
                .build());
        Application application = new Application()
                .filter(new SessionFilter(manager))
                .servlet("/in", set("Ann"))
                .servlet(
                        "/may",
                        (request, response) ->
                                response.getWriter().write("session " + (request.getSession(false) != null)))
                .servlet("/must", (request, response) -> request.getSession());
        WebClient client = client(application);
        client.get("/in");
        faults.always(Fault.FAIL);

        assertThat(client.get("/may").body()).isEqualTo("session false");
        assertThat(client.get("/must").status()).isEqualTo(503);
    }
}
