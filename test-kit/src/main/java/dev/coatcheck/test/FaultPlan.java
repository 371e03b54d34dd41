package dev.coatcheck.test;

import dev.coatcheck.test.FaultyStore.Fault;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Which call of which verb goes wrong how. Safe for use by many threads. */
final class FaultPlan {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<StoreVerb, Fault> always = new EnumMap<>(StoreVerb.class);
    private final Map<StoreVerb, TreeMap<Long, Fault>> planned = new EnumMap<>(StoreVerb.class);
    private final Map<StoreVerb, Long> calls = new EnumMap<>(StoreVerb.class);

    /** The fault of this call; null for none. One that was planned for this very call goes before those of all calls. */
    @Nullable
    Fault take(StoreVerb verb) {
        lock.lock();
        try {
            long call = calls.merge(verb, 1L, Long::sum);
            TreeMap<Long, Fault> faults = planned.get(verb);
            Fault fault = faults == null ? null : faults.remove(call);
            return fault == null ? always.get(verb) : fault;
        } finally {
            lock.unlock();
        }
    }

    void add(StoreVerb verb, long fromNow, Fault fault) {
        check(verb, fault);
        if (fromNow < 1) {
            throw new IllegalArgumentException("Calls are counted from 1: " + fromNow);
        }
        lock.lock();
        try {
            planned.computeIfAbsent(verb, v -> new TreeMap<>()).put(calls.getOrDefault(verb, 0L) + fromNow, fault);
        } finally {
            lock.unlock();
        }
    }

    /** How many calls from now on the last planned fault is; 0 for none. */
    long pending(StoreVerb verb) {
        lock.lock();
        try {
            TreeMap<Long, Fault> faults = planned.get(verb);
            return faults == null || faults.isEmpty() ? 0 : faults.lastKey() - calls.getOrDefault(verb, 0L);
        } finally {
            lock.unlock();
        }
    }

    void always(Fault fault, StoreVerb... verbs) {
        lock.lock();
        try {
            for (StoreVerb verb : verbs) {
                check(verb, fault);
                always.put(verb, fault);
            }
        } finally {
            lock.unlock();
        }
    }

    void clear() {
        lock.lock();
        try {
            always.clear();
            planned.clear();
        } finally {
            lock.unlock();
        }
    }

    /** A fault that the verb cannot have is a mistake in the test. */
    private static void check(StoreVerb verb, Fault fault) {
        boolean isRead = verb == StoreVerb.LOAD || verb == StoreVerb.LOAD_FRESH;
        boolean fits = switch (fault) {
            case FAIL, STALL -> true;
            case LOST -> isRead;
            case ABSENT -> isRead || verb == StoreVerb.REPLACE;
            case EXISTS -> verb == StoreVerb.CREATE;
            case CONFLICT -> verb == StoreVerb.REPLACE;
            case UNKNOWN_APPLIED, UNKNOWN_DROPPED, UNKNOWN_LATE -> !isRead;
        };
        if (!fits) {
            throw new IllegalArgumentException(verb + " cannot have the fault " + fault);
        }
    }
}
