package dev.coatcheck;

import dev.coatcheck.Protocol.Lifetimes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one request's session, and what is to become of it. In memory alone; every method but {@link #scope} and
 * {@link #tickets} is called with the session's lock held.
 */
final class RequestState {
    /** Close to the last version of an id, the session moves to another one. */
    private static final int VERSION_TO_ROTATE_AT = Envelope.LAST_VERSION - 1_000;

    private final SessionEngine engine;
    private final SessionExchange exchange;
    private final Instant now;
    private final ConnectionScope scope;
    private final RequestTickets tickets;
    private final Departure departure;

    private @Nullable Loaded loaded;
    private WorkingCopy copy;
    private @Nullable SessionToken nextToken;
    private @Nullable SessionToken blankTicket;
    private Sighting.@Nullable Live unreadable;
    private DeviceHint hint = DeviceHint.NONE;
    private boolean required;
    private boolean madeHere;
    private Instant lastAccessedAt;

    RequestState(SessionEngine engine, SessionExchange exchange) {
        this.engine = engine;
        this.exchange = exchange;
        now = engine.protocol().now();
        lastAccessedAt = now;
        scope = engine.settings().connections().of(exchange);
        tickets = engine.tickets(exchange, scope);
        departure = new Departure(
                engine.settings().cookie(),
                engine.protocol().tokens(),
                engine.protocol().derivation());
        copy = emptyCopy(engine.protocol().newCsrfSeed());
    }

    private SessionRecord empty(Instant madeAt, byte[] csrfSeed) {
        Lifetimes lifetimes = engine.settings().lifetimes();
        return SessionRecord.empty(madeAt, lifetimes.idle(), lifetimes.absolute(), csrfSeed);
    }

    private WorkingCopy emptyCopy(byte[] csrfSeed) {
        return new WorkingCopy(engine.settings().codec(), empty(now, csrfSeed));
    }

    // What the request brought

    ConnectionScope scope() {
        return scope;
    }

    RequestTickets tickets() {
        return tickets;
    }

    Instant now() {
        return now;
    }

    boolean isLoaded() {
        return loaded != null;
    }

    Loaded loaded() {
        return Objects.requireNonNull(loaded, "loaded before");
    }

    void loaded(Loaded found) {
        loaded = found;
        if (found instanceof Loaded.Live live) {
            copy = new WorkingCopy(engine.settings().codec(), live.live().session());
            lastAccessedAt = now.minus(live.live().idleFor()).truncatedTo(ChronoUnit.MILLIS);
        } else if (found instanceof Loaded.Visitor visitor && visitor.blankTicket() != null) {
            blankTicket = visitor.blankTicket();
            copy = emptyCopy(engine.protocol()
                    .derivation()
                    .blankSeed(visitor.blankTicket().secret()));
        } else if (found instanceof Loaded.Barred barred) {
            if (barred.csrfSeed() != null) {
                copy = emptyCopy(barred.csrfSeed());
            }
            if (!barred.rivals().isEmpty()) {
                departure.clearStrays();
            }
        }
    }

    Departure departure() {
        return departure;
    }

    WorkingCopy copy() {
        return copy;
    }

    Sighting.@Nullable Live live() {
        return loaded instanceof Loaded.Live live ? live.live() : null;
    }

    @Nullable
    SessionUnavailableException away() {
        return loaded instanceof Loaded.Away away ? away.cause() : null;
    }

    /** A visitor may get a session; who was refused one gets it by signing in alone. */
    private boolean mayCreate() {
        Move move = copy.move();
        return loaded instanceof Loaded.Visitor
                || loaded instanceof Loaded.Barred && move != null && move.reason() == Move.Reason.LOGIN;
    }

    /** Whether there is a session, or one will be made at commit. */
    boolean hasSession() {
        return live() != null || mayCreate() && hasContent();
    }

    private boolean hasContent() {
        return required || copy.move() != null || !copy.view().attributes().isEmpty();
    }

    void require() {
        required = true;
    }

    /**
     * Refuses what could not be carried out any more.
     *
     * @throws IllegalStateException when the response's header is out and it would need a cookie
     */
    void needsCookie(String what) {
        if (!exchange.takesCookies() && !(loaded instanceof Loaded.Nobody)) {
            throw new IllegalStateException(
                    what
                            + " needs a cookie, and the response's header is out already: do it before the response's first byte");
        }
    }

    // Users and ids

    /** When the session ends if nobody uses it from now on. */
    Instant expiresAt() {
        SessionRecord session = copy.view();
        Instant idleEnd = now.plus(engine.settings().lifetimes().idle(session));
        Instant deadline = engine.settings().lifetimes().deadline(session);
        return idleEnd.isBefore(deadline) ? idleEnd : deadline;
    }

    /** A sign-in; what was set for another user before it goes. */
    void login(String userId, DeviceHint device) {
        hint = device;
        Protocol protocol = engine.protocol();
        Instant at = protocol.now();
        SessionRecord.Login login = new SessionRecord.Login(userId, protocol.newDeviceId(), at);
        boolean sameUser = Moves.mayCarry(copy.view(), login);
        Move move = Moves.login(
                login, empty(at, protocol.newCsrfSeed()), engine.settings().guardedNames());
        copy.move(move, sameUser);
        blankTicket = null;
    }

    /** Whether this request made the session that there is. */
    boolean isMadeHere() {
        return madeHere;
    }

    /** When an earlier request used the session; a commit of this one does not change that. */
    Instant lastAccessedAt() {
        return lastAccessedAt;
    }

    /** The public id, that of the new ticket where one is due. */
    @Nullable
    String id() {
        Sighting.Live live = live();
        if (live == null && !hasSession()) {
            return null;
        }
        Move move = dueMove();
        return live != null && move == null
                ? live.address().id()
                : engine.protocol().derivation().id(nextToken().secret());
    }

    /** The public id of the first ticket that the request brought. */
    @Nullable
    String requestedId() {
        List<SessionToken> brought = tickets.sessions();
        return brought.isEmpty()
                ? null
                : engine.protocol().derivation().id(brought.get(0).secret());
    }

    /** The ticket that the next commit gives; it keeps its id when the session outgrows its lease class before that. */
    private SessionToken nextToken() {
        LeaseClass fitting = engine.settings().lifetimes().leaseClass(copy.view());
        SessionToken token = nextToken;
        if (token == null) {
            token = engine.protocol().draw(copy.view());
        } else if (token.leaseClass() != fitting) {
            token = token.withLeaseClass(fitting);
        }
        nextToken = token;
        return token;
    }

    /** The new id that was asked for, or that the session needs: who came by a pointer cannot be sent one. */
    private @Nullable Move dueMove() {
        Move asked = copy.move();
        if (asked != null
                || !(loaded instanceof Loaded.Live live)
                || live.token() == null
                || !exchange.takesCookies()) {
            return asked;
        }
        Lifetimes lifetimes = engine.settings().lifetimes();
        Address address = live.live().address();
        boolean outgrown = lifetimes.leaseClass(copy.view()).compareTo(address.leaseClass()) > 0;
        boolean writtenOften = live.live().envelope().version() >= VERSION_TO_ROTATE_AT;
        return outgrown || writtenOften && copy.isChanged() ? Moves.rotate() : null;
    }

    /** Whether a new id can be given at all: not to nobody, and not to who came by a pointer. */
    boolean mayRotate() {
        return loaded instanceof Loaded.Live live && live.token() != null && copy.move() == null;
    }

    /** Whether a rotation that was asked for may become a change of id. */
    boolean mayChangeId() {
        Move move = copy.move();
        return loaded instanceof Loaded.Live live
                && live.token() != null
                && (move == null || move.reason() == Move.Reason.ROTATE);
    }

    /** Gives a session that is not stored yet another id and CSRF seed at once; nothing happens to any other. */
    void changeIdOfUnstored(byte[] csrfSeed) {
        if (live() == null && hasSession()) {
            needsCookie("A new id");
            nextToken = null;
            copy.rebase(copy.base().withCsrfSeed(csrfSeed));
        }
    }

    // CSRF

    /** The seed of this request's forms; a visitor gets a blank ticket for it. */
    byte[] seedForForm() {
        if (loaded instanceof Loaded.Visitor && copy.move() == null && blankTicket == null) {
            needsCookie("A CSRF token for a visitor");
            SessionToken ticket = engine.protocol().tokens().drawBlank();
            blankTicket = ticket;
            byte[] seed = engine.protocol().derivation().blankSeed(ticket.secret());
            copy.rebase(copy.base().withCsrfSeed(seed));
            departure.give(ticket, null);
        }
        return copy.view().csrfSeed();
    }

    // Commit

    /** What a commit has to do now; null for nothing. */
    @Nullable
    Plan plan() {
        if (unreadable != null) {
            return new Plan.End(unreadable);
        }
        if (exchange.isCommitted()) {
            // A typed value that is still being changed belongs to the next request. What was got by name is alive as
            // in
            // any HttpSession: frameworks put an object there once and fill it until their page is written.
            copy.settleUntyped();
        } else {
            copy.settleAll();
        }
        if (!exchange.takesCookies() && copy.move() != null) {
            // No cookie can go out any more: a new id would leave the browser with none.
            engine.dropped();
            discard();
        }
        List<Change> changes = copy.changes();
        Sighting.Live live = live();
        if (live != null) {
            Move move = dueMove();
            if (move != null) {
                return new Plan.Rotate(live, changes, move, nextToken(), hint);
            }
            return changes.isEmpty() ? null : new Plan.Save(live, changes, ((Loaded.Live) loaded()).token() == null);
        }
        if (mayCreate() && hasContent() && exchange.takesCookies()) {
            return new Plan.Create(copy.view(), nextToken(), changes, copy.move(), hint);
        }
        if (!changes.isEmpty() && !mayCreate() && away() == null) {
            engine.dropped();
            copy.discard();
        }
        return null;
    }

    void committed(Plan plan, Committed result) {
        if (unreadable != null && !(plan instanceof Plan.End)) {
            // Another thread found it unreadable during the commit: what is stored by now is what must end.
            Sighting.Live now = result.now();
            unreadable = now == null ? unreadable : now;
        } else if (result instanceof Committed.Kept kept) {
            Sighting.Live before = Objects.requireNonNull(live());
            SessionToken token = ((Loaded.Live) loaded()).token();
            boolean newEnd = !deadline(kept.live()).equals(deadline(before))
                    || !before.session().remembered();
            stored(plan, kept.live(), token);
            if (token != null && kept.shaky()) {
                remember(token, kept.live());
            }
            if (token != null && newEnd && kept.live().session().remembered()) {
                departure.give(token, maxAge(kept.live()));
            }
        } else if (result instanceof Committed.Followed followed) {
            stored(plan, followed.live(), null);
        } else if (result instanceof Committed.Moved moved) {
            madeHere |= plan instanceof Plan.Create;
            stored(plan, moved.live(), moved.token());
            departure.give(moved.token(), maxAge(moved.live()));
            if (moved.shaky()) {
                remember(moved.token(), moved.live());
            }
        } else {
            gone(plan);
        }
    }

    private void remember(SessionToken token, Sighting.Live live) {
        departure.remember(
                token,
                live.address().id(),
                live.envelope().version(),
                live.address().leaseClass().lease());
    }

    private void stored(Plan plan, Sighting.Live live, @Nullable SessionToken token) {
        loaded = new Loaded.Live(live, token);
        copy.committed(live.session(), plan.changes(), plan.move());
        nextToken = null;
        required = false;
    }

    private void gone(Plan plan) {
        boolean wasUnreadable = plan instanceof Plan.End;
        unreadable = null;
        if (!wasUnreadable) {
            // Another request ended it, and may have given the browser a newer ticket: this response says nothing.
            reset(new Loaded.Barred(null, List.of()));
            departure.silent();
        }
    }

    private Instant deadline(Sighting.Live live) {
        return engine.settings().lifetimes().deadline(live.session());
    }

    private @Nullable Duration maxAge(Sighting.Live live) {
        return live.session().remembered() ? Duration.between(now, deadline(live)) : null;
    }

    // Ends

    /** What a log-out ends: the session that there is, or that cannot be read, or all of those that bar each other. */
    List<Sighting.Live> toEnd() {
        Sighting.Live one = unreadable == null ? live() : unreadable;
        if (one != null) {
            return List.of(one);
        }
        return loaded instanceof Loaded.Barred barred ? barred.rivals() : List.of();
    }

    /** A log-out: what is pending is forgotten, and the browser's ticket where it led to a session. */
    void loggedOut(boolean hadSession) {
        unreadable = null;
        if (hadSession) {
            ended();
        } else {
            reset(loaded());
        }
    }

    /** The session is over, and the browser is to forget its ticket; what comes now is a new one. */
    private void ended() {
        reset(new Loaded.Visitor(null));
        departure.takeBack();
    }

    /** A guarded attribute cannot be read: to this request the session is over, at commit to everybody. */
    void unreadable() {
        Sighting.Live live = live();
        if (live != null) {
            engine.protocol()
                    .events()
                    .tell(SessionEvent.Kind.CORRUPT, live.address().id());
            unreadable = live;
        }
        ended();
    }

    /** Forgets what is pending. */
    void discard() {
        copy.discard();
        nextToken = null;
        required = false;
    }

    private void reset(Loaded next) {
        loaded = next;
        copy = emptyCopy(engine.protocol().newCsrfSeed());
        nextToken = null;
        blankTicket = null;
        required = false;
        madeHere = false;
        lastAccessedAt = now;
    }
}
