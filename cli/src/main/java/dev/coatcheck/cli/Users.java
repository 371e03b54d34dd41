package dev.coatcheck.cli;

import dev.coatcheck.Device;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.SignedOut;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** A user's sessions, listed and ended. */
final class Users {
    private final SessionManager manager;
    private final PrintStream out;

    Users(SessionManager manager, PrintStream out) {
        this.manager = manager;
        this.out = out;
    }

    void sessions(String user) {
        List<Device> devices = indexed(() -> manager.devices(user));
        if (devices.isEmpty()) {
            out.println("There is no session of this user: not in this store, under this application and key ring.");
            return;
        }
        Table table = new Table("DEVICE", "SIGNED IN", "LAST SEEN", "ADDRESS", "LABEL");
        for (Device device : devices) {
            table.row(
                    device.id(),
                    second(device.signedInAt()),
                    second(device.lastSeenAt()),
                    Objects.requireNonNullElse(device.address(), "-"),
                    Objects.requireNonNullElse(device.label(), "-"));
        }
        table.print(out);
    }

    void signOut(String user) {
        tell(indexed(() -> manager.signOutEverywhere(user)));
    }

    void signOut(String user, String device) {
        tell(indexed(() -> manager.signOut(user, device)));
    }

    private void tell(SignedOut signedOut) {
        out.println(
                switch (signedOut.ended()) {
                    case 0 -> "No session was there to be ended.";
                    case 1 -> "1 session ended.";
                    default -> signedOut.ended() + " sessions ended.";
                });
        if (!signedOut.complete()) {
            throw Complaint.failed("it is not certain that none is left: the store has not confirmed each end, or may"
                    + " have lost the user's list from before; run it again, and see docs/operating.md");
        }
    }

    private static <R> R indexed(Supplier<R> verb) {
        try {
            return verb.get();
        } catch (IllegalStateException noIndex) {
            throw Complaint.wrong(Complaint.reason(noIndex));
        }
    }

    private static String second(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
