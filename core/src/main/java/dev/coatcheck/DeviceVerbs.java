package dev.coatcheck;

import dev.coatcheck.SessionManager.SignedOut;
import java.util.List;
import java.util.Set;

/** The verbs of a {@link SessionManager} that are about all sessions of a user. Safe for use by many threads. */
final class DeviceVerbs {
    private final Settings settings;
    private final Driver driver;
    private final UserIndex index;
    private final SignOut signOut;
    private final DeviceList list;

    DeviceVerbs(Settings settings, Driver driver, UserIndex index, SignOut signOut, DeviceList list) {
        this.settings = settings;
        this.driver = driver;
        this.index = index;
        this.signOut = signOut;
        this.list = list;
    }

    /**
     * A session that asks.
     *
     * @param devices the handles that are its own
     */
    record Here(String user, Set<String> devices) {
        /** Hides the user. */
        @Override
        public String toString() {
            return "Here[hidden]";
        }
    }

    List<Device> list(String user) {
        return list(new Here(user, Set.of()));
    }

    List<Device> list(Here here) {
        needsIndex();
        return driver.run(list.of(here.user(), here.devices()));
    }

    SignedOut signOut(String user, String device) {
        needsIndex();
        return driver.run(signOut.one(user, device, forgets()));
    }

    SignedOut signOutOthers(Here here) {
        needsIndex();
        return driver.run(signOut.of(here.user(), entry -> !here.devices().contains(entry.device()), forgets()));
    }

    SignedOut signOutEverywhere(String user) {
        needsIndex();
        return driver.run(signOut.of(user, entry -> true, forgets()));
    }

    private boolean forgets() {
        return settings.store().mayForget();
    }

    private void needsIndex() {
        String missing = index.policy().missing();
        if (missing != null) {
            throw new IllegalStateException("There is no index of users: " + missing);
        }
    }
}
