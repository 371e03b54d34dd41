package dev.coatcheck.test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** What one request must see, by the model: the rules of sessions on plain objects, without stores, tickets or merges. */
final class ModelRequest {

    /** Who asks. */
    enum Visitor {
        /** Nobody known: may get a session. */
        NEW,
        /** Has a session. */
        KNOWN,
        /** Came with an id that somebody signed in from a moment ago: may sign in, nothing else. */
        BARRED
    }

    /** The new id that the next commit gives. */
    enum Move {
        NONE,
        ROTATE,
        CHANGE_ID,
        LOGIN
    }

    /** What the response does to the browser's cookie. */
    enum Cookie {
        KEPT,
        CLEARED,
        BLANK,
        SESSION
    }

    final Instant now;
    private final IntSupplier newSeed;
    private final Consumer<ModelPlace> made;
    private final List<Consumer<ModelRecord>> timeouts = new ArrayList<>();
    private Visitor visitor;
    private @Nullable ModelPlace place;
    private boolean byTicket;
    private ModelRecord base;
    private ModelRecord view;
    private Move move = Move.NONE;
    private boolean required;
    private boolean madeHere;
    private boolean guardedSetHere;
    private boolean blankDrawn;
    private Instant lastAccess;
    private Cookie cookie = Cookie.KEPT;
    private int blankSeed;

    /** Loads what the browser's ticket leads to. */
    ModelRequest(
            ModelTicket ticket,
            Instant now,
            boolean leasesFollowTheClock,
            IntSupplier newSeed,
            Consumer<ModelPlace> made) {
        this.now = now;
        this.newSeed = newSeed;
        this.made = made;
        ModelPlace brought = ticket.place();
        ModelPlace found = brought == null ? null : brought.find(now, leasesFollowTheClock);
        Integer marker = brought == null ? null : brought.markerSeed(now);
        Integer blank = ticket.blankSeed();
        lastAccess = now;
        if (found != null) {
            visitor = Visitor.KNOWN;
            place = found;
            byTicket = found == brought;
            base = new ModelRecord(Objects.requireNonNull(found.session));
            lastAccess = found.usedAt;
            found.usedAt = now;
        } else {
            visitor = marker == null ? Visitor.NEW : Visitor.BARRED;
            blankDrawn = blank != null;
            base = new ModelRecord(now, marker != null ? marker : blank != null ? blank : newSeed.getAsInt());
        }
        view = new ModelRecord(base);
    }

    ModelRecord view() {
        return view;
    }

    // What is seen.

    boolean isNew() {
        return visitor != Visitor.KNOWN || madeHere;
    }

    Instant lastAccess() {
        return lastAccess;
    }

    boolean hasSession() {
        return visitor == Visitor.KNOWN || willCreate();
    }

    private boolean willCreate() {
        boolean content = required || move != Move.NONE || !view.isEmpty();
        return visitor == Visitor.NEW && content || visitor == Visitor.BARRED && move == Move.LOGIN;
    }

    /** The id that the session has and keeps; null when the next commit gives another, or there is none. */
    @Nullable
    String keptId() {
        ModelPlace here = place;
        return here == null || dueMove() != Move.NONE ? null : here.id;
    }

    private Move dueMove() {
        ModelPlace here = place;
        boolean outgrown = here != null && byTicket && view.leaseClass().compareTo(here.leaseClass) > 0;
        return move == Move.NONE && outgrown ? Move.ROTATE : move;
    }

    // What is done.

    void put(String name, @Nullable Object value) {
        if (value == null) {
            view.attributes.remove(name);
        } else {
            view.attributes.put(name, value);
        }
        if (name.equals(ModelRecord.GUARDED)) {
            guardedSetHere = value != null;
        }
    }

    void clear() {
        view.attributes.clear();
        view.messages.clear();
        guardedSetHere = false;
    }

    void require() {
        required = true;
    }

    void timeout(Consumer<ModelRecord> change) {
        timeouts.add(change);
        change.accept(view);
    }

    /** The seed of a form; whoever has no session gets a blank ticket. */
    int formSeed() {
        if (visitor == Visitor.NEW && move == Move.NONE && !blankDrawn) {
            blankDrawn = true;
            blankSeed = newSeed.getAsInt();
            base.seed = blankSeed;
            view.seed = blankSeed;
            cookie = Cookie.BLANK;
        }
        return view.seed;
    }

    void login(String user) {
        boolean sameUser = view.user == null || view.user.equals(user);
        ModelRecord carried = sameUser ? view : base;
        ModelRecord fresh = ModelRecord.signedIn(user, now, newSeed.getAsInt());
        if (carried.user == null || carried.user.equals(user)) {
            fresh.copyContent(carried);
        }
        if (!sameUser) {
            timeouts.clear();
            guardedSetHere = false;
        }
        if (!guardedSetHere) {
            fresh.attributes.remove(ModelRecord.GUARDED);
        }
        timeouts.forEach(change -> change.accept(fresh));
        view = fresh;
        move = Move.LOGIN;
        blankDrawn = false;
    }

    void rotate() {
        if (visitor == Visitor.KNOWN && byTicket && move == Move.NONE) {
            move = Move.ROTATE;
        }
    }

    void changeId() {
        if (visitor == Visitor.KNOWN && byTicket && (move == Move.NONE || move == Move.ROTATE)) {
            move = Move.CHANGE_ID;
            view.seed = newSeed.getAsInt();
        } else if (place == null && willCreate() && move == Move.NONE) {
            base.seed = newSeed.getAsInt();
            view.seed = base.seed;
        }
    }

    void logout() {
        ModelPlace here = place;
        if (here != null) {
            here.end();
            place = null;
            visitor = Visitor.NEW;
            cookie = Cookie.CLEARED;
        }
        base = new ModelRecord(now, newSeed.getAsInt());
        blankDrawn = false;
        madeHere = false;
        lastAccess = now;
        discard();
    }

    void discard() {
        view = new ModelRecord(base);
        move = Move.NONE;
        required = false;
        guardedSetHere = false;
        timeouts.clear();
    }

    // Commit.

    /**
     * Stores what was done.
     *
     * @param id the session's id as it was told just before
     */
    void commit(@Nullable String id) {
        ModelPlace here = place;
        Move due = dueMove();
        if (here != null && due == Move.NONE) {
            boolean newEnd = !view.deadlineInForce().equals(base.deadlineInForce());
            here.session = new ModelRecord(view);
            if (byTicket && newEnd && view.remembered) {
                cookie = Cookie.SESSION;
            }
        } else if (here != null || willCreate()) {
            ModelPlace next = new ModelPlace(Objects.requireNonNull(id), new ModelRecord(view), now);
            if (here == null) {
                madeHere = true;
            } else if (due == Move.ROTATE) {
                here.pointTo(next, now);
            } else {
                here.mark(base.seed, now);
            }
            if (view.user != null && view.user.equals(base.user)) {
                next.previous = here;
            }
            made.accept(next);
            place = next;
            byTicket = true;
            visitor = Visitor.KNOWN;
            cookie = Cookie.SESSION;
        } else if (visitor == Visitor.BARRED) {
            discard();
            return;
        } else {
            return;
        }
        base = new ModelRecord(view);
        move = Move.NONE;
        required = false;
        guardedSetHere = false;
        timeouts.clear();
    }

    Cookie cookie() {
        return cookie;
    }

    int blankSeed() {
        return blankSeed;
    }

    /** The session's place after a commit that gave the browser its ticket. */
    ModelPlace place() {
        return Objects.requireNonNull(place, "a session was stored");
    }

    /** When the browser forgets the ticket; null for when it is closed. */
    @Nullable
    Instant cookieEnd() {
        return base.remembered ? base.deadlineInForce() : null;
    }

    static Duration shortIdle() {
        return Duration.ofSeconds(421);
    }
}
