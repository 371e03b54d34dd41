package dev.coatcheck.cli;

import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** What of a store answers by itself: a node of memcached, a database. */
interface Part {
    /** As a table shows it. Never a URL. */
    String name();

    /** The version that it told of; a dash where it told none. */
    default String version() {
        return "-";
    }

    /**
     * Asks it for what is not there. One round trip.
     *
     * @return why there was no answer; empty when there was one
     */
    String ask();

    /** What else is worth a line; empty when nothing is. */
    default String note() {
        return "";
    }

    /** The parts of a store, that in front first. */
    static List<Part> of(SessionStore store) {
        if (store instanceof TieredSessionStore tiers) {
            return Stream.of(tiers.cache(), tiers.durable())
                    .flatMap(tier -> of(tier).stream())
                    .toList();
        }
        if (store instanceof MemcachedSessionStore memcached) {
            return memcached.nodes().stream().map(node -> (Part) new Node(node)).toList();
        }
        if (store instanceof DurableSessionStore durable) {
            return List.of(new Database(durable));
        }
        throw Complaint.wrong("COATCHECK_STORE: this command knows memcached:, jdbc: and tiered: alone");
    }

    /** A key that nobody has. */
    static String strangeKey() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().encodeToString(random);
    }
}
