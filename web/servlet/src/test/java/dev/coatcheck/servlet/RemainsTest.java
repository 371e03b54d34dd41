package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RemainsTest {
    /** A sorted map's names would be copied by a size that is over by then. */
    @Test
    void namesAreListedWhileAnotherListenerRemovesThem() {
        Remains left = new Remains(0, 0, 0, false, Map.of("a", 1));
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
            while (!over.get()) {
                left.set("b", 2);
                left.set("b", null);
            }
        });
        try {
            for (int i = 0; i < 20_000; i++) {
                assertThat(new TreeSet<>(left.names())).contains("a");
            }
        } finally {
            over.set(true);
            other.join();
        }
    }
}
