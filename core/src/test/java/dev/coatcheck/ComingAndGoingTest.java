package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tickets as they come in, and headers as they go out. */
class ComingAndGoingTest {
    private final StepWorld world = new StepWorld();

    // Tickets

    private RequestTickets read(List<String> values) {
        FakeExchange exchange = new FakeExchange();
        values.forEach(value -> exchange.cookie("a=b; __Host-SID=" + value + "; c=d"));
        return RequestTickets.read(exchange, "__Host-SID", world.tokens);
    }

    private String text(SessionToken token) {
        return world.tokens.write(token);
    }

    @Test
    void theSameTicketTwiceIsOneAndForgedOnesAreCounted() {
        SessionToken token = world.token();
        RequestTickets tickets = read(List.of(text(token), "forged", text(token), ""));
        assertThat(tickets.sessions()).containsExactly(token);
        assertThat(tickets.rejected()).isEqualTo(2);
        assertThat(tickets.blank()).isNull();
    }

    @Test
    void theFirstBlankTicketIsKeptAndIsNoSession() {
        SessionToken blank = world.tokens.drawBlank();
        RequestTickets tickets = read(List.of(text(blank), text(world.tokens.drawBlank())));
        assertThat(tickets.blank()).isEqualTo(blank);
        assertThat(tickets.sessions()).isEmpty();
        assertThat(tickets.rejected()).isZero();
    }

    @Test
    void fourSessionsAreLookedUpAndOfFiveNone() {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            values.add(text(world.token()));
        }
        assertThat(read(values).sessions()).hasSize(4);
        assertThat(read(values).rejected()).isZero();
        values.add(text(world.token()));
        assertThat(read(values).sessions()).isEmpty();
        assertThat(read(values).rejected()).isEqualTo(5);
    }

    @Test
    void eightValuesAreCheckedAndTheRestIsRejectedUnread() {
        List<String> values = new ArrayList<>(Collections.nCopies(8, "forged"));
        SessionToken ninth = world.token();
        values.add(text(ninth));
        assertThat(read(values).sessions()).isEmpty();
        assertThat(read(values).rejected()).isEqualTo(9);
        values.set(7, text(ninth));
        assertThat(read(values).sessions()).containsExactly(ninth);
    }

    // Headers

    private final FakeExchange exchange = new FakeExchange();
    private final Departure departure =
            new Departure(new SessionCookie("SID", null, "/"), world.tokens, world.derivation);

    private void write() {
        departure.write(exchange, ConnectionScope.HTTPS);
    }

    @Test
    void withoutAnythingToSayThereIsVaryOnceAndNoCookie() {
        write();
        write();
        assertThat(exchange.responseHeaders("Vary")).containsExactly("Cookie");
        assertThat(exchange.responseHeaders("Set-Cookie")).isEmpty();
        assertThat(exchange.responseHeaders("Cache-Control")).isEmpty();
    }

    @Test
    void theLastWordIsTheOneCookieAndItIsWrittenOnce() {
        departure.give(world.token(), null);
        departure.takeBack();
        SessionToken token = world.token();
        departure.give(token, Duration.ofDays(1));
        write();
        write();
        assertThat(exchange.responseHeaders("Set-Cookie"))
                .singleElement()
                .asString()
                .contains(text(token), "Max-Age=86400");
        assertThat(exchange.responseHeaders("Cache-Control")).containsExactly("no-store");
        assertThat(exchange.responseHeaders("Vary")).containsExactly("Cookie");
    }

    @Test
    void aTicketThatIsTakenBackIsDeletedAndASilentResponseSaysNothing() {
        departure.give(world.token(), null);
        departure.takeBack();
        write();
        assertThat(exchange.responseHeaders("Set-Cookie"))
                .singleElement()
                .asString()
                .startsWith("__Host-SID=;")
                .contains("Max-Age=0");
        FakeExchange quiet = new FakeExchange();
        departure.takeBack();
        departure.silent();
        departure.write(quiet, ConnectionScope.HTTPS);
        assertThat(quiet.responseHeaders("Set-Cookie")).isEmpty();
    }

    @Test
    void aConnectionWithoutSessionsGetsNoCookieWhateverWasToBeSaid() {
        departure.give(world.token(), null);
        departure.clearStrays();
        departure.write(exchange, ConnectionScope.NONE);
        assertThat(exchange.responseHeaders("Set-Cookie")).isEmpty();
    }

    @Test
    void linesThatDeleteStraysAreNotForCachesEither() {
        FakeExchange local = new FakeExchange().local("localhost", 8080).path("/a/b");
        departure.clearStrays();
        departure.write(local, ConnectionScope.LOCAL_HTTP);
        assertThat(local.responseHeaders("Set-Cookie")).isNotEmpty();
        assertThat(local.responseHeaders("Cache-Control")).containsExactly("no-store");
    }

    @Test
    void whereThereAreNoStraysToDeleteCachesMayKeepTheResponse() {
        departure.clearStrays();
        write();
        assertThat(exchange.responseHeaders("Set-Cookie")).isEmpty();
        assertThat(exchange.responseHeaders("Cache-Control")).isEmpty();
    }
}
