package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The part of {@link WebContract} about requests of one session at the same time: a slow one, and one that overtakes it. */
abstract class WebRaces extends WebForms {
    private static final int CLIENTS = 8;
    private static final int EACH = 25;

    private final CountDownLatch worked = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    /** Serves a session of Ann and 1, a slow request and a fast one. */
    private WebClient clientOf(WebHandler slow, WebHandler fast) throws Exception {
        Map<String, WebHandler> pages = new HashMap<>();
        pages.put("/in", page -> {
            page.session().set(NAME, "Ann");
            page.session().set(COUNT, 1);
        });
        pages.put("/slow", page -> {
            slow.handle(page);
            worked.countDown();
            assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
            page.write("slow");
        });
        pages.put("/fast", fast);
        pages.put("/read", WebFixture::read);
        WebClient client = client(serve(pages));
        client.get("/in");
        return client;
    }

    /** Sends on a thread of its own: where there are two processors, the common pool may have one. */
    private static CompletableFuture<WebReply> sent(WebClient client, String path) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return client.get(path);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                request -> new Thread(request).start());
    }

    /** Sends the slow request, the fast one when the slow one has done its work, and gives what the slow one was answered. */
    private WebReply overtaken(WebClient client) throws Exception {
        CompletableFuture<WebReply> slow = sent(opened(client.copy(client.port())), "/slow");
        assertThat(worked.await(30, TimeUnit.SECONDS)).isTrue();
        WebReply fast = client.get("/fast");
        assertThat(fast.status()).isEqualTo(200);
        store.reset();
        go.countDown();
        WebReply reply = slow.get(30, TimeUnit.SECONDS);
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.cookies()).isEmpty();
        return reply;
    }

    @Test
    void differentChangesOfTwoRequestsAreBothKept() throws Exception {
        WebClient client = clientOf(
                page -> page.session().set(NAME, "Sue"), page -> page.session().set(COUNT, 2));

        overtaken(client);

        assertThat(client.get("/read").body()).isEqualTo("Sue 2");
    }

    @Test
    void ofOneValueTheLaterAnswerWinsAndTheOtherValuesStay() throws Exception {
        WebClient client = clientOf(page -> page.session().set(NAME, "Sue"), page -> {
            page.session().set(NAME, "Bea");
            page.session().set(COUNT, 2);
        });

        overtaken(client);

        assertThat(client.get("/read").body()).isEqualTo("Sue 2");
    }

    @Test
    void whatASlowRequestSetsIsThereAfterAClear() throws Exception {
        WebClient client = clientOf(
                page -> page.session().set(COUNT, 2), page -> page.session().clear());

        overtaken(client);

        assertThat(client.get("/read").body()).isEqualTo("null 2");
    }

    @Test
    void aLongAnswerThatReadAtItsStartUndoesNothingAndWritesNothing() throws Exception {
        WebClient client = clientOf(
                page -> {
                    page.write(page.session().get(NAME) + " ");
                    page.flush();
                },
                page -> page.session().set(NAME, "Bea"));

        WebReply slow = overtaken(client);

        assertThat(slow.body()).isEqualTo("Ann slow");
        assertThat(store.counts().total()).isZero();
        assertThat(client.get("/read").body()).isEqualTo("Bea 1");
    }

    @Test
    void aSlowRequestDoesNotBringALoggedOutSessionBack() throws Exception {
        WebClient client = clientOf(
                page -> page.session().set(NAME, "Sue"), page -> page.session().logout());
        WebClient before = opened(client.copy(client.port()));

        overtaken(client);

        assertThat(client.jar()).isEmpty();
        assertThat(before.get("/read").body()).isEqualTo("null null");
        assertThat(store.counts().create()).isZero();
    }

    @Test
    void aSlowRequestsChangeIsInTheSessionUnderItsNewIdAfterARotation() throws Exception {
        WebClient client = clientOf(
                page -> page.session().set(NAME, "Sue"), page -> page.session().rotate());

        overtaken(client);

        assertThat(client.get("/read").body()).isEqualTo("Sue 1");
    }

    @Test
    void aSlowRequestOfAnIdThatWasChangedReachesNeitherTheNewSessionNorTheOld() throws Exception {
        WebClient client = clientOf(
                page -> page.session().set(NAME, "Sue"), page -> page.session().changeId());
        WebClient before = opened(client.copy(client.port()));

        overtaken(client);

        assertThat(client.get("/read").body()).isEqualTo("Ann 1");
        assertThat(before.get("/read").body()).isEqualTo("null null");
    }

    @Test
    void countsOfManyRequestsToTwoServersAreAllKept() throws Exception {
        Map<String, WebHandler> pages = Map.of(
                "/in",
                page -> page.session().set(NAME, "Ann"),
                "/count",
                page -> page.session().update(COUNT, 0, n -> n + 1),
                "/read",
                WebFixture::read);
        WebClient client = client(serve(pages));
        int second = serve(pages);
        client.get("/in");
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            WebClient own = opened(client.copy(i % 2 == 0 ? client.port() : second));
            CompletableFuture<Void> done = new CompletableFuture<>();
            all.add(done);
            new Thread(() -> {
                        try {
                            for (int n = 0; n < EACH; n++) {
                                assertThat(own.get("/count").status()).isEqualTo(200);
                            }
                            done.complete(null);
                        } catch (Throwable failure) {
                            done.completeExceptionally(failure);
                        }
                    })
                    .start();
        }
        for (CompletableFuture<Void> each : all) {
            each.get(60, TimeUnit.SECONDS);
        }

        assertThat(client.get("/read").body()).isEqualTo("Ann " + CLIENTS * EACH);
    }

    @Test
    void twoRequestsOfOneVisitorAtOnceMakeTwoSessions() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        WebClient first = client(serve(Map.of(
                "/in",
                page -> {
                    Session session = page.session();
                    session.set(NAME, page.parameter("name"));
                    both.countDown();
                    assertThat(both.await(30, TimeUnit.SECONDS)).isTrue();
                },
                "/read",
                WebFixture::read)));
        WebClient second = opened(first.copy(first.port()));

        CompletableFuture<WebReply> one = sent(first, "/in?name=Ann");
        CompletableFuture<WebReply> two = sent(second, "/in?name=Bea");

        assertThat(one.get(30, TimeUnit.SECONDS).cookies()).hasSize(1);
        assertThat(two.get(30, TimeUnit.SECONDS).cookies()).hasSize(1);
        assertThat(first.get("/read").body()).isEqualTo("Ann null");
        assertThat(second.get("/read").body()).isEqualTo("Bea null");
    }
}
