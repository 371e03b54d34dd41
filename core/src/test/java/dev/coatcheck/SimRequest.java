package dev.coatcheck;

import dev.coatcheck.SimOp.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One request, from its tickets to its answer. */
final class SimRequest {
    private final SimNode node;
    private final SimBrowser browser;
    private final SimChecker checker;
    private final SimTrace trace;
    private final List<SessionToken> tickets;
    private final Floor floor;
    private final SimOp op;
    private final Instant startedAt;

    SimRequest(
            SimNode node,
            SimBrowser browser,
            SimChecker checker,
            SimTrace trace,
            List<SessionToken> tickets,
            SimOp op) {
        this.node = node;
        this.browser = browser;
        this.checker = checker;
        this.trace = trace;
        this.tickets = tickets;
        floor = browser.floor();
        op.current = browser.hasOnly(tickets);
        this.op = op;
        startedAt = node.protocol.now();
    }

    void start() {
        trace.add(() -> op + " begins at " + node.name + " with "
                + tickets.stream()
                        .map(ticket ->
                                SimHistory.name(node.protocol.address(ticket).key()))
                        .toList());
        node.run(() -> node.arrival.find(new RequestTickets(tickets, null, floor, 0)), this::found, this::failed);
    }

    private void found(Loaded loaded) {
        trace.add(() -> op + " finds " + loaded.getClass().getSimpleName());
        checker.found(node, tickets, op, startedAt, loaded);
        if (op.kind == Kind.READ) {
            return;
        }
        if (op.kind == Kind.LOG_OUT) {
            logOut(loaded);
        } else if (loaded instanceof Loaded.Live live) {
            commit(live);
        } else if (loaded instanceof Loaded.Visitor || loaded instanceof Loaded.Barred && op.kind == Kind.LOGIN) {
            create();
        }
    }

    private void commit(Loaded.Live found) {
        Sighting.Live live = found.live();
        List<Change> changes = op.begin(live.session());
        Tries tries = Tries.first(node.protocol);
        SessionToken token = node.protocol.draw(live.session());
        boolean byPointer = found.token() == null; // who came by one cannot be sent a new id
        node.run(
                () -> {
                    boolean asked = op.kind == Kind.ROTATE || op.kind == Kind.CHANGE_ID;
                    if (op.kind == Kind.LOGIN || asked && !byPointer) {
                        return node.rotation.move(live, move(), changes, token, DeviceHint.NONE, tries);
                    }
                    return byPointer
                            ? node.commit.saveFollowed(live, changes, tries)
                            : node.commit.save(live, changes, tries);
                },
                result -> {
                    if (result instanceof Committed.Kept kept && kept.shaky()) {
                        browser.remember(
                                Objects.requireNonNull(found.token()),
                                kept.live().address().id(),
                                kept.live().envelope().version());
                    }
                    committed(live, result);
                },
                this::failed);
    }

    private Move move() {
        return switch (op.kind) {
            case ROTATE -> Moves.rotate();
            case CHANGE_ID -> Moves.changeId(node.protocol.newCsrfSeed());
            default -> Moves.login(login(), empty(), Set.of());
        };
    }

    private SessionRecord.Login login() {
        return new SessionRecord.Login("alice", node.protocol.newDeviceId(), node.protocol.now());
    }

    private SessionRecord empty() {
        Protocol.Lifetimes lifetimes = node.protocol.lifetimes();
        return SessionRecord.empty(
                node.protocol.now(), lifetimes.idle(), lifetimes.absolute(), node.protocol.newCsrfSeed());
    }

    private void create() {
        SessionRecord session = empty();
        if (op.kind == Kind.LOGIN) {
            session = session.signedIn(login());
        }
        SessionRecord full = Change.applyAll(op.begin(session), session);
        SessionToken token = node.protocol.draw(full);
        node.run(
                () -> node.rotation.create(full, token, DeviceHint.NONE, Tries.first(node.protocol)),
                result -> committed(null, result),
                this::failed);
    }

    private void committed(Sighting.@Nullable Live base, Committed result) {
        trace.add(() -> op + " is told " + result.getClass().getSimpleName());
        checker.told(node, op, base, result);
        if (result instanceof Committed.Moved moved) {
            browser.take(moved.token());
            if (moved.shaky()) {
                browser.remember(
                        moved.token(),
                        moved.live().address().id(),
                        moved.live().envelope().version());
            }
        }
    }

    private void failed(SessionException failure) {
        trace.add(() -> op + " is told " + failure.getMessage());
        checker.told(op, failure);
    }

    // The end

    private void logOut(Loaded loaded) {
        if (loaded instanceof Loaded.Live found) {
            logOut(found.live());
        } else if (loaded instanceof Loaded.Barred barred) {
            barred.rivals().forEach(this::logOut);
        } else if (loaded instanceof Loaded.Away) {
            // Nobody can say what the tickets lead to: their own keys are ended.
            tickets.forEach(this::logOut);
        }
        browser.clear();
    }

    private void logOut(Sighting.Live live) {
        Instant until = node.protocol.lifetimes().deadline(live.session());
        checker.logsOut(live.address().key());
        node.run(
                () -> node.logOut.of(live),
                ended -> {
                    trace.add(() -> op + " is told " + (ended.confirmed() ? "confirmed" : "not confirmed"));
                    if (!ended.confirmed()) {
                        node.ends.add(ended.address(), until);
                    }
                    List<SessionToken> led = tickets.size() == 1 ? tickets : List.of();
                    checker.loggedOut(node, led, ended.address().key(), ended.confirmed());
                },
                this::failed);
    }

    private void logOut(SessionToken ticket) {
        Address address = node.protocol.address(ticket);
        checker.logsOut(address.key());
        Instant until = node.protocol.now().plus(node.protocol.lifetimes().rememberedAbsolute());
        Step<Boolean> end = new Step.End<>(address.key(), until, Step.Done::new);
        node.run(
                () -> end,
                confirmed -> {
                    if (confirmed) {
                        checker.confirmed(address.key());
                    } else {
                        node.ends.add(address, until);
                    }
                },
                this::failed);
    }
}
