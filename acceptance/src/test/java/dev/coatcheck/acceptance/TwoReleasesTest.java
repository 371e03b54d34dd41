package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAlias;
import dev.coatcheck.Session;
import dev.coatcheck.SessionAttributeException;
import dev.coatcheck.SessionEvent.Kind;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.TestBrowser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two releases of an application on one session, as in a rolling deploy. */
class TwoReleasesTest extends EmbeddedNodes {
    /** The old release's classes. */
    static final class Old {
        enum Size {
            SMALL
        }

        record Coat(String colour, String owner) {}
    }

    /** The new release's classes, under the same keys. */
    static final class New {
        enum Size {
            SMALL,
            LARGE
        }

        record Coat(
                @JsonAlias("colour") String color, @Nullable Integer buttons) {}

        record Strict(String colour) {
            Strict {
                if (!colour.equals("red")) {
                    throw new IllegalArgumentException("only red");
                }
            }
        }
    }

    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);
    private static final SessionKey<Old.Coat> OLD_COAT = SessionKey.of("coat", Old.Coat.class);
    private static final SessionKey<New.Coat> NEW_COAT = SessionKey.of("coat", New.Coat.class);
    private static final SessionKey<New.Strict> STRICT_COAT = SessionKey.of("coat", New.Strict.class);
    private static final SessionKey<Old.Size> OLD_SIZE = SessionKey.of("size", Old.Size.class);
    private static final SessionKey<New.Size> NEW_SIZE = SessionKey.of("size", New.Size.class);

    private TestBrowser browser;

    @BeforeEach
    void openBrowser() {
        browser = browser();
        browser.visit(session -> {
            session.login("alice");
            session.set(X, 1);
        });
    }

    @Test
    void aRecordGainsLosesAndRenamesComponents() {
        browser.visit(session -> session.set(OLD_COAT, new Old.Coat("red", "alice")));
        browser.through(two).visit(session -> {
            assertThat(session.get(NEW_COAT)).isEqualTo(new New.Coat("red", null));
            session.set(NEW_COAT, new New.Coat("blue", 5));
        });
        browser.visit(session -> assertThat(session.get(OLD_COAT)).isEqualTo(new Old.Coat(null, null)));
    }

    @Test
    void readingWithAnotherReleaseIsNoChange() {
        browser.visit(session -> session.set(OLD_COAT, new Old.Coat("red", "alice")));
        assertThat(cost(() -> browser.through(two)
                        .visit(session -> assertThat(session.get(NEW_COAT)).isNotNull())))
                .isEqualTo(1);
        browser.visit(session -> assertThat(session.get(OLD_COAT).owner()).isEqualTo("alice"));
    }

    @Test
    void whatOneReleaseCannotReadIsAbsentThereAndKeptForTheOther() {
        browser.visit(session -> session.set(NEW_SIZE, New.Size.LARGE));
        browser.through(two).visit(session -> {
            assertThat(session.get(OLD_SIZE)).isNull();
            assertThat(session.has(OLD_SIZE)).isTrue();
            assertThat(session.get(X)).isEqualTo(1);
            session.set(X, 2);
        });
        browser.visit(session -> {
            assertThat(session.get(NEW_SIZE)).isEqualTo(New.Size.LARGE);
            assertThat(session.get(X)).isEqualTo(2);
        });
        assertThat(two.stats().undecodable()).isEqualTo(1);
    }

    @Test
    void aConstructorThatRefusesOldDataReadsAsAbsent() {
        browser.visit(session -> session.set(OLD_COAT, new Old.Coat("green", "alice")));
        browser.through(two).visit(session -> {
            assertThat(session.get(STRICT_COAT)).isNull();
            assertThat(session.userId()).isEqualTo("alice");
        });
    }

    @Test
    void aGuardedAttributeThatCannotBeReadEndsTheSession() {
        browser.visit(session -> session.set(NEW_SIZE.guarded(), New.Size.LARGE));
        TestBrowser copy = browser.copyOfJar();
        browser.through(two).visit(session -> {
            assertThat(session.get(OLD_SIZE.guarded())).isNull();
            assertThat(session.userId()).isNull();
        });
        assertThat(browser.lastResponse().setCookies())
                .singleElement()
                .asString()
                .contains("Max-Age=0");
        assertThat(copy.<String>request(Session::userId)).isNull();
        assertThat(sessionKeys()).isEmpty();
        assertThat(kinds()).contains(Kind.CORRUPT);
    }

    @Test
    void theStoredFlagGuardsWhereTheReadersKeyDoesNot() {
        browser.visit(session -> session.set(NEW_SIZE.guarded(), New.Size.LARGE));
        browser.through(two).visit(session -> {
            assertThat(session.get(OLD_SIZE)).isNull();
            assertThat(session.userId()).isNull();
            session.set(X, 5);
        });
        browser.visit(session -> {
            assertThat(session.userId()).isNull();
            assertThat(session.keys()).containsExactly("x");
        });
    }

    @Test
    void anAliasThatIsNotKnownIsAnErrorThatSaysWhatToRegisterAndItsBytesStay() {
        record Hat(String kind) {}
        try (SessionManager knowing = node().type("hat", Hat.class).build()) {
            browser.through(knowing).visit(session -> session.untyped().set("hat", new Hat("bowler")));
            browser.visit(session -> {
                assertThatThrownBy(() -> session.untyped().get("hat"))
                        .isInstanceOf(SessionAttributeException.class)
                        .hasMessageContaining("hat");
                session.set(X, 3);
            });
            browser.through(knowing)
                    .visit(session -> assertThat(session.untyped().get("hat")).isEqualTo(new Hat("bowler")));
        }
    }
}
