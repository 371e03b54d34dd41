package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The part of {@link WebContract} about forms and the messages that they leave. */
abstract class WebForms extends WebFixture {
    private static final String VALID = "X-Valid";

    private WebClient formClient() throws Exception {
        int port = serve(Map.of(
                "/in",
                page -> page.session().set(NAME, "Ann"),
                "/sign-in",
                page -> page.session().login("ann"),
                "/form",
                page -> page.write(page.session().csrfToken()),
                "/post",
                // In a header, since an answer to HEAD has no body.
                page -> page.header(VALID, String.valueOf(page.session().isCsrfValid(page.parameter("text"))))));
        return client(port).host("localhost:" + port);
    }

    private static boolean isValid(WebClient client, String text, String... headers) throws Exception {
        WebReply reply = client.send("POST", "/post?text=" + text, headers);
        assertThat(reply.status()).isEqualTo(200);
        return Boolean.parseBoolean(reply.header(VALID));
    }

    @Test
    void aVisitorsFormIsPersonalAndCostsNoRecord() throws Exception {
        WebClient client = formClient();
        WebClient stranger = opened(client.copy(client.port()));

        WebReply form = client.get("/form");

        assertThat(form.cookies()).hasSize(1);
        assertThat(form.headers("Cache-Control")).containsExactly("no-store");
        assertThat(form.headers("Vary")).containsExactly("Cookie");
        assertThat(isValid(client, form.body())).isTrue();
        assertThat(isValid(stranger, form.body())).isFalse();
        assertThat(store.counts().total()).isZero();
    }

    @Test
    void eachFormOfASessionHasAnotherTextAndAllAreValid() throws Exception {
        WebClient client = formClient();
        client.get("/in");

        String first = client.get("/form").body();
        String second = client.get("/form").body();

        assertThat(first).isNotEqualTo(second);
        assertThat(isValid(client, first)).isTrue();
        assertThat(isValid(client, second)).isTrue();
    }

    @Test
    void whatIsNotTheTextOfThisSessionIsRefused() throws Exception {
        WebClient client = formClient();
        WebClient other = opened(client.copy(client.port()));
        client.get("/in");
        other.get("/in");
        String text = client.get("/form").body();

        for (String wrong :
                List.of("", text.substring(1), text + "A", other.get("/form").body(), "%E2%82%AC".repeat(48))) {
            assertThat(isValid(client, wrong)).as(wrong).isFalse();
        }
        assertThat(client.send("POST", "/post").header(VALID)).isEqualTo("false");
        assertThat(isValid(client, text)).isTrue();
    }

    @Test
    void onlyMethodsThatChangeNeedAText() throws Exception {
        WebClient client = formClient();
        client.get("/in");

        for (String method : List.of("GET", "HEAD", "OPTIONS")) {
            assertThat(client.send(method, "/post").header(VALID)).as(method).isEqualTo("true");
        }
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
            assertThat(client.send(method, "/post").header(VALID)).as(method).isEqualTo("false");
        }
    }

    @Test
    void aFormThatWasOpenedBeforeASignInIsRefusedAfterIt() throws Exception {
        WebClient client = formClient();
        client.get("/in");
        String before = client.get("/form").body();
        client.get("/sign-in");

        assertThat(isValid(client, before)).isFalse();
        assertThat(isValid(client, client.get("/form").body())).isTrue();
    }

    @TestFactory
    Stream<DynamicTest> aFormIsTakenFromThisSiteAlone() {
        return Stream.of(
                        List.of("true", "Origin: http://localhost:PORT"),
                        List.of("true", "Sec-Fetch-Site: same-origin"),
                        List.of("true", "Sec-Fetch-Site: none"),
                        List.of("false", "Origin: null"),
                        List.of("false", "Origin: http://localhost:1"),
                        List.of("false", "Origin: http://localhost"),
                        List.of("false", "Origin: https://localhost:PORT"),
                        List.of("false", "Origin: http://127.0.0.1:PORT"),
                        List.of("false", "Origin: https://example.org"),
                        List.of("false", "Sec-Fetch-Site: same-site"),
                        List.of("false", "Sec-Fetch-Site: cross-site"),
                        List.of("false", "Sec-Fetch-Site: same-origin", "Origin: null"),
                        List.of("false", "Origin: http://localhost:PORT", "Origin: http://localhost:PORT"))
                .map(from -> dynamicTest(String.join(", ", from), () -> {
                    WebClient client = formClient();
                    client.get("/in");
                    String text = client.get("/form").body();
                    String[] headers = from.stream()
                            .skip(1)
                            .map(line -> line.replace("PORT", String.valueOf(client.port())))
                            .toArray(String[]::new);

                    assertThat(isValid(client, text, headers)).isEqualTo(Boolean.valueOf(from.get(0)));
                }));
    }

    @Test
    void messagesSurviveARedirectAndANewIdAndArriveOnceInTheirOrder() throws Exception {
        WebClient client = client(serve(Map.of(
                "/in",
                page -> page.session().set(NAME, "Ann"),
                "/leave",
                page -> {
                    page.session().flash("first");
                    page.session().flash("error", "bad");
                    page.session().flash("second");
                    page.session().rotate();
                    page.redirect("/show");
                },
                "/read",
                WebFixture::read,
                "/show",
                page -> page.write(
                        page.session().takeFlash("error") + " " + page.session().takeFlash()))));
        client.get("/in");

        assertThat(client.get("/leave").cookies()).hasSize(1);
        for (int i = 0; i < 3; i++) {
            assertThat(client.get("/read").body()).isEqualTo("Ann null");
        }
        assertThat(client.get("/show").body()).isEqualTo("[bad] [first, second]");
        store.reset();
        assertThat(client.get("/show").body()).isEqualTo("[] []");
        assertThat(store.counts()).hasToString("load 1");
    }
}
