package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coatcheck.Session;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.test.FaultyStore.Fault;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The part of {@link WebContract} about what is stored when, and which answers have a cookie. */
abstract class WebAnswers extends WebRaces {
    private static final WebHandler IN = page -> page.session().set(NAME, "Ann");

    @Test
    void aSessionThatIsEmptiedLivesOnUnderItsTicket() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                IN,
                "/clear",
                page -> page.session().clear(),
                "/id",
                page -> page.write("id " + page.session().id()),
                "/read",
                WebFixture::read)));
        client.get("/in");
        String id = client.get("/id").body();

        WebReply cleared = client.get("/clear");

        assertThat(cleared.cookies()).isEmpty();
        assertThat(client.get("/read").body()).isEqualTo("null null");
        assertThat(client.get("/id").body()).isEqualTo(id);
        assertThat(client.get("/in").cookies()).isEmpty();
        assertThat(store.counts().create()).isEqualTo(1);
    }

    @Test
    void whatIsDiscardedLeavesNeitherARecordNorACookie() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                IN,
                "/discard",
                page -> {
                    page.session().set(NAME, "Bea");
                    page.session().discard();
                    page.write("done");
                },
                "/read",
                WebFixture::read)));

        WebReply visitor = client.get("/discard");
        assertThat(visitor.body()).isEqualTo("done");
        assertThat(visitor.cookies()).isEmpty();
        assertThat(store.counts().total()).isZero();
        client.get("/in");
        client.get("/discard");

        assertThat(client.get("/read").body()).isEqualTo("Ann null");
        assertThat(store.counts().replace()).isZero();
    }

    @Test
    void anOwnCommitAndALaterChangeAreTwoWritesAndOneCookie() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> {
                    page.session().set(NAME, "Ann");
                    page.session().commit();
                    page.session().set(COUNT, 2);
                    page.write("done");
                },
                "/read",
                WebFixture::read)));

        assertThat(client.get("/in").cookies()).hasSize(1);
        assertThat(store.counts().create()).isEqualTo(1);
        assertThat(store.counts().replace()).isEqualTo(1);
        assertThat(client.get("/read").body()).isEqualTo("Ann 2");
    }

    @Test
    void whatAnOwnCommitCouldNotStoreIsStoredWithTheAnswer() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> {
                    page.session().set(NAME, "Ann");
                    try {
                        page.session().commit();
                    } catch (SessionUnavailableException away) {
                        page.write("later");
                    }
                },
                "/read",
                WebFixture::read)));
        faults.next(StoreVerb.CREATE, Fault.FAIL);

        WebReply reply = client.get("/in");

        assertThat(reply.body()).isEqualTo("later");
        assertThat(reply.cookies()).hasSize(1);
        assertThat(client.get("/read").body()).isEqualTo("Ann null");
    }

    @Test
    void aSessionMadeByAHandlerThatFailsIsStoredAndHasItsCookie() throws Exception {
        WebClient client = client(serve(Map.of(
                "/fail",
                page -> {
                    page.session().set(NAME, "Ann");
                    page.write("taken back");
                    throw new IllegalStateException("the test's own failure");
                },
                "/read",
                WebFixture::read)));

        WebReply reply = client.get("/fail");

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.cookies()).hasSize(1);
        assertThat(client.get("/read").body()).isEqualTo("Ann null");
    }

    @Test
    void anAnswerToHeadHasTheCookieAndNoBody() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> {
                    page.session().set(NAME, "Ann");
                    page.write("a body");
                },
                "/read",
                WebFixture::read)));

        WebReply head = client.send("HEAD", "/in");

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.cookies()).hasSize(1);
        assertThat(client.get("/read").body()).isEqualTo("Ann null");
    }

    /** A cookie is sent when there is another ticket, and not because the session was used; with a 304 neither. */
    @TestFactory
    Stream<DynamicTest> aSessionThatIsUsedGetsNoCookieHoweverTheAnswerBegins() {
        return WebBeginnings.all().entrySet().stream()
                .map(way -> dynamicTest("beginning with " + way.getKey(), () -> {
                    WebClient client = client(serve(Map.of(
                            "/in",
                            IN,
                            "/begin",
                            page -> {
                                page.session().update(COUNT, 0, n -> n + 1);
                                way.getValue().handle(page);
                            },
                            "/read",
                            WebFixture::read)));
                    client.get("/in");

                    for (int i = 1; i <= 2; i++) {
                        WebReply reply = client.get("/begin");

                        assertThat(reply.cookies()).isEmpty();
                        // Jetty's own error page says that no cache may keep it, and nothing of what we said.
                        assertThat(reply.headers("Vary").contains("Cookie")
                                        || String.join(",", reply.headers("Cache-Control"))
                                                .contains("no-store"))
                                .isTrue();
                        assertThat(client.get("/read").body()).isEqualTo("Ann " + i);
                    }
                }));
    }

    @Test
    void aLogOutClearsTheCookieAsItWasSetAndIsKeptByNoCache() throws Exception {
        WebClient client =
                client(serve(Map.of("/in", IN, "/out", page -> page.session().logout())));

        String set = client.get("/in").cookies().get(0);
        WebReply out = client.get("/out");

        assertThat(out.headers("Cache-Control")).containsExactly("no-store");
        assertThat(out.cookies()).hasSize(1);
        SetCookieLine before = Objects.requireNonNull(SetCookieLine.parse(set));
        SetCookieLine after =
                Objects.requireNonNull(SetCookieLine.parse(out.cookies().get(0)));
        assertThat(after.name()).isEqualTo(before.name());
        assertThat(after.value()).isEmpty();
        assertThat(after.maxAge()).isZero();
        Map<String, String> rest = new HashMap<>(after.attributes());
        rest.keySet().removeAll(List.of("max-age", "expires"));
        assertThat(rest).isEqualTo(before.attributes()).containsEntry("samesite", "Lax");
        for (String line : List.of(set, out.cookies().get(0))) {
            assertThat(Stream.of(line.split(";", -1))
                            .skip(1)
                            .map(each -> each.strip().split("=", -1)[0].toLowerCase(Locale.ROOT)))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aLogOutOfAVisitorCostsAndSaysNothing() throws Exception {
        WebClient client = client(serve(Map.of("/out", page -> page.session().logout())));

        for (int i = 0; i < 100; i++) {
            assertThat(client.get("/out").cookies()).isEmpty();
        }

        assertThat(store.counts().total()).isZero();
    }

    @Test
    void whatIsSetAfterALogOutIsANewSessionUnderTheOneCookieOfTheAnswer() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                IN,
                "/again",
                page -> {
                    Session session = page.session();
                    session.logout();
                    page.write("out and ");
                    session.set(COUNT, 7);
                    page.write("in");
                },
                "/read",
                WebFixture::read)));
        client.get("/in");
        WebClient before = opened(client.copy(client.port()));

        WebReply again = client.get("/again");

        assertThat(again.body()).isEqualTo("out and in");
        assertThat(again.cookies()).hasSize(1);
        assertThat(client.get("/read").body()).isEqualTo("null 7");
        assertThat(before.get("/read").body()).isEqualTo("null null");
    }

    @Test
    void whoKnowsATicketFromBeforeTheSignInNeverSeesTheSession() throws Exception {
        WebClient client = client(serve(
                Map.of("/in", IN, "/sign-in", page -> page.session().login("ann"), "/who", page -> {
                    page.write(page.session().userId() + " ");
                    read(page);
                })));
        client.get("/in");
        WebClient planter = opened(client.copy(client.port()));

        WebReply signedIn = client.get("/sign-in");

        assertThat(signedIn.cookies()).hasSize(1);
        assertThat(planter.get("/who").body()).isEqualTo("null null null");
        assertThat(client.get("/who").body()).isEqualTo("ann Ann null");
    }

    @Test
    void manyTicketsOfOneNameCostFourLookUpsAtMost() throws Exception {
        WebClient client = client(serve(Map.of("/in", IN, "/read", WebFixture::read)));
        client.get("/in");
        String ticket = Objects.requireNonNull(client.jar().remove("SID"));
        StringBuilder cookies = new StringBuilder();
        for (char other = 'A'; other <= 'Z'; other++) {
            if (other != ticket.charAt(20)) {
                cookies.append("SID=").append(ticket, 0, 20).append(other).append(ticket, 21, ticket.length());
                cookies.append("; ");
            }
        }
        store.reset();

        WebReply reply = client.get("/read", "Cookie: " + cookies + "SID=" + ticket);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("null null");
        assertThat(store.counts().total()).isLessThanOrEqualTo(4);
        assertThat(store.counts().create()).isZero();
    }
}
