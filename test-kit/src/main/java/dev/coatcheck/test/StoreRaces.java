package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.SessionStore.Version;
import dev.coatcheck.SessionStore.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The part of the contract that is about threads and nodes. */
abstract class StoreRaces extends StoreLeases {
    private static final int THREADS = 16;

    /** After so many, a store that replaces nothing is found out by what follows. */
    private static final int MOST_LOADS = 20_000;

    @Test
    void ofManyReplacesOfOneVersionOneWins() {
        Key key = SampleValue.key();
        create(key, "0");
        List<List<Long>> won = Race.run(tasks(THREADS, thread -> {
            List<Long> versions = new ArrayList<>();
            for (int i = 0; i < rounds(); i++) {
                Stored found = load(key);
                Version seen = found.version();
                int next = Math.toIntExact(seen.number() + 1);
                byte[] value = SampleValue.after(found.value(), thread + " of " + next);
                Written written = store().replace(key, value, seen, LONG);
                if (written.outcome() == Outcome.STORED) {
                    assertThat(stored(written).number()).isEqualTo(next);
                    versions.add((long) next);
                } else {
                    assertThat(written.outcome()).isEqualTo(Outcome.CONFLICT);
                }
            }
            return versions;
        }));
        List<Long> all = won.stream().flatMap(List::stream).toList();
        assertThat(all).as("versions that somebody won").doesNotHaveDuplicates();
        long last = load(key).version().number();
        assertThat(last).isEqualTo(1 + all.size());
        assertThat(body(key)).endsWith(" of " + last);
    }

    @Test
    void ofManyCreatesOfOneKeyOneWins() {
        for (int round = 0; round < rounds(); round++) {
            Key key = SampleValue.key();
            List<Outcome> outcomes = Race.run(tasks(
                    8,
                    thread -> store().create(key, live(1, "by " + thread), LONG).outcome()));
            assertThat(outcomes).containsOnly(Outcome.STORED, Outcome.EXISTS).containsOnlyOnce(Outcome.STORED);
            assertThat(body(key)).isEqualTo("by " + outcomes.indexOf(Outcome.STORED));
        }
    }

    @Test
    void noReplaceRevivesWhatIsEndedMeanwhile() {
        for (int round = 0; round < rounds(); round++) {
            Key key = SampleValue.key();
            create(key, "0");
            Stored first = load(key);
            int loadsBeforeTheEnd = round % 8;
            boolean afterAReplace = round % 2 == 1;
            AtomicBoolean replaced = new AtomicBoolean();
            AtomicBoolean ended = new AtomicBoolean();
            List<Callable<Version>> tasks = new ArrayList<>(tasks(3, thread -> {
                Stored last = first;
                while (!ended.get()) {
                    byte[] value = SampleValue.after(last.value(), "late");
                    Version version =
                            store().replace(key, value, last.version(), LONG).version();
                    replaced.compareAndSet(false, version != null);
                    last = version != null
                            ? new Stored(value, version, Duration.ZERO)
                            : store().load(key, LONG).orElse(last);
                }
                return last.version();
            }));
            tasks.add(() -> {
                try {
                    for (int i = 0; i < loadsBeforeTheEnd || afterAReplace && !replaced.get() && i < MOST_LOADS; i++) {
                        load(key);
                    }
                    assertThat(end(key)).isTrue();
                    return first.version();
                } finally {
                    ended.set(true);
                }
            });
            List<Version> seen = Race.run(tasks);
            assertThat(store().load(key, LONG)).as("round %d", round).isEmpty();
            for (Version version : seen) {
                assertGone(store().replace(key, live(2, "later"), version, LONG).outcome());
            }
            assertThat(store().load(key, LONG)).as("round %d, later", round).isEmpty();
        }
    }

    @Test
    @SuppressWarnings("ReferenceEquality") // a store without a second node hands out itself
    void twoNodesSeeEachOthersWrites() {
        SessionStore second = openSecond(store());
        if (second != store()) {
            opened(second);
        }
        Key key = SampleValue.key();
        create(key, "1");
        Stored there = second.load(key, LONG).orElseThrow();
        assertThat(SampleValue.body(there.value())).isEqualTo("1");
        assertThat(there.version().number()).isEqualTo(1);
        assertThat(second.create(key, live(1, "other"), LONG).outcome()).isEqualTo(Outcome.EXISTS);
        Version before = load(key).version();
        stored(second.replace(key, live(2, "2"), there.version(), LONG));
        assertThat(body(key)).isEqualTo("2");
        assertThat(store().replace(key, live(2, "late"), before, LONG).outcome())
                .isEqualTo(Outcome.CONFLICT);
        Version seen = load(key).version();
        assertThat(second.end(key, now().plus(LONG))).isTrue();
        assertThat(store().load(key, LONG)).isEmpty();
        assertGone(store().replace(key, live(3, "late"), seen, LONG).outcome());
        assertThat(second.leavesProcess()).isEqualTo(store().leavesProcess());
    }
}
