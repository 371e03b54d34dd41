package dev.coatcheck;

import dev.coatcheck.Envelope.Kind;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SimMemory.Item;
import dev.coatcheck.SimRows.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A memcached in front of a database, which decides. */
final class SimTwoTiers implements SimWorld {
    private final SimSchedule.Parts parts;
    private final SimMemory memory;
    private final SimRows rows;
    /** Only in some schedules, since little can be promised after it. */
    private final boolean mayFailOver;

    SimTwoTiers(SimSchedule.Parts parts) {
        this.parts = parts;
        memory = new SimMemory("cache", parts.clock(), this::cached);
        rows = new SimRows(parts.clock(), this::changed);
        mayFailOver = parts.chance().percent(20);
    }

    private void changed(Key key, @Nullable Row before, @Nullable Row after, String why) {
        parts.trace().add(() -> "   row " + SimHistory.name(key) + " by " + why + ": " + before + " -> " + after);
        if (why.equals("failover")) {
            parts.history().fellBack(key);
        } else {
            parts.history()
                    .changed(key, before == null ? null : before.value(), after == null ? null : after.value(), why);
        }
    }

    /** The cache may hold nothing that the row has not had. */
    private void cached(Key key, @Nullable Item before, @Nullable Item after, String why) {
        parts.trace().add(() -> "   cache " + SimHistory.name(key) + " by " + why + ": " + before + " -> " + after);
        SimKey known = parts.history().of(key);
        known.buried |= isTomb(after);
        parts.history().anyBuried |= isTomb(after);
        if (!isSession(after) || known.isLoose()) {
            return;
        }
        SimChecker.mustBe(
                before != null || after.flags() == 1,
                "The cache got a session that is not new where nothing was, not even a claim");
        Row row = rows.at(key);
        SimChecker.mustBe(row != null || known.endedAt == SimKey.NEVER, "The cache got a session after its end");
        SimChecker.mustBe(
                row == null || row.state().number() >= after.flags(), "The cache got what the database never had");
    }

    private static boolean isSession(@Nullable Item item) {
        return item != null && !item.isClaim() && Envelope.of(item.value()).kind() == Kind.LIVE;
    }

    private static boolean isTomb(@Nullable Item item) {
        return item != null && !item.isClaim() && Envelope.of(item.value()).kind() == Kind.TOMB;
    }

    @Override
    public SimStore store(SimLife life) {
        SimMemcached memcached = new SimMemcached(memory, parts.network(), life, parts.clock(), parts.fault());
        SimDatabase database = new SimDatabase(rows, parts.network(), life);
        return new SimTiers(
                new SimCache(memcached), database, parts.network(), life, parts.clock(), parts.pauses(), parts.fault());
    }

    /** The mark of an end in the cache goes before any row. */
    @Override
    public byte @Nullable [] truth(Key key) {
        Row row = rows.at(key);
        return isTomb(memory.at(key)) || row == null ? null : row.value();
    }

    @Override
    public void befall() {
        int which = parts.chance().below(10);
        boolean quiet = parts.network().isQuiet(memory.host);
        if (which < 4) {
            memory.befall(parts.chance(), parts.trace(), quiet);
        } else if (which < 7) {
            memory.evict(parts.chance(), quiet);
        } else if (which < 9 || !mayFailOver) {
            parts.trace().add(() -> "database " + (rows.host.isFrozen() ? "thaws" : "freezes"));
            rows.host.freezeOrThaw();
        } else {
            parts.trace().add(() -> "another database takes over");
            rows.failOver(parts.chance());
        }
    }

    @Override
    public void behind(SimStore store) {
        SimTiers tiers = (SimTiers) store;
        tiers.repair();
        List<DurableSessionStore.Expired> expired = rows.expired();
        if (!expired.isEmpty()) {
            tiers.sweep(parts.chance().of(expired));
        }
    }

    @Override
    public void thaw() {
        memory.host.thaw();
        rows.host.thaw();
    }
}
