package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.Reply;
import dev.coatcheck.test.MemcachedServer;

/** A stranger who can write to memcached. */
final class Plant {
    private Plant() {}

    /** Puts a value under a key, whatever was there. */
    static void value(MemcachedServer server, String key, byte[] value, long flags) {
        try (MemcachedClient client =
                MemcachedClient.builder().node(server.address()).build()) {
            Command set = Command.set(key, value).clientFlags(flags).expire(600);
            assertThat(client.execute(set).status()).isEqualTo(Reply.Status.DONE);
        }
    }
}
