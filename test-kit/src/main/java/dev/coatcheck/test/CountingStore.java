package dev.coatcheck.test;

import dev.coatcheck.SessionEvent;
import dev.coatcheck.SessionStore;
import dev.coatcheck.StoreHealth;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiConsumer;

/**
 * Counts the calls that reach a store, whatever becomes of them, and notes the keys and sizes that were sent.
 *
 * <pre>{@code
 * CountingStore store = new CountingStore(new EmbeddedSessionStore());
 * assertThat(store.during(() -> browser.visit(session -> session.set(HITS, 1)))).hasToString("create 1");
 * }</pre>
 *
 * <p>Safe for use by many threads. Closing it closes the store behind.
 */
public final class CountingStore implements SessionStore {
    private final SessionStore behind;
    private final AtomicLongArray calls = new AtomicLongArray(StoreVerb.values().length);
    private final Set<Key> keys = new ConcurrentSkipListSet<>();
    private final Queue<Integer> sizes = new ConcurrentLinkedQueue<>();
    private final Queue<byte[]> values = new ConcurrentLinkedQueue<>();
    private volatile boolean keepsValues;

    /** In front of a store. */
    public CountingStore(SessionStore behind) {
        this.behind = behind;
    }

    /** From now on keeps a copy of every value that is written, for {@link #dump()}. Off by default. */
    public CountingStore keepValues() {
        keepsValues = true;
        return this;
    }

    /** What was counted since the start or the last {@link #reset()}. */
    public Counts counts() {
        return new Counts(
                calls.get(0), calls.get(1), calls.get(2), calls.get(3), calls.get(4), calls.get(5), calls.get(6));
    }

    /** What was counted while this ran; other threads' calls at the same time included. */
    public Counts during(Runnable work) {
        Counts before = counts();
        work.run();
        return counts().minus(before);
    }

    /** Counts from zero again and forgets keys, sizes and values. */
    public void reset() {
        for (int verb = 0; verb < calls.length(); verb++) {
            calls.set(verb, 0);
        }
        keys.clear();
        sizes.clear();
        values.clear();
    }

    /** Every key that was sent, sorted; a copy. */
    public Set<Key> keys() {
        return new ConcurrentSkipListSet<>(keys); // a TreeSet would trust the size of what changes meanwhile
    }

    /** The size of every value that was written, in order; a copy. */
    public List<Integer> sizes() {
        return List.copyOf(sizes);
    }

    /** Every value that was written, if kept, in order; copies. */
    public List<byte[]> values() {
        return values.stream().map(byte[]::clone).toList();
    }

    /** Whatever a reader of the store could ever have seen: each key's text and, if kept, each value that was written. */
    public List<byte[]> dump() {
        List<byte[]> dump = new ArrayList<>();
        keys.forEach(key -> dump.add(key.text().getBytes(StandardCharsets.US_ASCII)));
        dump.addAll(values());
        return dump;
    }

    private void count(StoreVerb verb, Key key) {
        calls.incrementAndGet(verb.ordinal());
        keys.add(key);
    }

    private void note(byte[] value) {
        sizes.add(value.length);
        if (keepsValues) {
            values.add(value.clone());
        }
    }

    @Override
    public Optional<Stored> load(Key key, Duration lease) {
        count(StoreVerb.LOAD, key);
        return behind.load(key, lease);
    }

    @Override
    public Optional<Stored> loadFresh(Key key, Duration lease) {
        count(StoreVerb.LOAD_FRESH, key);
        return behind.loadFresh(key, lease);
    }

    @Override
    public Optional<Stored> peek(Key key, Duration lease) {
        count(StoreVerb.PEEK, key);
        return behind.peek(key, lease);
    }

    @Override
    public Written create(Key key, byte[] value, Duration lease) {
        count(StoreVerb.CREATE, key);
        note(value);
        return behind.create(key, value, lease);
    }

    @Override
    public Written replace(Key key, byte[] value, Version seen, Duration lease) {
        count(StoreVerb.REPLACE, key);
        note(value);
        return behind.replace(key, value, seen, lease);
    }

    @Override
    public boolean end(Key key, Instant until) {
        count(StoreVerb.END, key);
        return behind.end(key, until);
    }

    @Override
    public Outcome end(Key key, Version seen, Instant until) {
        count(StoreVerb.END, key);
        return behind.end(key, seen, until);
    }

    @Override
    public boolean renew(Key key, Version seen, Duration lease) {
        count(StoreVerb.RENEW, key);
        return behind.renew(key, seen, lease);
    }

    @Override
    public boolean needsRequestThread() {
        return behind.needsRequestThread();
    }

    @Override
    public void requestOver() {
        behind.requestOver();
    }

    @Override
    public boolean needsSweep() {
        return behind.needsSweep();
    }

    @Override
    public List<Key> sweep(int limit) {
        return behind.sweep(limit);
    }

    @Override
    public boolean leavesProcess() {
        return behind.leavesProcess();
    }

    @Override
    public int maxValueBytes() {
        return behind.maxValueBytes();
    }

    @Override
    public boolean settled() {
        return behind.settled();
    }

    @Override
    public boolean mayForget() {
        return behind.mayForget();
    }

    /** Of the store behind; not counted. */
    @Override
    public StoreHealth health() {
        return behind.health();
    }

    @Override
    public void report(BiConsumer<SessionEvent.Kind, Key> receiver) {
        behind.report(receiver);
    }

    @Override
    public void close() {
        behind.close();
    }

    /** The counts; keys and values are not shown. */
    @Override
    public String toString() {
        return "CountingStore[" + counts() + "]";
    }

    /**
     * Calls by verb.
     *
     * @param load calls of {@link SessionStore#load}
     * @param loadFresh calls of {@link SessionStore#loadFresh}
     * @param peek calls of {@link SessionStore#peek}
     * @param create calls of {@link SessionStore#create}
     * @param replace calls of {@link SessionStore#replace}
     * @param end calls of {@link SessionStore#end}
     * @param renew calls of {@link SessionStore#renew}
     */
    public record Counts(long load, long loadFresh, long peek, long create, long replace, long end, long renew) {

        /** All of them: round trips to a store with one copy. */
        public long total() {
            return load + loadFresh + peek + create + replace + end + renew;
        }

        Counts minus(Counts before) {
            return new Counts(
                    load - before.load,
                    loadFresh - before.loadFresh,
                    peek - before.peek,
                    create - before.create,
                    replace - before.replace,
                    end - before.end,
                    renew - before.renew);
        }

        /** The verbs that were called, as {@code load 1, replace 1}; {@code nothing} for none. */
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            append(text, "load", load);
            append(text, "loadFresh", loadFresh);
            append(text, "peek", peek);
            append(text, "create", create);
            append(text, "replace", replace);
            append(text, "end", end);
            append(text, "renew", renew);
            return text.length() == 0 ? "nothing" : text.toString();
        }

        private static void append(StringBuilder text, String verb, long count) {
            if (count != 0) {
                text.append(text.length() == 0 ? "" : ", ")
                        .append(verb)
                        .append(' ')
                        .append(count);
            }
        }
    }
}
