package dev.coatcheck.demo;

import dev.coatcheck.Device;
import dev.coatcheck.Session;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionManager.SignedOut;
import java.util.List;

/** Signs the user out on one device, on the others, or everywhere. */
final class SignOutDevicesPage implements Page {
    private final SessionManager sessions;
    private final Which which;

    /** Which devices a form signs out. */
    enum Which {
        ONE,
        OTHERS,
        EVERYWHERE
    }

    SignOutDevicesPage(SessionManager sessions, Which which) {
        this.sessions = sessions;
        this.which = which;
    }

    @Override
    public List<String> methods() {
        return List.of("POST");
    }

    @Override
    public Reply post(Session session, Form form) {
        String user = session.userId();
        if (user == null) {
            return new Reply.SeeOther("/sign-in");
        }
        return switch (which) {
            case ONE -> one(session, user, form.text("device"));
            case OTHERS -> told(session, sessions.signOutOthers(session));
            case EVERYWHERE -> {
                sessions.signOutEverywhere(user);
                yield leave(session);
            }
        };
    }

    private Reply one(Session session, String user, String device) {
        boolean thisOne = sessions.devices(session).stream()
                .filter(Device::current)
                .anyMatch(each -> each.id().equals(device));
        return thisOne ? leave(session) : told(session, sessions.signOut(user, device));
    }

    /** Ends this browser's own session as well, and its cookie. */
    private static Reply leave(Session session) {
        return new SignOutPage().leave(session);
    }

    private static Reply told(Session session, SignedOut out) {
        String ended = switch (out.ended()) {
            case 0 -> "Nothing was left to sign out there.";
            case 1 -> "One device is signed out.";
            default -> out.ended() + " devices are signed out.";
        };
        session.flash(out.complete() ? ended : ended + " Sessions from before the list began may be left.");
        return new Reply.SeeOther("/devices");
    }
}
