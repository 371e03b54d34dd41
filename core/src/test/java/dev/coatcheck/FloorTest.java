package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionStore.Stored;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser remembers of its session's version, so that a part of the store that was away cannot show it the past. */
class FloorTest {
    private static final String COOKIE = "__Host-SID";
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);

    private final StepWorld world = new StepWorld();
    private final HookedStore store = new HookedStore(world.clock);
    private final List<SessionEvent.Kind> events = new ArrayList<>();
    private final SessionManager sessions = SessionManager.builder()
            .store(store)
            .clock(world.clock)
            .listener(event -> events.add(event.kind()))
            .build();
    private final Visitor visitor = new Visitor(sessions);

    @AfterEach
    void close() {
        sessions.close();
        store.close();
    }

    private static List<String> floors(FakeExchange exchange) {
        return exchange.responseHeaders("Set-Cookie").stream()
                .filter(line -> line.startsWith("__Host-SID-v"))
                .toList();
    }

    private static String pair(String line) {
        return line.substring(0, line.indexOf(';'));
    }

    /** A session of version 2, of which the floor's cookie is given; what is in front of the store has kept version 1. */
    private String shakySession() {
        visitor.visit(session -> session.set(HITS, 1));
        String ticket = visitor.cookie;
        store.writes.add(HookedStore.Fault.DEGRADED);
        Stored[] old = new Stored[1];
        store.found = now -> {
            old[0] = now;
            return now;
        };
        FakeExchange exchange = visitor.visit(session -> session.update(HITS, 0, n -> n + 1));
        visitor.cookie = ticket;
        store.found = now -> old[0];
        assertThat(floors(exchange)).hasSize(1);
        return pair(floors(exchange).get(0));
    }

    private @Nullable Integer hits(String... floors) {
        FakeExchange exchange = visitor.exchange();
        for (String floor : floors) {
            exchange.cookie(floor);
        }
        Integer hits = sessions.current(exchange).get(HITS);
        sessions.finish(exchange);
        return hits;
    }

    @Test
    void aShakyChangeIsRememberedByTheBrowserAndAFullOneIsNot() {
        FakeExchange first = visitor.visit(session -> session.set(HITS, 1));
        assertThat(floors(first)).isEmpty();
        String ticket = visitor.cookie;
        store.writes.add(HookedStore.Fault.DEGRADED);
        FakeExchange shaky = visitor.visit(session -> session.set(HITS, 2));
        assertThat(floors(shaky))
                .singleElement()
                .asString()
                .matches(
                        "__Host-SID-v[\\w-]{4}2=[A-Za-z0-9_-]{20}; Path=/; Max-Age=1202; Secure; HttpOnly; SameSite=Lax");
        assertThat(shaky.responseHeaders("Set-Cookie")).as("the ticket stays").hasSize(1);
        assertThat(shaky.responseHeaders("Cache-Control")).containsExactly("no-store");
        assertThat(events).contains(SessionEvent.Kind.DEGRADED);
        visitor.cookie = ticket;
        assertThat(floors(visitor.visit(session -> session.set(HITS, 3)))).isEmpty();
    }

    @Test
    void anOlderSessionThanTheBrowserHasSeenIsNotServed() {
        String floor = shakySession();
        assertThat(hits()).as("without the floor").isEqualTo(1);
        assertThat(hits(floor)).isEqualTo(2);
        assertThat(events).doesNotContain(SessionEvent.Kind.LOST);
    }

    @Test
    void aSessionWhoseNewerStateIsNowhereIsLostAndSaidSo() {
        visitor.visit(session -> session.set(HITS, 1));
        String ticket = visitor.cookie;
        FakeExchange exchange = visitor.exchange();
        exchange.cookie(floor(token(ticket), 7));
        assertThat(sessions.current(exchange).get(HITS)).isNull();
        assertThat(events).contains(SessionEvent.Kind.LOST);
        sessions.finish(exchange);
        assertThat(hits()).as("it has ended").isNull();
    }

    @Test
    void whileTheStoreCannotBeAskedItIsAwayAndNotOld() {
        String floor = shakySession();
        store.freshLoads.add(HookedStore.Fault.FAIL);
        assertThatThrownBy(() -> hits(floor)).isInstanceOf(SessionUnavailableException.class);
        assertThat(hits(floor)).isEqualTo(2);
    }

    @Test
    void aFloorThatIsNotOursDoesNothing() {
        shakySession();
        Derivation derivation = derivation();
        String other = Floor.write(derivation, world.token(), 9);
        String mine = Floor.write(derivation, token(visitor.cookie), 9);
        String first = Floor.name(COOKIE, id(token(visitor.cookie)), 9) + "=";
        for (String value : List.of(
                other,
                "",
                "AAAAAAAAAAAAAAAAAAAA",
                mine.substring(1),
                mine + "A",
                mine.substring(0, 19) + "!",
                (mine.charAt(0) == 'A' ? "B" : "A") + mine.substring(1),
                mine.substring(0, 19) + (mine.charAt(19) == 'A' ? "B" : "A"))) {
            assertThat(hits(first + value)).as(value).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "unicode"})
    void theCookieIsTheKnownAnswer(String tag) {
        Vectors vectors = Vectors.of("floor");
        SessionToken token =
                new SessionToken(SessionToken.Kind.SESSION, 0, LeaseClass.MINUTES_20, vectors.bytes("secret"));
        for (int version : new int[] {1, Envelope.LAST_VERSION}) {
            assertThat(Floor.write(vectors.withoutRing(tag), token, version))
                    .isEqualTo(vectors.text(tag + "." + version));
        }
    }

    private static String id(SessionToken token) {
        return derivation().id(token.secret());
    }

    private static String floor(SessionToken token, int version) {
        return Floor.name(COOKIE, id(token), version) + "=" + Floor.write(derivation(), token, version);
    }

    private static int read(SessionToken token, String... cookies) {
        return Floor.of(List.of("a=b; " + String.join("; ", cookies)), COOKIE).of(derivation(), token, id(token));
    }

    @Test
    void theHighestOfSeveralCountsHoweverTheirAnswersCame() {
        SessionToken token = world.token();
        String[] floors = {floor(token, 200), floor(token, 3), floor(token, Envelope.LAST_VERSION)};
        assertThat(read(token, floors)).isEqualTo(Envelope.LAST_VERSION);
        assertThat(read(world.token(), floors)).isZero();
        assertThat(floor(token, 4))
                .as("neighbours do not replace each other")
                .doesNotStartWith(floor(token, 5).substring(0, 17));
        assertThat(read(token)).isZero();
    }

    @Test
    void theFloorOfAnotherTicketStaysBesideIt() {
        SessionToken token = world.token();
        SessionToken other = world.token();
        assertThat(read(token, floor(token, 7), floor(other, 9))).isEqualTo(7);
        assertThat(read(other, floor(token, 7), floor(other, 9))).isEqualTo(9);
    }

    @Test
    void aShakyChangeAfterTheHeaderIsAnError() {
        visitor.visit(session -> session.set(HITS, 1));
        store.writes.add(HookedStore.Fault.DEGRADED);
        FakeExchange exchange = visitor.exchange();
        Session session = sessions.current(exchange);
        session.get(HITS);
        exchange.committed(true);
        session.set(HITS, 2);
        assertThatThrownBy(() -> sessions.commit(exchange))
                .isInstanceOf(SessionUnavailableException.class)
                .hasMessageContaining("may show an older session");
    }

    private static Derivation derivation() {
        return new Derivation("coatcheck", null);
    }

    private SessionToken token(@Nullable String cookie) {
        Tokens tokens = new Tokens(derivation(), new SecureRandom(), null, world.clock);
        SessionToken token = tokens.read(String.valueOf(cookie).substring("__Host-SID=".length()));
        assertThat(token).isNotNull();
        return Objects.requireNonNull(token);
    }
}
