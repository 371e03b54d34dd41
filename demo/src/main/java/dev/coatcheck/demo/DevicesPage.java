package dev.coatcheck.demo;

import dev.coatcheck.Session;
import dev.coatcheck.SessionManager;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Where the user is signed in. */
final class DevicesPage implements Page {
    private final SessionManager sessions;
    private final Clock clock;

    DevicesPage(SessionManager sessions, Clock clock) {
        this.sessions = sessions;
        this.clock = clock;
    }

    @Override
    public List<String> methods() {
        return List.of("GET", "HEAD");
    }

    @Override
    public Reply get(Session session) {
        if (session.userId() == null) {
            return new Reply.SeeOther("/sign-in");
        }
        Instant now = clock.instant();
        List<DeviceRow> rows = sessions.devices(session).stream()
                .map(device -> DeviceRow.of(device, now))
                .toList();
        return new Reply.Shown(200, "devices.jte", "Your devices", Map.of("rows", rows, "csrf", session.csrfToken()));
    }
}
