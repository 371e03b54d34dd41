package dev.coatcheck;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.coatcheck.SessionEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log-outs, and ends of what was found dead, that the store has not confirmed. This process refuses their ids until the sessions' own end, and tries them
 * again behind the answers, more and more slowly. Safe for use by many threads.
 */
final class UnconfirmedEnds {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);
    private static final int MAX_ENTRIES = 10_000;
    private static final int FEW = 5;
    private static final int MAX_DELAY_SECONDS = 60;
    private static final Duration LONGEST_READ = Duration.ofMinutes(1);

    private final Protocol protocol;
    private final Driver driver;
    private final Burial burial;
    private final Chores chores;
    private final Map<SessionStore.Key, Ended> ends = new ConcurrentHashMap<>();
    /** What was confirmed a moment ago: a read that began before may still be on its way with the session in its hands. */
    private final Cache<SessionStore.Key, Boolean> confirmedLately;

    private final AtomicBoolean trying = new AtomicBoolean();

    /**
     * An end that is tried again.
     *
     * @param told what is told when it is confirmed; null for what was told of as dead
     * @param place where a session may still come, when it is one of a user's; else null
     */
    private record Ended(
            String id,
            Instant until,
            @Nullable Kind told,
            @Nullable Place place) {}

    UnconfirmedEnds(Protocol protocol, Driver driver, Chores chores) {
        this.protocol = protocol;
        this.driver = driver;
        this.chores = chores;
        burial = new Burial(protocol);
        confirmedLately = Caffeine.newBuilder()
                .maximumSize(MAX_ENTRIES)
                .expireAfterWrite(LONGEST_READ)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(protocol.clock().millis()))
                .executor(Runnable::run)
                .build();
    }

    /** Whether a session was ended here though the store may not know it yet, or a read of a moment ago. No I/O. */
    boolean refuses(SessionStore.Key key) {
        return !ends.isEmpty() && ends.containsKey(key) || confirmedLately.getIfPresent(key) != null;
    }

    /** A log-out. */
    void add(Address address, Instant until) {
        protocol.events().tell(Kind.UNCONFIRMED, address.id());
        add(address.key(), new Ended(address.id(), until, Kind.LOGGED_OUT, null));
    }

    /** One of a user's sessions that was ended from outside. */
    void addSignedOut(Place place, Instant until) {
        protocol.events().tell(Kind.UNCONFIRMED, place.id());
        add(place.key(), new Ended(place.id(), until, Kind.SIGNED_OUT, place));
    }

    /** What was found dead, and has been told of as such. */
    void addDead(Address address, Instant until) {
        add(address.key(), new Ended(address.id(), until, null, null));
    }

    private void add(SessionStore.Key key, Ended end) {
        protocol.counters().unconfirmed.increment();
        if (ends.size() >= MAX_ENTRIES) {
            LOG.error("More than {} log-outs wait for the session store; one more is not tried again", MAX_ENTRIES);
            return;
        }
        ends.merge(key, end, (old, same) -> old.told == null ? same : old);
        trySoon();
    }

    /** Tries the ends once more; what the store confirms or what is past its own end is forgotten. */
    void tryAgain() {
        if (chores.mayTakeLong()) {
            waiting().forEach(key -> driver.run(again(key)));
        } else {
            tryFew();
        }
    }

    /** Of those that wait any few, until one fails. */
    private void tryFew() {
        List<SessionStore.Key> few = new ArrayList<>(waiting());
        Collections.shuffle(few, protocol.random());
        for (SessionStore.Key key : few.subList(0, Math.min(FEW, few.size()))) {
            if (!driver.run(again(key))) {
                return;
            }
        }
    }

    /** The keys whose end is not confirmed yet. */
    List<SessionStore.Key> waiting() {
        return List.copyOf(ends.keySet());
    }

    /** One more try of an end; true when nothing is left to do. */
    Step<Boolean> again(SessionStore.Key key) {
        Ended ended = ends.get(key);
        if (ended == null || !protocol.now().isBefore(ended.until)) {
            ends.remove(key);
            return new Step.Done<>(true);
        }
        return end(key, ended, confirmed -> {
            if (confirmed) {
                confirmedLately.put(key, true);
            }
            if (confirmed && ends.remove(key) != null && ended.told != null) {
                (ended.told == Kind.LOGGED_OUT ? protocol.counters().loggedOut : protocol.counters().signedOut)
                        .increment();
                protocol.events().tell(ended.told, ended.id);
            }
            return new Step.Done<>(confirmed);
        });
    }

    private Step<Boolean> end(SessionStore.Key key, Ended ended, Function<Boolean, Step<Boolean>> then) {
        Place place = ended.place;
        return place == null
                ? new Step.End<>(key, ended.until, then)
                : burial.of(place, ended.until, result -> then.apply(result.confirmed()));
    }

    private void trySoon() {
        if (trying.compareAndSet(false, true)) {
            tryAgainIn(1);
        }
    }

    private void tryAgainIn(int seconds) {
        chores.in(Duration.ofSeconds(seconds), () -> run(seconds));
    }

    private void run(int seconds) {
        try {
            tryAgain();
        } catch (RuntimeException | Error e) { // nothing may stop the tries
            LOG.error(
                    "The tries of unconfirmed log-outs failed: {}", e.getClass().getName());
        }
        if (!ends.isEmpty()) {
            tryAgainIn(Math.max(2, Math.min(MAX_DELAY_SECONDS, seconds * 2)));
            return;
        }
        trying.set(false);
        if (!ends.isEmpty()) {
            trySoon(); // one was added meanwhile
        }
    }
}
