package dev.coatcheck.store.memcached;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import dev.coatcheck.memcached.MemcachedClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiConsumer;

/** How sessions lie on the nodes: the verbs of {@link dev.coatcheck.SessionStore}. */
interface Copies extends AutoCloseable {
    Optional<Stored> load(Key key, Duration lease);

    Optional<Stored> peek(Key key, Duration lease);

    Written create(Key key, byte[] value, Duration lease);

    Written replace(Key key, byte[] value, Version seen, Duration lease);

    boolean end(Key key, Instant until);

    Outcome end(Key key, Version seen, Instant until);

    CopyStats stats();

    /** Closes the client. */
    @Override
    void close();

    /** What they are made of. Safe for use by many threads. */
    final class Parts {
        private final MemcachedClient client;
        private final String prefix;
        private final int maxValueBytes;
        private final Clock clock;
        private volatile BiConsumer<SessionEvent.Kind, Key> receiver = (kind, key) -> {};
        private volatile boolean closed;

        Parts(MemcachedClient client, String prefix, int maxValueBytes, Clock clock) {
            this.client = client;
            this.prefix = prefix;
            this.maxValueBytes = maxValueBytes;
            this.clock = clock;
        }

        MemcachedClient client() {
            return client;
        }

        String prefix() {
            return prefix;
        }

        /** The key's name at the servers. */
        String name(Key key) {
            return prefix + key.text();
        }

        int maxValueBytes() {
            return maxValueBytes;
        }

        /** @throws IllegalArgumentException when a value is larger than may be stored */
        void mustFit(byte[] value) {
            if (value.length > maxValueBytes) {
                // A server that refuses an item for its size has deleted the old one by then.
                throw new IllegalArgumentException(
                        "A value of " + value.length + " bytes; maxValueBytes is " + maxValueBytes);
            }
        }

        Clock clock() {
            return clock;
        }

        void tellTo(BiConsumer<SessionEvent.Kind, Key> receiver) {
            this.receiver = receiver;
        }

        void tell(SessionEvent.Kind kind, Key key) {
            receiver.accept(kind, key);
        }

        boolean isClosed() {
            return closed;
        }

        void close() {
            closed = true;
            client.close();
        }
    }
}
