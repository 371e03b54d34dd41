package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SerializableTypes;
import dev.coatcheck.SessionAttributeException;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.TestBrowser;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects that know nothing of sessions, by name alone and in the JDK's form. */
class SerializedAttributeTest extends EmbeddedNodes {
    private static final SessionKey<Integer> X = SessionKey.of("x", Integer.class);

    static final class Cart implements Serializable {
        private static final long serialVersionUID = 1L;
        final List<String> items = new ArrayList<>();
        transient Object cache = new Object();
    }

    static final class Customer implements Serializable {
        private static final long serialVersionUID = 1L;
        final Cart cart = new Cart();
        final Object address;

        Customer(Object address) {
            this.address = address;
        }
    }

    static final class Address {}

    private static final SerializableTypes TYPES = SerializableTypes.of(Cart.class.getName(), Customer.class.getName());

    private SessionManager with(SerializableTypes types) {
        return node().serializable(types).build();
    }

    @Test
    void anObjectGoesToTheOtherNodeAndChangesInPlaceAreSavedThereToo() {
        try (SessionManager here = with(TYPES);
                SessionManager there = with(TYPES)) {
            TestBrowser browser = new TestBrowser(here, clock);
            browser.visit(session -> session.untyped().set("customer", new Customer("Main Street")));
            browser.through(there)
                    .visit(session -> ((Customer) session.untyped().get("customer")).cart.items.add("tea"));
            browser.through(here).visit(session -> {
                Customer customer = (Customer) session.untyped().get("customer");
                assertThat(customer.cart.items).containsExactly("tea");
                assertThat(customer.address).isEqualTo("Main Street");
                assertThat(customer.cart.cache).isNull();
            });
        }
    }

    @Test
    void changesMadeAfterTheObjectWasSetAreSavedAndTheObjectIsTheSameWithinTheRequest() {
        try (SessionManager here = with(TYPES)) {
            TestBrowser browser = new TestBrowser(here, clock);
            browser.visit(session -> {
                Cart cart = new Cart();
                List<Object> list = new ArrayList<>();
                session.untyped().set("cart", cart);
                session.untyped().set("list", list);
                assertThat(session.untyped().get("cart")).isSameAs(cart);
                cart.items.add("tea");
                list.add(1);
            });
            browser.visit(session -> {
                assertThat(((Cart) session.untyped().get("cart")).items).containsExactly("tea");
                assertThat(session.untyped().get("list")).isEqualTo(List.of(1));
            });
        }
    }

    @Test
    void anObjectThatIsReadAndNotChangedIsNotWritten() {
        try (SessionManager here = with(TYPES)) {
            TestBrowser browser = new TestBrowser(here, clock);
            browser.visit(session -> session.untyped().set("customer", new Customer(List.of("a", "b"))));
            assertThat(cost(() -> browser.visit(session ->
                            assertThat(session.untyped().get("customer")).isNotNull())))
                    .isEqualTo(1);
        }
    }

    @Test
    void whatCannotBeStoredIsRefusedWhenItIsSetByNameAndClassAndTheSessionStaysAsItWas() {
        try (SessionManager here = with(TYPES)) {
            TestBrowser browser = new TestBrowser(here, clock);
            browser.visit(session -> {
                session.set(X, 1);
                assertThatThrownBy(() -> session.untyped().set("customer", new Customer(new Address())))
                        .isInstanceOf(SessionAttributeException.class)
                        .hasMessageContaining("\"customer\"")
                        .hasMessageContaining(Address.class.getName());
            });
            browser.visit(session -> {
                assertThat(session.get(X)).isEqualTo(1);
                assertThat(session.untyped().get("customer")).isNull();
            });
        }
    }

    @Test
    void aNodeWithoutTheListReadsItAsAbsentLeavesTheRestAndKeepsTheBytes() {
        try (SessionManager here = with(TYPES);
                SessionManager other = with(SerializableTypes.of(Cart.class.getName()))) {
            TestBrowser browser = new TestBrowser(here, clock);
            browser.visit(session -> {
                session.untyped().set("customer", new Customer(null));
                session.set(X, 1);
            });
            for (SessionManager without : List.of(one, other)) {
                browser.through(without).visit(session -> {
                    assertThat(session.untyped().get("customer")).isNull();
                    assertThat(session.get(X)).isNotNull();
                    session.update(X, 0, x -> x + 1);
                });
                assertThat(without.stats().undecodable()).isEqualTo(1);
            }
            browser.through(here).visit(session -> {
                assertThat(session.untyped().get("customer")).isInstanceOf(Customer.class);
                assertThat(session.get(X)).isEqualTo(3);
            });
        }
    }

    @Test
    void whatATestRunLearnedIsAllThatProductionNeeds(@TempDir Path folder) {
        Path list = folder.resolve("serializable-types");
        TestBrowser browser;
        try (SessionManager test = with(SerializableTypes.of().learning(list))) {
            browser = new TestBrowser(test, clock);
            browser.visit(session -> session.untyped().set("customer", new Customer(null)));
            assertThat(list).as("at the end of the request").content().contains("$Customer\n");
        }
        try (SessionManager production = with(SerializableTypes.file(list))) {
            browser.through(production)
                    .visit(session -> assertThat(((Customer) session.untyped().get("customer")).cart.items)
                            .isEmpty());
        }
    }
}
