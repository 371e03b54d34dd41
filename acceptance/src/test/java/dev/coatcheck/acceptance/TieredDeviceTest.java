package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Device;
import dev.coatcheck.DurableSessionStore;
import dev.coatcheck.SessionCache;
import dev.coatcheck.SessionManager.SignedOut;
import dev.coatcheck.SessionStore;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A user's sessions in a real memcached in front of a real PostgreSQL, through two nodes with connections of their own. */
class TieredDeviceTest extends DeviceCases {
    private final OneMemcached memcached = new OneMemcached();
    private final OneDatabase database = new OneDatabase();

    TieredDeviceTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return new TieredSessionStore(
                (SessionCache) memcached.direct(), (DurableSessionStore) database.open("coatcheck.timeout=10s"));
    }

    @Override
    SessionStore openSecond() {
        return open();
    }

    @Override
    void stopServers() {
        memcached.stop();
    }

    @Test
    void aListThatTheCacheHasForgottenIsStillComplete() {
        TestBrowser first = signedIn("alice");
        TestBrowser second = signedIn(two, "alice");
        memcached.server.flush();
        assertThat(one.devices("alice")).hasSize(2);
        memcached.server.flush();
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(2, true));
        memcached.server.flush();
        clock.advance(Duration.ofSeconds(6)); // what is known to be absent is asked for again
        assertThat(List.of(first, second)).noneMatch(browser -> isIn(browser) || isIn(browser.through(two)));
        assertThat(database.sessions()).isZero();
    }

    @Test
    void whoSignsInAfterTheCacheForgotIsListedBesideTheOthers() {
        signedIn("alice");
        memcached.server.flush();
        signedIn(two, "alice");
        memcached.server.flush();
        assertThat(one.devices("alice")).extracting(Device::current).hasSize(2);
        assertThat(two.signOutEverywhere("alice")).isEqualTo(new SignedOut(2, true));
    }

    private void signsInTwice(String user) {
        TestBrowser first = signedIn(user);
        TestBrowser second = signedIn(two, user);
        assertThat(isIn(first)).isTrue();
        assertThat(isIn(second)).isTrue();
        assertThat(one.devices(user)).hasSize(2);
        assertThat(two.signOutEverywhere(user)).isEqualTo(new SignedOut(2, true));
    }

    @Test
    void whoWasSignedOutWithoutASessionCanSignIn() {
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(0, true));
        assertThat(two.signOut("alice", "unknown")).isEqualTo(new SignedOut(0, true));
        signsInTwice("alice");
    }

    @Test
    void whoseListTheDatabaseHasLostCanSignIn() {
        signedIn("alice");
        signedIn("alice"); // the list is in the cache by now
        database.execute("DELETE FROM $table");
        signsInTwice("alice");
    }

    @Test
    void whoseListIsSpoiledCanSignIn() {
        signedIn("alice");
        signedIn("alice");
        database.execute("UPDATE $table SET content = set_byte(content, octet_length(content) - 1, 0)");
        memcached.server.flush();
        assertThat(one.devices("alice")).isEmpty();
        signsInTwice("alice");
    }
}
