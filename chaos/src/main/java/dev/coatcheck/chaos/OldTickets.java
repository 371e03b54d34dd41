package dev.coatcheck.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What browsers had before: a sample of it, which is tried again and again. Safe for use by many threads. */
final class OldTickets {
    private static final int KEPT = 2_000;

    private final World world;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<OldTicket> tickets = new ArrayList<>();

    OldTickets(World world) {
        this.world = world;
    }

    /** Keeps it, in place of any other where there are enough. */
    void add(OldTicket ticket, SplittableRandom random) {
        lock.lock();
        try {
            if (tickets.size() < KEPT) {
                tickets.add(ticket);
            } else {
                tickets.set(random.nextInt(KEPT), ticket);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tries any of them at a node. */
    void tryAny(AppNode node, SplittableRandom random) {
        OldTicket ticket = any(random);
        if (ticket != null) {
            leadsToNothing(ticket, node);
        }
    }

    private @Nullable OldTicket any(SplittableRandom random) {
        lock.lock();
        try {
            return tickets.isEmpty() ? null : tickets.get(random.nextInt(tickets.size()));
        } finally {
            lock.unlock();
        }
    }

    /** Tries one at a node; whether it was told that there is nothing. */
    boolean leadsToNothing(OldTicket ticket, AppNode node) {
        boolean dead = ticket.isDead(node, world.clock().instant());
        Entry entry = Request.send(world, ticket.life, 0, Kind.OLD_TICKET, ticket.jar, node, Duration.ZERO);
        Seen seen = entry.seen;
        if (seen != null && dead) {
            world.violations().add(described(ticket, entry));
        } else if (seen != null && seen.owner() != ticket.life) {
            world.violations()
                    .add("A session has the values of another one, as life " + ticket.life + " shows in " + entry);
        }
        return entry.absent;
    }

    private static String described(OldTicket ticket, Entry entry) {
        String promise = ticket.by.kind == Kind.LOG_OUT
                ? "A log-out was revived"
                : ticket.by.absent
                        ? "A session that was said to be absent is there"
                        : "An old id leads on after its time";
        return promise + ", as life " + ticket.life + " shows in " + entry + ", after " + ticket.by;
    }

    /** When all servers are there and the time of all old ids is over: none leads anywhere, at any node, within a bound. */
    void mustAllBeDead(Duration bound) {
        Queue<OldTicket> left = new ConcurrentLinkedQueue<>(copy());
        // Many at a time: a node waits a moment for another that asks the database for the same key.
        Waiter.until(bound, () -> {
            List<CompletableFuture<Void>> tries = left.stream()
                    .map(ticket -> CompletableFuture.runAsync(
                            () -> {
                                if (world.nodes().stream().allMatch(node -> leadsToNothing(ticket, node))) {
                                    left.remove(ticket);
                                }
                            },
                            world.helpers()))
                    .toList();
            tries.forEach(CompletableFuture::join);
            return left.isEmpty();
        });
        left.forEach(ticket -> world.violations()
                .add("An old ticket of life " + ticket.life
                        + " still leads on after the faults, or cannot be told of; it was taken by " + ticket.by));
    }

    private List<OldTicket> copy() {
        lock.lock();
        try {
            return new ArrayList<>(tickets);
        } finally {
            lock.unlock();
        }
    }
}
