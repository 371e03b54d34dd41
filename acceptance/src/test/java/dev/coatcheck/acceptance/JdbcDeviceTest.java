package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.SessionManager.SignedOut;
import dev.coatcheck.SessionStore;
import dev.coatcheck.test.TestBrowser;
import org.junit.jupiter.api.Test;

/** A user's sessions in a real PostgreSQL, through two nodes with connections of their own. */
class JdbcDeviceTest extends DeviceCases {
    private final OneDatabase database = new OneDatabase();

    JdbcDeviceTest() {
        super(OneMemcached.clock());
    }

    @Override
    SessionStore open() {
        return database.open("coatcheck.timeout=10s");
    }

    @Override
    SessionStore openSecond() {
        return open();
    }

    @Test
    void aSignOutIsCompleteThoughTheListIsYoung() {
        TestBrowser browser = signedIn("alice");
        assertThat(one.signOutEverywhere("nobody")).isEqualTo(new SignedOut(0, true));
        assertThat(one.signOutEverywhere("alice")).isEqualTo(new SignedOut(1, true));
        assertThat(isIn(browser.through(two))).isFalse();
    }
}
