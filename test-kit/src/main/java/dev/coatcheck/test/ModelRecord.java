package dev.coatcheck.test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A session's content as the model sees it: plain maps and lists, no bytes. */
final class ModelRecord {
    /** The lease classes of the format, and the idle timeouts and lifetimes of the managers under test. */
    private static final List<Duration> CLASSES = List.of(
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofMinutes(20),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(2),
            Duration.ofHours(8),
            Duration.ofHours(24),
            Duration.ofDays(7),
            Duration.ofDays(14));

    static final Duration IDLE = Duration.ofMinutes(20);
    static final Duration LIFETIME = Duration.ofHours(12);
    static final Duration REMEMBERED_IDLE = Duration.ofDays(13);
    static final Duration REMEMBERED_LIFETIME = Duration.ofDays(30);
    static final String GUARDED = "guarded";

    final TreeMap<String, Object> attributes = new TreeMap<>();
    final List<Message> messages = new ArrayList<>();

    @Nullable String user;

    Instant authenticatedAt = Instant.MIN;
    int seed;
    Instant created;
    Instant deadline;
    boolean remembered;

    @Nullable Duration ownIdle;

    record Message(String kind, String text) {}

    ModelRecord(Instant now, int seed) {
        this.seed = seed;
        created = now;
        deadline = now.plus(LIFETIME);
    }

    ModelRecord(ModelRecord other) {
        this(other.created, other.seed);
        deadline = other.deadline;
        remembered = other.remembered;
        ownIdle = other.ownIdle;
        user = other.user;
        authenticatedAt = other.authenticatedAt;
        copyContent(other);
    }

    /** Takes over attributes and messages; a list in an attribute is copied too. */
    void copyContent(ModelRecord other) {
        attributes.clear();
        other.attributes.forEach((name, value) ->
                attributes.put(name, value instanceof List<?> list ? new ArrayList<>(list) : value));
        List<Message> copied = List.copyOf(other.messages);
        messages.clear();
        messages.addAll(copied);
    }

    boolean isEmpty() {
        return attributes.isEmpty() && messages.isEmpty();
    }

    TreeSet<String> names() {
        return new TreeSet<>(attributes.keySet());
    }

    /** What a sign-in starts from, before attributes are carried over. */
    static ModelRecord signedIn(String user, Instant now, int seed) {
        ModelRecord fresh = new ModelRecord(now, seed);
        fresh.user = user;
        fresh.authenticatedAt = now;
        return fresh;
    }

    private Duration lifetime() {
        return remembered ? REMEMBERED_LIFETIME : LIFETIME;
    }

    void remember() {
        remembered = true;
        ownIdle = null;
        deadline = created.plus(REMEMBERED_LIFETIME);
    }

    void endAt(Instant moment) {
        Instant latest = created.plus(lifetime());
        deadline = moment.isAfter(latest) ? latest : moment;
    }

    Instant deadlineInForce() {
        Instant latest = created.plus(lifetime());
        return deadline.isAfter(latest) ? latest : deadline;
    }

    Duration idle() {
        Duration own = ownIdle;
        return own != null ? own : remembered ? REMEMBERED_IDLE : IDLE;
    }

    Duration leaseClass() {
        Duration idle = idle();
        return CLASSES.stream()
                .filter(candidate -> candidate.compareTo(idle) >= 0)
                .findFirst()
                .orElseThrow();
    }

    Instant expiresAt(Instant now) {
        Instant idleEnd = now.plus(idle());
        return idleEnd.isBefore(deadlineInForce()) ? idleEnd : deadlineInForce();
    }
}
