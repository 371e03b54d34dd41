package dev.coatcheck;

import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** The three reasons for a new id, and what each lets go along. */
final class Moves {
    private Moves() {}

    /** Everything moves. */
    static Move rotate() {
        return new Move(Move.Reason.ROTATE, old -> Objects.requireNonNull(old, "a session to rotate"));
    }

    /** Everything moves but the seed of open forms. */
    static Move changeId(byte[] csrfSeed) {
        return new Move(
                Move.Reason.CHANGE_ID,
                old -> Objects.requireNonNull(old, "a session to move").withCsrfSeed(csrfSeed));
    }

    /**
     * A session of this user with a life of its own. The attributes of an anonymous session and of the same user's move
     * along, but no guarded ones, which somebody may have planted under an id of his own making.
     *
     * @param fresh an empty session, made at the sign-in
     * @param guarded names that a key known here guards, whatever the stored flag says
     */
    static Move login(SessionRecord.Login login, SessionRecord fresh, Set<String> guarded) {
        return new Move(Move.Reason.LOGIN, old -> {
            SessionRecord signedIn = fresh.signedIn(login);
            return old == null || !mayCarry(old, login) ? signedIn : signedIn.withAttributes(plain(old, guarded));
        });
    }

    /** Whether a session's attributes go along when this user signs in. */
    static boolean mayCarry(SessionRecord old, SessionRecord.Login login) {
        String user = old.userId();
        return user == null || user.equals(login.userId());
    }

    private static TreeMap<String, Attribute> plain(SessionRecord old, Set<String> guarded) {
        TreeMap<String, Attribute> attributes = new TreeMap<>(old.attributes());
        attributes.values().removeIf(Attribute::isGuarded);
        attributes.keySet().removeAll(guarded);
        return attributes;
    }
}
