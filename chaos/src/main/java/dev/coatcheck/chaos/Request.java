package dev.coatcheck.chaos;

import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.chaos.Entry.Outcome;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** One request of a life, from its ticket to its answer. */
final class Request {
    private final long life;
    private final Entry entry;
    private final Duration thought;

    private Request(long life, Entry entry, Duration thought) {
        this.life = life;
        this.entry = entry;
        this.thought = thought;
    }

    /**
     * Sends it, and notes in its entry what came of it.
     *
     * @param thought what the application takes between what it reads and what it stores
     */
    static Entry send(World world, long life, int id, Kind kind, TestBrowser browser, AppNode node, Duration thought) {
        Entry entry = new Entry(id, kind, node.number(), world.moments().next());
        long begun = System.nanoTime();
        new Request(life, entry, thought).send(browser, node);
        entry.told = world.moments().next();
        world.tally().count(entry, System.nanoTime() - begun - thought.toNanos());
        return entry;
    }

    private void send(TestBrowser browser, AppNode node) {
        try {
            browser.through(node.sessions()).visit(this::handle);
        } catch (SessionUnavailableException e) {
            entry.unavailable = true;
            // Whether it is certain that nothing was stored, an application is not told.
            entry.outcome = entry.storing ? Outcome.UNKNOWN : Outcome.REFUSED;
        } catch (SessionConflictException e) {
            entry.outcome = Outcome.REFUSED;
        }
    }

    private void handle(Session session) {
        if (entry.kind == Kind.LOG_OUT) {
            logOut(session);
            return;
        }
        Seen seen = Seen.of(session);
        entry.seen = seen;
        if (seen == null && entry.kind != Kind.NEW) {
            entry.absent = true;
            entry.outcome = Outcome.REFUSED;
            return;
        }
        Waiter.pass(thought);
        entry.storing = true;
        try {
            change(session);
            session.commit();
        } catch (SessionUnavailableException | SessionConflictException e) {
            session.discard(); // or the response would try it once more, and nobody would hear of that
            throw e;
        }
        boolean stays = session.id() != null && session.has(Seen.OWNER);
        if (!stays && entry.kind == Kind.LOGIN) {
            entry.absent = true; // signed in, with nothing of the session that there was
        } else if (!stays) {
            entry.outcome =
                    Outcome.UNKNOWN; // the session ended meanwhile, and values that are set are dropped without a word
        }
    }

    /** Without a look at the session where the store is away: the ticket is worth nothing to this process from then on. */
    private void logOut(Session session) {
        try {
            entry.seen = Seen.of(session);
            entry.absent = entry.seen == null;
        } catch (SessionUnavailableException e) {
            entry.unavailable = true;
        }
        Waiter.pass(thought);
        boolean confirmed = session.logout();
        entry.outcome = entry.absent ? Outcome.REFUSED : confirmed ? Outcome.ACKNOWLEDGED : Outcome.UNKNOWN;
    }

    private long value() {
        return Seen.value(life, entry.id);
    }

    private void change(Session session) {
        switch (entry.kind) {
            case NEW -> {
                session.set(Seen.OWNER, life);
                session.set(Seen.LOG, List.of());
                session.set(Seen.COUNT, 0);
            }
            case UPDATE -> update(session);
            case SET -> {
                boolean first = entry.id % 2 == 0;
                session.set(first ? Seen.FIRST : Seen.SECOND, value());
                puts(first ? Register.FIRST : Register.SECOND);
            }
            case SEVERAL -> {
                session.set(Seen.LEFT, value());
                session.set(Seen.RIGHT, value());
                puts(Register.PAIR);
            }
            case OFFER -> {
                session.set(Seen.GIFT, value());
                puts(Register.GIFT);
            }
            case TAKE -> {
                Long taken = session.take(Seen.GIFT);
                if (taken != null) {
                    entry.taken = taken;
                    entry.register = Register.GIFT;
                }
            }
            case FLASH -> session.flash(String.valueOf(value()));
            case TAKE_FLASH ->
                entry.messages = session.takeFlash().stream().map(Long::valueOf).toList();
            case ROTATE -> {
                update(session);
                session.rotate();
            }
            case CHANGE_ID -> {
                update(session);
                session.changeId();
            }
            case LOGIN -> {
                update(session);
                session.login(Seen.user(life));
                entry.register = Register.USER;
                entry.value = Seen.value(life, 0);
            }
            case READ, LOG_OUT, OLD_TICKET -> {}
        }
    }

    private void puts(Register register) {
        entry.register = register;
        entry.value = value();
    }

    private void update(Session session) {
        entry.updates = true;
        session.update(Seen.COUNT, 0, n -> n + 1);
        session.update(Seen.LOG, List.of(), this::longer);
    }

    private List<Long> longer(List<Long> log) {
        List<Long> longer = new ArrayList<>(Objects.requireNonNull(log));
        longer.add(value());
        return longer;
    }
}
