package dev.coatcheck;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A signed-in session on its way to a place, which must be in its user's index before it is there.
 *
 * @param formerDevice under which the same user's session was known before; the same one unless the user signs in again
 * @param formerPlace where it was before; null for a session that was not there
 * @param isNew whether the limit of sessions is asked: a rotation is none the more
 */
record Entering(
        String user,
        String device,
        Instant signedInAt,
        Place place,
        Instant end,
        @Nullable String formerDevice,
        @Nullable Place formerPlace,
        boolean isNew,
        DeviceHint hint) {

    static Entering of(
            SessionRecord session,
            Address address,
            Sighting.@Nullable Live old,
            Protocol.Lifetimes lifetimes,
            DeviceHint hint) {
        SessionRecord.Login login = Objects.requireNonNull(session.login(), "a signed-in session");
        SessionRecord.Login before = old == null ? null : old.session().login();
        // The deadline may be set again up to here, and nobody tells the index.
        Instant latest = session.createdAt().plus(lifetimes.absolute(session));
        Instant end = session.deadline().isAfter(latest) ? session.deadline() : latest;
        Place place = Place.of(address);
        if (old == null || before == null || !before.userId().equals(login.userId())) {
            return new Entering(login.userId(), login.device(), login.at(), place, end, null, null, true, hint);
        }
        boolean signsInAgain = !before.device().equals(login.device());
        return new Entering(
                login.userId(),
                login.device(),
                login.at(),
                place,
                end,
                before.device(),
                Place.of(old.address()),
                signsInAgain,
                hint);
    }

    /** Hides the user. */
    @Override
    public String toString() {
        return "Entering[" + place + "]";
    }
}
