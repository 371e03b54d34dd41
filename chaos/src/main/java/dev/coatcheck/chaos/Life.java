package dev.coatcheck.chaos;

import dev.coatcheck.chaos.Entry.Outcome;
import dev.coatcheck.test.TestBrowser;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * One session from its making to its end, in a browser of its own, and all that its requests were told. What it asks for hangs
 * on the run's seed and its number alone. For one thread at a time.
 */
final class Life {
    private static final String COOKIE = "__Host-SID";
    private static final int MOST_TURNS = 50;
    private static final int MOST_AT_ONCE = 4;
    /** Of so many turns one is of several requests at once. */
    private static final int TURNS_OF_ONE = 8;
    /** The 15 seconds in which requests on their way are served under the old id, and one for the grain of clocks. */
    private static final Duration GRACE = Duration.ofSeconds(16);

    private final World world;
    private final long number;
    private final SplittableRandom random;
    private final TestBrowser browser;
    private final List<Entry> entries = new ArrayList<>();
    private final List<OldTicket> oldTickets = new ArrayList<>();
    private int turnsLeft;
    private int ids;
    private int looks;
    private Duration slow = Duration.ZERO;
    private volatile boolean over;
    /** When the latest request began that has found the session. */
    private volatile long servedAt;

    Life(World world, long number) {
        this.world = world;
        this.number = number;
        random = new SplittableRandom(world.seed() * 31 + number);
        browser = new TestBrowser(world.nodes().get(0).sessions(), world.clock());
        turnsLeft = 1 + random.nextInt(MOST_TURNS);
    }

    /** Whether nothing is left to do with it. */
    boolean isOver() {
        return over;
    }

    /** Whether it is there and no request that began since a moment has found it. */
    boolean isForgottenSince(long moment) {
        return !over && servedAt < moment;
    }

    /**
     * Sends the next request, or several at once; when all have been sent, has a last look through each node.
     *
     * @param hurry whether to have the last look at once
     * @param slowness the longest that the application takes over a request
     * @return whether the store was there
     */
    boolean turn(boolean hurry, Duration slowness) throws InterruptedException {
        slow = slowness;
        if (entries.isEmpty()) {
            return hurry ? notAtAll() : begin();
        }
        if (turnsLeft <= 0 || hurry) {
            return lastLook();
        }
        turnsLeft--;
        TestBrowser before = browser.copyOfJar();
        return told(random.nextInt(TURNS_OF_ONE) == 0 ? several() : List.of(send(Kind.any(random), any())), before);
    }

    private AppNode any() {
        return world.nodes().get(random.nextInt(world.nodes().size()));
    }

    private Entry send(Kind kind, AppNode node) {
        return send(++ids, kind, node, thought());
    }

    private Entry send(int id, Kind kind, AppNode node, Duration thought) {
        return Request.send(world, number, id, kind, browser, node, thought);
    }

    /** Drawn whatever comes of it, so that what is drawn next does not hang on it. */
    private Duration thought() {
        return slow.multipliedBy(random.nextInt(100)).dividedBy(100);
    }

    private boolean notAtAll() {
        over = true;
        return true;
    }

    /** What is not acknowledged is a session that nobody has the ticket of. */
    private boolean begin() {
        Entry made = send(Kind.NEW, any());
        if (made.outcome == Outcome.ACKNOWLEDGED) {
            entries.add(made);
            servedAt = made.started;
        }
        return !made.unavailable;
    }

    /** One request of any kind, and others of the same moment that leave the ticket as it is. */
    private List<Entry> several() throws InterruptedException {
        List<Callable<Entry>> requests = new ArrayList<>();
        int count = 2 + random.nextInt(MOST_AT_ONCE - 1);
        for (int i = 0; i < count; i++) {
            int id = ++ids;
            Kind kind = i == 0 ? Kind.any(random) : Kind.anyOfContents(random);
            AppNode node = any();
            Duration thought = thought();
            requests.add(() -> send(id, kind, node, thought));
        }
        List<Entry> told = new ArrayList<>();
        for (Future<Entry> request : world.helpers().invokeAll(requests)) {
            try {
                told.add(request.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("A request failed", e.getCause());
            }
        }
        return told;
    }

    private boolean lastLook() {
        Entry look = send(Kind.READ, world.nodes().get(looks));
        if (!look.unavailable) {
            looks++;
        }
        boolean there = told(List.of(look), browser);
        over |= looks == world.nodes().size();
        return there;
    }

    // What follows

    private boolean told(List<Entry> told, TestBrowser before) {
        entries.addAll(told);
        boolean there = true;
        boolean movedOn = false;
        boolean absent = false;
        for (Entry entry : told) {
            there &= !entry.unavailable;
            absent |= entry.absent;
            if (entry.seen != null) {
                servedAt = Math.max(servedAt, entry.started);
            }
            if (entry.kind.takesTicket() && !entry.absent) {
                movedOn |= entry.outcome == Outcome.ACKNOWLEDGED;
                ticketTaken(entry, before);
            }
        }
        if (absent && !movedOn) {
            over = true;
            if (told.size() == 1 && entries.stream().noneMatch(Life::isDoubtful)) {
                keep(new OldTicket(before, number, told.get(0), Instant.MIN, OldTicket.ALL));
            }
        }
        return there;
    }

    /** Of what may yet happen to a ticket, nothing can be said. */
    private static boolean isDoubtful(Entry entry) {
        return entry.kind.takesTicket() && entry.outcome == Outcome.UNKNOWN;
    }

    private void ticketTaken(Entry by, TestBrowser before) {
        boolean done = by.outcome == Outcome.ACKNOWLEDGED;
        if (by.kind == Kind.LOG_OUT) {
            over = true;
            // What is not confirmed is refused by the process that knows of it.
            keep(new OldTicket(before, number, by, Instant.MIN, done ? OldTicket.ALL : by.node));
            if (done) {
                olderOnesEnd();
            }
        } else if (done && !Objects.equals(browser.cookie(COOKIE), before.cookie(COOKIE))) {
            boolean atOnce = by.kind.endsTicket();
            if (atOnce) {
                olderOnesEnd();
            }
            Instant from = atOnce ? Instant.MIN : world.clock().instant().plus(GRACE);
            keep(new OldTicket(before, number, by, from, world.oldIdsLinger() ? by.node : OldTicket.ALL));
        }
    }

    /** What led here leads nowhere now; but not where it may lead to an id between the two that lingers. */
    private void olderOnesEnd() {
        if (!world.oldIdsLinger()) {
            oldTickets.forEach(OldTicket::end);
        }
    }

    private void keep(OldTicket ticket) {
        oldTickets.add(ticket);
        world.oldTickets().add(ticket, random);
        world.oldTickets().leadsToNothing(ticket, any());
    }

    /** Holds all that its requests were told against one another. */
    void check() {
        if (entries.isEmpty()) {
            return;
        }
        long made = entries.get(0).started;
        long last = entries.stream().mapToLong(entry -> entry.told).max().orElse(made);
        boolean mayBeLost = world.mayLose() && world.losses().between(made, last);
        List<String> broken = Checker.check(new History(number, entries), mayBeLost);
        broken.forEach(world.violations()::add);
        if (!broken.isEmpty()) {
            StringBuilder all =
                    new StringBuilder("All that life ").append(number).append(" was told:");
            entries.forEach(entry -> all.append("\n    ").append(entry));
            world.violations().tell(all.toString());
        }
    }
}
