package dev.coatcheck.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The newest posts, newest first, in this process. It is no part of the sessions: two Chirps share their users' sessions
 * through the store, and have a timeline each.
 *
 * <p>Safe for use by many threads.
 */
public final class Timeline {
    /** How many are kept. */
    static final int SIZE = 200;

    private final AtomicReference<List<Post>> newest = new AtomicReference<>(List.of());

    /** Puts a post on top; the oldest goes when there are too many. */
    void add(Post post) {
        newest.updateAndGet(old -> {
            List<Post> next = new ArrayList<>(SIZE);
            next.add(post);
            next.addAll(old.subList(0, Math.min(old.size(), SIZE - 1)));
            return List.copyOf(next);
        });
    }

    /** What is there now, newest first. */
    List<Post> newest() {
        return newest.get();
    }
}
