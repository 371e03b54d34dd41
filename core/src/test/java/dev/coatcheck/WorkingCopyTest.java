package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What one request sees and does, in memory. */
class WorkingCopyTest {
    private static final SessionKey<Integer> HITS = SessionKey.of("hits", Integer.class);
    private static final SessionKey<List<String>> CART = SessionKey.listOf("cart", String.class);

    private final ValueCodec codec = new ValueCodec(List.of(), List.of(), 262_144);
    private final SessionRecord base = SessionRecord.empty(
                    Instant.parse("2026-01-01T00:00:00Z"), Duration.ofMinutes(20), Duration.ofHours(12), new byte[18])
            .with("cart", codec.encode(CART, List.of("tea")))
            .with("hits", codec.encode(HITS, 1));
    private final WorkingCopy copy = new WorkingCopy(codec, base);

    @Test
    void whatIsReadAndNotChangedIsNoChange() throws Exception {
        assertThat(copy.get(CART)).containsExactly("tea");
        assertThat(copy.get("hits")).isEqualTo(1);
        copy.settleAll();
        assertThat(copy.changes()).isEmpty();
        assertThat(copy.isChanged()).isFalse();
    }

    @Test
    void aChangeInPlaceIsFoundAtCommitOnce() throws Exception {
        List<String> cart = copy.get(CART);
        cart.add("milk");
        assertThat(copy.changes()).as("not before").isEmpty();
        copy.settleAll();
        copy.settleAll();
        assertThat(copy.changes()).hasSize(1);
        assertThat(new WorkingCopy(codec, copy.view()).get(CART)).containsExactly("tea", "milk");
    }

    @Test
    void afterTheResponseHasBegunOnlyWhatWasGotByNameIsLookedAtAgain() throws Exception {
        copy.get(CART).add("milk");
        List<Object> wishes = new ArrayList<>();
        copy.putUntyped("wishes", wishes);
        wishes.add("bread");
        copy.settleUntyped();
        assertThat(copy.changes()).hasSize(1);
        WorkingCopy next = new WorkingCopy(codec, copy.view());
        assertThat(next.get("wishes")).isEqualTo(List.of("bread"));
        assertThat(next.get(CART)).containsExactly("tea");
    }

    @Test
    void aChangeInPlaceThatIsTakenBackIsNone() throws Exception {
        List<String> cart = copy.get(CART);
        cart.add("milk");
        cart.remove("milk");
        copy.settleAll();
        assertThat(copy.changes()).isEmpty();
    }

    @Test
    void theSameObjectIsHandedOutUntilTheValueIsSet() throws Exception {
        List<String> cart = copy.get(CART);
        assertThat(copy.get(CART)).isSameAs(cart);
        copy.put("cart", codec.encode(CART, List.of("coffee")));
        cart.add("lost");
        copy.settleAll();
        assertThat(copy.get(CART)).containsExactly("coffee");
    }

    @Test
    void anUpdateSeesWhatWasChangedInPlaceAndATakeTakesIt() throws Exception {
        copy.get(CART).add("milk");
        assertThat(copy.update(CART, cart -> {
                    cart.add("sugar");
                    return cart;
                }))
                .containsExactly("tea", "milk", "sugar");
        copy.get(CART).add("salt");
        assertThat(copy.take(CART)).containsExactly("tea", "milk", "sugar", "salt");
        assertThat(copy.take(CART)).isNull();
        assertThat(Change.applyAll(copy.changes(), base).attribute("cart")).isNull();
    }

    @Test
    void discardForgetsChangesMovesAndWhatWasHandedOut() throws Exception {
        copy.get(CART).add("milk");
        copy.put("hits", null);
        copy.move(Moves.rotate(), true);
        copy.discard();
        copy.settleAll();
        assertThat(copy.isChanged()).isFalse();
        assertThat(copy.view()).isSameAs(base);
        assertThat(copy.get(CART)).containsExactly("tea");
    }

    @Test
    void removingWhatIsNotThereIsNoChangeAndClearingNothingNeither() {
        copy.put("none", null);
        assertThat(copy.changes()).isEmpty();
        copy.clear();
        copy.clear();
        assertThat(copy.changes()).hasSize(1);
        assertThat(copy.names()).isEmpty();
    }

    @Test
    void namesAreSortedWithoutReservedOnes() {
        copy.add(new Change.AddFlash(new FlashMessage(1, "info", "hello")));
        assertThat(copy.names()).containsExactly("cart", "hits");
        assertThat(copy.takeFlash("warn")).isEmpty();
        assertThat(copy.takeFlash(null)).containsExactly("hello");
        assertThat(copy.takeFlash(null)).isEmpty();
    }

    @Test
    void aChangeThatFailsChangesNothing() {
        SessionRecord before = copy.view();
        assertThatThrownBy(() -> copy.update(HITS, n -> {
                    throw new UnsupportedOperationException("mine");
                }))
                .hasMessage("mine");
        assertThat(copy.view()).isSameAs(before);
        assertThat(copy.changes()).isEmpty();
        // and the next one works
        assertThat(copy.update(HITS, n -> n == null ? 0 : n + 1)).isEqualTo(2);
    }

    @Test
    void whatWasAddedDuringACommitStaysPendingOnWhatItStored() throws Exception {
        copy.put("a", StepWorld.ONE);
        List<Change> committed = copy.changes();
        copy.update(HITS, n -> n == null ? 100 : n + 1);
        SessionRecord stored = base.with("a", StepWorld.ONE).with("hits", codec.encode(HITS, 10));
        copy.committed(stored, committed, null);
        assertThat(copy.changes()).hasSize(1);
        assertThat(copy.get(HITS)).isEqualTo(11);
        assertThat(copy.base()).isSameAs(stored);
    }

    @Test
    void anObjectInTheApplicationsHandsIsLetGoWhereTheStoreHasAnotherValueByNow() throws Exception {
        List<String> cart = copy.get(CART);
        copy.put("a", StepWorld.ONE);
        copy.committed(base.with("cart", codec.encode(CART, List.of("theirs"))), copy.changes(), null);
        cart.add("stale");
        copy.settleAll();
        assertThat(copy.changes()).isEmpty();
        assertThat(copy.get(CART)).containsExactly("theirs");
    }

    @Test
    void aMoveThatWasAskedForDuringACommitStaysPending() {
        copy.put("a", StepWorld.ONE);
        List<Change> committed = copy.changes();
        Move move = Moves.changeId(new byte[18]);
        copy.move(move, true);
        copy.committed(base.with("a", StepWorld.ONE), committed, null);
        assertThat(copy.move()).isSameAs(move);
        copy.committed(copy.view(), copy.changes(), move);
        assertThat(copy.move()).isNull();
    }

    // What goes along

    @Test
    void aSignInCarriesPlainValuesAndNoGuardedOnesUnlessThisRequestSetThem() {
        SessionRecord planted = base.with("flagged", new Attribute("i", Attribute.GUARDED, new byte[] {1}))
                .with("known", StepWorld.ONE)
                .with("own", new Attribute("i", Attribute.GUARDED, new byte[] {1}));
        Move login = login("alice");
        List<Change> changes = List.of(new Change.Put("own", new Attribute("i", Attribute.GUARDED, new byte[] {2})));
        SessionRecord carried = login.applied(changes, planted);
        assertThat(carried.attributes().keySet()).isEqualTo(Set.of("cart", "hits", "own"));
        assertThat(carried.attribute("own").bytes()).containsExactly(2);
        assertThat(login.applied(changes, null).attributes()).containsOnlyKeys("own");
    }

    @Test
    void aSignInCarriesNothingOfAnotherUserAndKeepsThatOfTheSame() {
        SessionRecord bobs = login("bob").applied(List.of(new Change.Put("b", StepWorld.ONE)), base);
        assertThat(login("alice").applied(List.of(), bobs).attributes()).isEmpty();
        assertThat(login("bob").applied(List.of(), bobs).attributes()).containsKeys("b", "cart");
    }

    @Test
    void aGuardedValueThatIsTakenBySigningInIsTakenOnceAndGone() {
        Attribute state = new Attribute("i", Attribute.GUARDED, new byte[] {1});
        SessionRecord old = base.with("state", state);
        SessionRecord signedIn = login("alice").applied(List.of(new Change.Take("state", state)), old);
        assertThat(signedIn.attribute("state")).isNull();
        assertThatThrownBy(() -> login("alice").applied(List.of(new Change.Take("state", state)), base))
                .isInstanceOf(SessionConflictException.class);
    }

    @Test
    void aRotationKeepsAllAndAChangeOfIdAllButTheSeed() {
        SessionRecord signedIn = login("alice").applied(List.of(), base);
        assertThat(Moves.rotate().applied(List.of(), signedIn)).isEqualTo(signedIn);
        byte[] seed = new byte[18];
        seed[0] = 1;
        SessionRecord changed = Moves.changeId(seed).applied(List.of(), signedIn);
        assertThat(changed).isEqualTo(signedIn.withCsrfSeed(seed));
        assertThat(changed.csrfSeed()).isEqualTo(seed);
    }

    private static Move login(String user) {
        Instant now = Instant.parse("2026-01-01T01:00:00Z");
        return Moves.login(
                new SessionRecord.Login(user, "device", now),
                SessionRecord.empty(now, Duration.ofMinutes(20), Duration.ofHours(12), new byte[18]),
                Set.of("known"));
    }
}
