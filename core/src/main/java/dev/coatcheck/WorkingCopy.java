package dev.coatcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one request sees of its session and does to it, in memory: the record that was loaded, and a list of changes that
 * can be applied to another record if that one is there by the time of the commit. Guarded by the session's lock.
 */
final class WorkingCopy {
    private final ValueCodec codec;
    private SessionRecord base;
    private SessionRecord view;
    private List<Change> changes = List.of();
    private @Nullable Move move;
    private boolean running;
    /** Mutable values that the application holds; what it does to them is found out at commit. */
    private final Map<String, HandedOut> handedOut = new HashMap<>();

    /** A value, the bytes that it had when it was handed out, and how to encode it again. */
    private record HandedOut(Object value, byte[] before, Encoder encoder, Object type) {
        /** Whether it was got or set by its name alone. */
        boolean untyped() {
            return type.equals(String.class);
        }
    }

    private interface Encoder {
        /** @param known bytes that the value may still have, and that need no check then */
        Attribute encode(Object value, byte[] known);
    }

    WorkingCopy(ValueCodec codec, SessionRecord base) {
        this.codec = codec;
        this.base = base;
        this.view = base;
    }

    /** The record as this request sees it: what was loaded, moved and changed. */
    SessionRecord view() {
        return view;
    }

    /** What was loaded. */
    SessionRecord base() {
        return base;
    }

    @Nullable
    Move move() {
        return move;
    }

    /** The changes so far, in-place changes of handed-out values excepted. */
    List<Change> changes() {
        return changes;
    }

    boolean isChanged() {
        return !changes.isEmpty() || move != null;
    }

    // Attributes

    <T> @Nullable T get(SessionKey<T> key) throws UndecodableValueException {
        Attribute attribute = view.attribute(key.name());
        if (attribute == null) {
            return null;
        }
        HandedOut known = handedOut.get(key.name());
        if (known != null && known.type.equals(key.type())) {
            @SuppressWarnings("unchecked") // handed out for a key of the same type
            T value = (T) known.value;
            return value;
        }
        settle(key.name());
        T value = codec.decode(key, Objects.requireNonNull(view.attribute(key.name())));
        if (codec.isMutable(key)) {
            handOut(key, value);
        }
        return value;
    }

    private <T> void handOut(SessionKey<T> key, T value) {
        Encoder encoder = (held, known) -> {
            @SuppressWarnings("unchecked") // the value that was handed out for this key
            T typed = (T) held;
            return codec.encode(key, typed);
        };
        // Compared with what it is now, not with what was stored: another release may have written that.
        handedOut.put(key.name(), new HandedOut(value, codec.encode(key, value).bytes(), encoder, key.type()));
    }

    @Nullable
    Object get(String name) throws UndecodableValueException {
        Attribute attribute = view.attribute(name);
        if (attribute == null) {
            return null;
        }
        HandedOut known = handedOut.get(name);
        if (known != null) {
            return known.value;
        }
        Object value = codec.decodeUntyped(name, attribute);
        if (codec.isMutable(value)) {
            holdUntyped(name, value, encodeUntyped(name, value, attribute.bytes()));
        }
        return value;
    }

    private void holdUntyped(String name, Object value, Attribute encoded) {
        Encoder encoder = (held, known) -> encodeUntyped(name, held, known);
        handedOut.put(name, new HandedOut(value, encoded.bytes(), encoder, String.class));
    }

    /** A guarded attribute stays guarded. */
    private Attribute encodeUntyped(String name, Object value, byte @Nullable [] known) {
        Attribute next = codec.encodeUntyped(name, value, known);
        Attribute old = view.attribute(name);
        int flags = next.flags() | (old == null ? 0 : old.flags() & Attribute.GUARDED);
        return new Attribute(next.tag(), flags, next.bytes());
    }

    /** Sets an untyped value, which stays in the application's hands. */
    void putUntyped(String name, Object value) {
        Attribute next = encodeUntyped(name, value, null);
        put(name, next);
        if (codec.isMutable(value)) {
            holdUntyped(name, value, next);
        }
    }

    /** Sets an attribute, or removes it where it is null. */
    void put(String name, @Nullable Attribute attribute) {
        handedOut.remove(name);
        if (attribute == null) {
            if (view.attribute(name) != null) {
                add(new Change.Remove(name));
            }
        } else {
            add(new Change.Put(name, attribute));
        }
    }

    /** Runs a function now, and again on what is there at commit. */
    <T> @Nullable T update(SessionKey<T> key, UnaryOperator<@Nullable T> function) {
        settle(key.name());
        Change.Update update = new Change.Update(key.name(), attribute -> {
            T result = function.apply(decodeOrNull(key, attribute));
            return result == null ? null : codec.encode(key, result);
        });
        add(update);
        handedOut.remove(key.name());
        Attribute result = view.attribute(key.name());
        if (result == null) {
            return null;
        }
        T value = Objects.requireNonNull(decodeOrNull(key, result), "what was just encoded");
        if (codec.isMutable(key)) {
            handOut(key, value);
        }
        return value;
    }

    private <T> @Nullable T decodeOrNull(SessionKey<T> key, @Nullable Attribute attribute) {
        try {
            return attribute == null ? null : codec.decode(key, attribute);
        } catch (UndecodableValueException e) {
            return null;
        }
    }

    <T> @Nullable T take(SessionKey<T> key) throws UndecodableValueException {
        settle(key.name());
        Attribute seen = view.attribute(key.name());
        if (seen == null) {
            return null;
        }
        T value = codec.decode(key, seen);
        handedOut.remove(key.name());
        add(new Change.Take(key.name(), seen));
        return value;
    }

    void clear() {
        handedOut.clear();
        if (!view.attributes().isEmpty()) {
            add(new Change.Clear());
        }
    }

    Set<String> names() {
        return view.attributes().keySet().stream()
                .filter(name -> !name.startsWith(SessionRecord.RESERVED_PREFIX))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    List<String> takeFlash(@Nullable String kind) {
        List<FlashMessage> taken = FlashMessage.decode(view.attribute(SessionRecord.FLASH)).stream()
                .filter(message -> kind == null || message.kind().equals(kind))
                .toList();
        if (!taken.isEmpty()) {
            add(new Change.TakeFlash(taken.stream().map(FlashMessage::id).collect(Collectors.toSet())));
        }
        return taken.stream().map(FlashMessage::text).toList();
    }

    // Changes

    /** Applies a change to the view, and keeps it for the commit; when it throws, nothing has changed. */
    void add(Change change) {
        view = run(() -> change.applyTo(view));
        changes = Change.append(changes, change);
    }

    private void mustNotRun() {
        if (running) {
            throw new IllegalStateException("An update function may not change the session that it is called for");
        }
    }

    /** Runs update functions, which may not change what they are a change of. */
    private SessionRecord run(Supplier<SessionRecord> functions) {
        mustNotRun();
        running = true;
        try {
            return functions.get();
        } finally {
            running = false;
        }
    }

    /** Moves the session to a new id at commit; {@code keepChanges} is false where they belong to another user. */
    void move(Move by, boolean keepChanges) {
        settleAll();
        SessionRecord before = view;
        List<Change> kept = keepChanges ? changes : List.of();
        view = run(() -> by.applied(kept, base));
        move = by;
        changes = kept;
        // What goes along is still in the application's hands.
        handedOut.keySet().removeIf(name -> !Objects.equals(before.attribute(name), view.attribute(name)));
    }

    /** Forgets what was changed since the last commit. */
    void discard() {
        changes = List.of();
        move = null;
        handedOut.clear();
        view = base;
    }

    /** Turns what the application did to handed-out values into changes. */
    void settleAll() {
        new ArrayList<>(handedOut.keySet()).forEach(this::settle);
    }

    /** The same for values that were handed out by name alone, as a servlet container's session does. */
    void settleUntyped() {
        handedOut.entrySet().stream()
                .filter(held -> held.getValue().untyped())
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::settle);
    }

    private void settle(String name) {
        HandedOut held = handedOut.get(name);
        if (held == null) {
            return;
        }
        Attribute now = held.encoder.encode(held.value, held.before);
        if (!Arrays.equals(now.bytes(), held.before)) {
            add(new Change.Put(name, now));
            handedOut.put(name, new HandedOut(held.value, now.bytes(), held.encoder, held.type));
        }
    }

    /**
     * Goes on from what a commit stored.
     *
     * @param stored what is in the store now
     * @param committed the changes that are in it; what was added since stays pending
     */
    @SuppressWarnings("ReferenceEquality")
    void committed(SessionRecord stored, List<Change> committed, @Nullable Move moved) {
        handedOut.keySet().removeIf(name -> !Objects.equals(view.attribute(name), stored.attribute(name)));
        // Identity: equal changes made before and after the commit are two changes.
        changes = changes.stream()
                .filter(change -> committed.stream().noneMatch(done -> done == change))
                .toList();
        if (Objects.equals(move, moved)) {
            move = null;
        }
        rebase(stored);
    }

    /** Puts another record under the pending changes. */
    void rebase(SessionRecord next) {
        mustNotRun();
        base = next;
        Move pending = move;
        SessionRecord carried = pending == null ? next : pending.carried(next);
        try {
            view = run(() -> pending == null ? Change.applyAll(changes, next) : pending.applied(changes, next));
        } catch (RuntimeException failed) {
            view = carried; // the commit of these changes fails in the same way, and says so
        }
    }
}
