package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what requests need of the store: finding, storing and ending sessions. Safe for use by many threads. */
final class SessionEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);

    private final Settings settings;
    private final Protocol protocol;
    private final Driver driver;
    private final Arrival arrival;
    private final Commit commit;
    private final Rotation rotation;
    private final UnconfirmedEnds unconfirmed;
    private final LogOut logOut;
    private final @Nullable Sweep sweep;
    private final MinuteLog noSessionLog;
    private final MinuteLog rejectedLog;

    SessionEngine(Settings settings, Protocol protocol) {
        this.settings = settings;
        this.protocol = protocol;
        driver = new Driver(settings.store(), protocol.counters());
        unconfirmed = new UnconfirmedEnds(protocol, driver);
        Lookup lookup = new Lookup(protocol, unconfirmed::addDead);
        logOut = new LogOut(protocol, lookup);
        arrival = new Arrival(protocol, lookup, new KnownAbsences(settings.store(), protocol.clock()), unconfirmed);
        commit = new Commit(protocol, lookup);
        rotation = new Rotation(protocol, lookup, commit);
        SessionStore store = settings.store();
        boolean sweeps = store.needsSweep()
                && !settings.sweepEvery().isZero()
                && !settings.sweepEvery().isNegative();
        sweep = sweeps ? Sweep.start(store, settings.sweepEvery(), protocol.counters(), protocol.events()) : null;
        noSessionLog = new MinuteLog(protocol.clock());
        rejectedLog = new MinuteLog(protocol.clock());
    }

    Settings settings() {
        return settings;
    }

    Protocol protocol() {
        return protocol;
    }

    /** The tickets that a request brought; none on a connection that gets no session. No I/O. */
    RequestTickets tickets(SessionExchange exchange, ConnectionScope scope) {
        return scope == ConnectionScope.NONE
                ? RequestTickets.NONE
                : RequestTickets.read(exchange, settings.cookie().name(scope), protocol.tokens());
    }

    /** Finds a request's session. One round trip for each ticket of a session; none without one. */
    Loaded load(ConnectionScope scope, RequestTickets tickets) {
        if (scope == ConnectionScope.NONE) {
            noSessionLog.run(times -> LOG.warn(
                    "No session for a request over plain HTTP (with {} more in the last minute). Behind a proxy that ends TLS "
                            + "set plainHttp to TLS_ENDS_AT_PROXY; with LOCALHOST only this machine's own requests get one",
                    times - 1));
            return new Loaded.Nobody();
        }
        if (tickets.rejected() > 0) {
            protocol.counters().rejected.add(tickets.rejected());
            protocol.events().tell(Kind.REJECTED, null);
            rejectedLog.run(times ->
                    LOG.info("{} requests of the last minute brought session cookies that are none of ours", times));
        }
        Loaded loaded = driver.run(arrival.find(tickets));
        if (loaded instanceof Loaded.Away) {
            protocol.events().tell(Kind.DEGRADED, null);
        }
        return loaded;
    }

    /** Does what a commit is to do. */
    Committed carryOut(Plan plan) {
        try {
            return tryToCarryOut(plan);
        } catch (SessionUnavailableException e) {
            protocol.events().tell(Kind.DEGRADED, null);
            throw e;
        }
    }

    private Committed tryToCarryOut(Plan plan) {
        Tries tries = Tries.first(protocol);
        if (plan instanceof Plan.Create create) {
            Committed.Moved created =
                    (Committed.Moved) driver.run(rotation.create(create.session(), create.token(), tries));
            protocol.counters().created.increment();
            tell(Kind.CREATED, created.live(), null);
            return created;
        } else if (plan instanceof Plan.Save save) {
            Step<Committed> step = save.followed()
                    ? commit.saveFollowed(save.live(), save.changes(), tries)
                    : commit.save(save.live(), save.changes(), tries);
            return counted(driver.run(step), save.live());
        } else if (plan instanceof Plan.Rotate move) {
            return counted(
                    driver.run(rotation.move(move.live(), move.move(), move.changes(), move.token(), tries)),
                    move.live());
        } else if (plan instanceof Plan.End end) {
            Sighting.Live live = end.live();
            Instant until = protocol.lifetimes().deadline(live.session());
            if (!driver.run(new Step.End<>(live.address().key(), until, Step.Done<Boolean>::new))) {
                unconfirmed.add(live.address(), until);
            }
            return new Committed.Gone(false);
        }
        throw new IllegalStateException("No plan: " + plan);
    }

    private Committed counted(Committed committed, Sighting.Live before) {
        if (committed instanceof Committed.Moved moved) {
            protocol.counters().rotated.increment();
            tell(Kind.ROTATED, moved.live(), before.address().id());
        } else if (committed instanceof Committed.Gone gone && gone.dropped()) {
            protocol.counters().dropped.increment();
            tell(Kind.REJECTED, before, null);
        }
        return committed;
    }

    private void tell(Kind kind, Sighting.Live live, @Nullable String previousId) {
        protocol.events()
                .tell(kind, live.address().id(), previousId, live.session().userId());
    }

    /** Counts changes that nobody could store, since the request has no session to store them in. */
    void dropped() {
        protocol.counters().dropped.increment();
        protocol.events().tell(Kind.REJECTED, null);
    }

    /** Ends a session. True when the store confirmed; else this process refuses the id and tries again. */
    boolean end(Sighting.Live live) {
        LogOut.Ended ended = driver.run(logOut.of(live));
        Instant until = protocol.lifetimes().deadline(live.session());
        return told(ended, until, live.session().userId());
    }

    /** Ends what a ticket leads to, when the store cannot be asked what that is. */
    boolean end(SessionToken token) {
        Address address = protocol.address(token);
        Instant until = protocol.now().plus(settings.longestLifetime());
        Step<Boolean> end = new Step.End<>(address.key(), until, Step.Done::new);
        return told(new LogOut.Ended(address, driver.run(end)), until, null);
    }

    private boolean told(LogOut.Ended ended, Instant until, @Nullable String userId) {
        if (ended.confirmed()) {
            protocol.counters().loggedOut.increment();
            protocol.events().tell(Kind.LOGGED_OUT, ended.address().id(), null, userId);
        } else {
            unconfirmed.add(ended.address(), until);
        }
        return ended.confirmed();
    }

    @Override
    public void close() {
        if (sweep != null) {
            sweep.close();
        }
        unconfirmed.close();
    }
}
