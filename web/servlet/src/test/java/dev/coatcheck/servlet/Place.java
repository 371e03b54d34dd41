package dev.coatcheck.servlet;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.MemcachedServer;
import java.time.Duration;

/** Where sessions are kept in a test; begun ahead of a test class and ended behind it. */
@SuppressWarnings("ImmutableEnumChecker") // of one test class at a time
enum Place {
    EMBEDDED {
        @Override
        void begin() {}

        @Override
        SessionStore open() {
            return new EmbeddedSessionStore();
        }

        @Override
        void end() {}
    },

    /** The real server, with a process of its own for each test class. */
    MEMCACHED {
        private MemcachedServer server;

        @Override
        void begin() {
            server = MemcachedServer.start();
        }

        @Override
        SessionStore open() {
            return SessionStore.open(url());
        }

        @Override
        String url() {
            return "memcached://" + server.address() + "?timeout=5s"; // this machine may be busy
        }

        // It counts whole seconds, and its timer may be late on a busy machine.
        @Override
        Duration slack() {
            return Duration.ofSeconds(3);
        }

        @Override
        void end() {
            server.close();
        }
    };

    abstract void begin();

    abstract SessionStore open();

    abstract void end();

    /** How much later than asked a session may end for want of use. */
    Duration slack() {
        return Duration.ZERO;
    }

    /** The store's URL, as a setting. */
    String url() {
        return "embedded:";
    }
}
