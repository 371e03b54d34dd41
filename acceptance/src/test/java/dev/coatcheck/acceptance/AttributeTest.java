package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.Session;
import dev.coatcheck.SessionAttributeException;
import dev.coatcheck.SessionKey;
import dev.coatcheck.test.TestBrowser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The session as a map. */
class AttributeTest extends EmbeddedNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final SessionKey<String> S = SessionKey.of("s", String.class);
    private static final SessionKey<byte[]> BYTES = SessionKey.of("bytes", byte[].class);
    private static final SessionKey<List<String>> LIST = SessionKey.listOf("list", String.class);

    record Inner(Map<String, String> values) {}

    record Outer(Inner inner) {}

    private static final SessionKey<Outer> NESTED = SessionKey.of("nested", Outer.class);

    private TestBrowser browser;

    @BeforeEach
    void openBrowser() {
        browser = browser();
    }

    @Test
    void anAbsentValueIsNullAndADefaultIsNotStored() {
        browser.visit(session -> {
            assertThat(session.get(X)).isNull();
            assertThat(session.find(X).orElse(3)).isEqualTo(3);
            assertThat(session.has(X)).isFalse();
        });
        assertThat(counting.keys()).isEmpty();
    }

    @Test
    void aValueIsSeenInTheSameRequestAndInEveryLaterOne() {
        browser.visit(session -> {
            session.set(X, 7);
            assertThat(session.get(X)).isEqualTo(7);
        });
        for (int i = 0; i < 3; i++) {
            browser.visit(session -> assertThat(session.get(X)).isEqualTo(7));
        }
    }

    @Test
    void takingGivesAValueOnce() {
        browser.visit(session -> session.set(S, "aaa"));
        browser.visit(session -> {
            assertThat(session.take(S)).isEqualTo("aaa");
            assertThat(session.take(S)).isNull();
        });
        browser.visit(session -> assertThat(session.take(S)).isNull());
    }

    @Test
    void updateCountsFromItsInitialValue() {
        browser.visit(session -> {
            assertThat(session.update(X, 0, n -> n + 1)).isEqualTo(1);
            assertThat(session.update(X, 0, n -> n + 5)).isEqualTo(6);
            assertThat(session.update(X, 0, n -> n - 2)).isEqualTo(4);
        });
        browser.visit(session -> assertThat(session.get(X)).isEqualTo(4));
    }

    @Test
    void updateWithoutAnInitialValueSeesNullAndRemovesByNull() {
        browser.visit(session -> {
            assertThat(session.update(X, n -> n == null ? 1 : n + 1)).isEqualTo(1);
            assertThat(session.update(X, n -> null)).isNull();
            assertThat(session.has(X)).isFalse();
        });
    }

    @Test
    void anUpdateCanKeepWhatIsThere() {
        browser.visit(session -> {
            assertThat(session.update(S, old -> old == null ? "bar" : old)).isEqualTo("bar");
            assertThat(session.update(S, old -> old == null ? "baz" : old)).isEqualTo("bar");
        });
        assertThat(cost(() -> browser.visit(session -> assertThat(session.update(S, old -> old == null ? "qux" : old))
                        .isEqualTo("bar"))))
                .isEqualTo(1);
    }

    @Test
    void anUpdateToNullWithAnInitialValueIsRefusedAndChangesNothing() {
        browser.visit(session -> {
            session.set(X, 1);
            assertThatThrownBy(() -> session.update(X, 0, n -> null)).isInstanceOf(NullPointerException.class);
            assertThat(session.get(X)).isEqualTo(1);
        });
    }

    @Test
    void anUpdateThatThrowsChangesNothing() {
        browser.visit(session -> {
            session.set(X, 1);
            assertThatThrownBy(() -> session.update(X, 0, n -> {
                        throw new IllegalArgumentException("no");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
        });
        browser.visit(session -> assertThat(session.get(X)).isEqualTo(1));
    }

    @Test
    void appendingToAListByUpdate() {
        browser.visit(session -> {
            session.update(LIST, List.of(), list -> plus(list, "a"));
            session.update(LIST, List.of(), list -> plus(list, "b"));
        });
        browser.visit(session -> assertThat(session.get(LIST)).containsExactly("a", "b"));
    }

    private static List<String> plus(List<String> list, String item) {
        List<String> more = new ArrayList<>(list);
        more.add(item);
        return more;
    }

    @Test
    void namesAreCaseSensitiveAndListedInOrder() {
        browser.visit(session -> {
            session.set(SessionKey.of("key", String.class), "value");
            session.set(SessionKey.of("KEY", String.class), "VALUE");
            session.set(SessionKey.of("b", Integer.class), 1);
            session.untyped().set("a", 1);
            assertThat(session.keys()).containsExactly("KEY", "a", "b", "key");
        });
        browser.visit(session -> assertThat(session.keys()).containsExactly("KEY", "a", "b", "key"));
    }

    @Test
    void lookingAtTheNamesStoresNothing() {
        browser.visit(session -> session.set(X, 1));
        assertThat(cost(() -> browser.visit(session -> {
                    assertThat(session.has(X)).isTrue();
                    assertThat(session.keys()).containsExactly("x");
                })))
                .isEqualTo(1);
    }

    @Test
    void theSetOfNamesIsACopy() {
        browser.visit(session -> {
            session.set(X, 1);
            Set<String> names = session.keys();
            session.remove(X);
            assertThat(names).containsExactly("x");
        });
    }

    @Test
    void clearKeepsTheIdTheUserAndTheRecord() {
        browser.visit(session -> {
            session.login("alice");
            session.set(X, 1);
            session.flash("hello");
        });
        String id = browser.request(Session::id);
        browser.visit(Session::clear);
        browser.visit(session -> {
            assertThat(session.keys()).isEmpty();
            assertThat(session.takeFlash()).isEmpty();
            assertThat(session.id()).isEqualTo(id);
            assertThat(session.userId()).isEqualTo("alice");
        });
        assertThat(sessionKeys()).hasSize(1);
    }

    @Test
    void clearingAnEmptySessionStoresNothing() {
        browser.visit(session -> session.login("alice"));
        assertThat(cost(() -> browser.visit(Session::clear))).isEqualTo(1);
    }

    @Test
    void settingNullRemoves() {
        browser.visit(session -> session.set(X, 1));
        browser.visit(session -> session.set(X, null));
        browser.visit(session -> assertThat(session.has(X)).isFalse());
    }

    @Test
    void anotherTypeThanTheStoredOneIsAnErrorThatNamesBoth() {
        browser.visit(session -> {
            session.set(SessionKey.of("x", String.class), "text");
            session.set(S, "other");
        });
        browser.visit(session -> {
            assertThatThrownBy(() -> session.get(X))
                    .isInstanceOf(SessionAttributeException.class)
                    .hasMessageContaining("x")
                    .hasMessageContaining("Integer")
                    .hasMessageContaining("String")
                    .hasMessageNotContaining("text");
            assertThat(session.get(S)).isEqualTo("other");
        });
    }

    @Test
    void aValueThatIsChangedInPlaceIsStored() {
        browser.visit(session -> session.set(NESTED, new Outer(new Inner(new HashMap<>(Map.of("h", "i"))))));
        browser.visit(session -> session.get(NESTED).inner().values().put("h", "j"));
        browser.visit(
                session -> assertThat(session.get(NESTED).inner().values()).containsExactly(Map.entry("h", "j")));
    }

    @Test
    void aValueThatWasReadAndNotChangedIsNotStored() {
        browser.visit(session -> session.set(NESTED, new Outer(new Inner(new HashMap<>(Map.of("h", "i"))))));
        assertThat(cost(() ->
                        browser.visit(session -> assertThat(session.get(NESTED)).isNotNull())))
                .isEqualTo(1);
    }

    @Test
    void theSameObjectIsHandedOutTwice() {
        browser.visit(session -> session.set(LIST, List.of("a")));
        browser.visit(session -> {
            session.get(LIST).add("b");
            assertThat(session.get(LIST)).containsExactly("a", "b");
        });
    }

    @Test
    void aChangeInPlaceAfterTheResponseHasBegunStoresNothing() {
        browser.visit(session -> session.set(LIST, List.of("a")));
        List<List<String>> held = new ArrayList<>();
        browser.visit(
                session -> held.add(session.get(LIST)), session -> held.get(0).add("late"));
        browser.visit(session -> held.set(0, session.get(LIST)), session -> {
            held.get(0).add("late");
            session.set(X, 1);
        });
        browser.visit(session -> {
            assertThat(session.get(LIST)).containsExactly("a");
            assertThat(session.get(X)).isEqualTo(1);
        });
    }

    @Test
    void aValueThatWasGotByNameIsAliveUntilTheRequestIsOver() {
        List<List<Object>> held = new ArrayList<>();
        browser.visit(
                session -> {
                    held.add(new ArrayList<>(List.of("a")));
                    session.untyped().set("list", held.get(0));
                },
                session -> held.get(0).add("late"));
        browser.visit(
                session -> {
                    held.set(0, items(session.untyped().get("list")));
                    assertThat(held.get(0)).containsExactly("a", "late");
                },
                session -> held.get(0).add("later"));
        browser.visit(
                session -> assertThat(items(session.untyped().get("list"))).containsExactly("a", "late", "later"));
    }

    @SuppressWarnings("unchecked")
    private static List<Object> items(Object list) {
        return (List<Object>) list;
    }

    @Test
    void anArrayIsStoredAsItWasWhenItWasSet() {
        byte[] mine = {1, 2, 3};
        browser.visit(session -> {
            session.set(BYTES, mine);
            mine[0] = 9;
        });
        browser.visit(session -> assertThat(session.get(BYTES)).containsExactly(1, 2, 3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"id", "cookie", "_flash", "constructor", "with space", "with\r\nbreak", "\uD83D\uDE00", "é"})
    void anyNameComesBack(String name) {
        SessionKey<Integer> key = SessionKey.of(name, Integer.class);
        browser.visit(session -> {
            session.set(key, 1);
            session.untyped().set(name + "2", 2);
        });
        browser.visit(session -> {
            assertThat(session.get(key)).isEqualTo(1);
            assertThat(session.untyped().get(name + "2")).isEqualTo(2);
        });
        assertThat(counting.keys()).allMatch(stored -> stored.text().matches("[A-Za-z0-9_-]{32}"));
    }

    @Test
    void namesThatCannotBeAreRefusedWhereTheyAreGiven() {
        for (String name : List.of("", "coatcheck.flash", "x".repeat(257))) {
            assertThatThrownBy(() -> SessionKey.of(name, Integer.class)).isInstanceOf(IllegalArgumentException.class);
            browser.visit(session -> assertThatThrownBy(() -> session.untyped().set(name, 1))
                    .isInstanceOf(SessionAttributeException.class));
        }
        SessionKey<Integer> longest = SessionKey.of("x".repeat(256), Integer.class);
        browser.visit(session -> session.set(longest, 1));
        browser.visit(session -> assertThat(session.get(longest)).isEqualTo(1));
    }

    @Test
    void flashMessagesCannotBeReachedAsAttributes() {
        browser.visit(session -> session.flash("hello"));
        browser.visit(session -> {
            assertThat(session.keys()).isEmpty();
            assertThatThrownBy(() -> session.untyped().set("coatcheck.flash", "x"))
                    .isInstanceOf(SessionAttributeException.class);
            assertThat(session.takeFlash()).containsExactly("hello");
        });
    }

    @Test
    void discardForgetsWhatWasChangedAndKeepsTheRest() {
        browser.visit(session -> {
            session.set(X, 1);
            session.set(S, "kept");
        });
        assertThat(cost(() -> browser.visit(session -> {
                    session.set(X, 2);
                    session.remove(S);
                    session.discard();
                    assertThat(session.get(X)).isEqualTo(1);
                    assertThat(session.get(S)).isEqualTo("kept");
                })))
                .isEqualTo(1);
        assertThat(browser.lastResponse().setCookies()).isEmpty();
    }

    @Test
    void settingAndRemovingInOneRequestLeavesNoTrace() {
        browser.visit(session -> session.set(X, 1));
        assertThat(cost(() -> browser.visit(session -> {
                    session.set(S, "x");
                    session.remove(S);
                })))
                .isEqualTo(1);
    }

    @Test
    void whatCannotBeStoredIsRefusedByKeyAndTypeAndNothingChanges() {
        browser.visit(session -> {
            session.set(X, 1);
            assertThatThrownBy(() -> session.untyped().set("thread", new Object()))
                    .isInstanceOf(SessionAttributeException.class)
                    .hasMessageContaining("thread")
                    .hasMessageContaining("java.lang.Object");
        });
        browser.visit(session -> assertThat(session.keys()).containsExactly("x"));
    }
}
