package dev.coatcheck;

import dev.coatcheck.SessionEvent.Kind;
import java.time.Duration;
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
    private final Chores chores;
    private final UnconfirmedEnds unconfirmed;
    private final LogOut logOut;
    private final Sweep sweep;
    private final HealthWatch watch;
    private final Entrance entrance;
    private final DeviceVerbs devices;
    private final MinuteLog noSessionLog;
    private final MinuteLog rejectedLog;

    /** @param chores does what no request waits for; closed with this */
    SessionEngine(Settings settings, Protocol protocol, Chores chores) {
        this.chores = chores;
        this.settings = settings;
        this.protocol = protocol;
        driver = new Driver(settings.store(), protocol.counters());
        unconfirmed = new UnconfirmedEnds(protocol, driver, chores);
        Lookup lookup = new Lookup(protocol, unconfirmed::addDead);
        logOut = new LogOut(protocol, lookup);
        arrival = new Arrival(protocol, lookup, new KnownAbsences(settings.store(), protocol.clock()), unconfirmed);
        commit = new Commit(protocol, lookup);
        UserIndex index = new UserIndex(protocol, settings.indexPolicy());
        SignOut signOut = new SignOut(protocol, index, new Burial(protocol), unconfirmed);
        entrance = new Entrance(protocol, index, signOut);
        devices = new DeviceVerbs(settings, driver, index, signOut, new DeviceList(protocol, index));
        rotation = new Rotation(protocol, lookup, commit, entrance);
        sweep = new Sweep(settings.store(), protocol);
        watch = new HealthWatch(settings.store(), protocol, System::nanoTime);
        if (!settings.store().needsRequestThread()) {
            lookAfterTheStore();
        }
        noSessionLog = new MinuteLog(protocol.clock());
        rejectedLog = new MinuteLog(protocol.clock());
    }

    /** What takes longer than a request should be held up for. */
    private void lookAfterTheStore() {
        SessionStore store = settings.store();
        Duration every = settings.sweepEvery();
        if (store.needsSweep() && !every.isZero() && !every.isNegative()) {
            sweep.start(every, protocol.random(), chores);
        }
        if (store.leavesProcess()) { // what is in this process tells of itself
            watch.start(chores);
        }
    }

    Settings settings() {
        return settings;
    }

    Protocol protocol() {
        return protocol;
    }

    DeviceVerbs devices() {
        return devices;
    }

    HealthWatch watch() {
        return watch;
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
            Committed.Moved created = (Committed.Moved)
                    driver.run(rotation.create(create.session(), create.token(), create.hint(), tries));
            protocol.counters().created.increment();
            tell(Kind.CREATED, created.live(), null);
            return created;
        } else if (plan instanceof Plan.Save save) {
            keepEntryAsLong(save);
            Step<Committed> step = save.followed()
                    ? commit.saveFollowed(save.live(), save.changes(), tries)
                    : commit.save(save.live(), save.changes(), tries);
            return counted(driver.run(step), save.live());
        } else if (plan instanceof Plan.Rotate move) {
            Committed moved = driver.run(
                    rotation.move(move.live(), move.move(), move.changes(), move.token(), move.hint(), tries));
            leaveAsFormerUser(move.live(), moved);
            return counted(moved, move.live());
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

    /** A session that becomes a remembered one under its id outlives its entry, which is to last as long first. */
    private void keepEntryAsLong(Plan.Save save) {
        Sighting.Live live = save.live();
        SessionRecord.Login login = live.session().login();
        if (!entrance.isOn() || login == null || live.session().remembered()) {
            return;
        }
        SessionRecord session = Change.applyAll(save.changes(), live.session());
        if (session.remembered()) {
            Entering stays = Entering.of(session, live.address(), live, protocol.lifetimes(), DeviceHint.NONE);
            driver.run(entrance.enter(stays, () -> new Step.Done<>(true)));
        }
    }

    /** Another user has signed in with the session: it is none of the former one's any more. */
    private void leaveAsFormerUser(Sighting.Live before, Committed committed) {
        Sighting.Live now = committed.now();
        String formerUser = before.session().userId();
        if (committed instanceof Committed.Moved
                && now != null
                && formerUser != null
                && !formerUser.equals(now.session().userId())) {
            leave(before);
        }
    }

    /** Takes an ended session out of its user's index. Where that fails, its entry is without effect and ends by itself. */
    private void leave(Sighting.Live ended) {
        SessionRecord.Login login = ended.session().login();
        if (entrance.isOn() && login != null) {
            try {
                driver.run(entrance.leave(login.userId(), login.device()));
            } catch (SessionException e) {
                LOG.debug("An entry of an ended session stays in its user's index until its own end");
            }
        }
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
        boolean confirmed = told(ended, until, live.session().userId());
        if (confirmed) {
            leave(live);
        }
        return confirmed;
    }

    /** Ends what a ticket leads to, when the store cannot be asked what that is. */
    boolean end(SessionToken token) {
        Address address = protocol.address(token);
        Instant until = protocol.now().plus(settings.longestLifetime());
        Step<Boolean> end = new Step.End<>(address.key(), until, Step.Done::new);
        return told(new LogOut.Ended(address, driver.run(end)), until, null);
    }

    /** A session that was used and not stored: its lease goes on from here, where loading it could not see to that. */
    void renew(Sighting.Live live) {
        Address address = live.address();
        if (!driver.renew(address.key(), live.version(), address.leaseClass().lease())) {
            LOG.debug("A lease was not renewed");
        }
    }

    int sweep(int limit) {
        return sweep.sweep(limit);
    }

    /** After a request that used its session. */
    void requestOver() {
        chores.requestOver();
        settings.store().requestOver();
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
        chores.close();
    }
}
