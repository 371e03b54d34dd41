package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.SimMemory.Item;
import org.jspecify.annotations.Nullable;

/** One memcached, which decides and may forget. */
final class SimOneCopy implements SimWorld {
    private final SimSchedule.Parts parts;
    private final SimMemory memory;

    SimOneCopy(SimSchedule.Parts parts) {
        this.parts = parts;
        memory = new SimMemory("memcached", parts.clock(), this::changed);
    }

    private void changed(Key key, @Nullable Item before, @Nullable Item after, String why) {
        parts.trace().add(() -> "   " + SimHistory.name(key) + " by " + why + ": " + before + " -> " + after);
        parts.history().changed(key, before == null ? null : before.value(), after == null ? null : after.value(), why);
    }

    @Override
    public SimStore store(SimLife life) {
        return new SimMemcached(memory, parts.network(), life, parts.clock(), parts.fault());
    }

    @Override
    public byte @Nullable [] truth(Key key) {
        Item item = memory.at(key);
        return item == null ? null : item.value();
    }

    @Override
    public void befall() {
        memory.befall(parts.chance(), parts.trace(), true);
    }

    @Override
    public void behind(SimStore store) {
        // nothing is left to be done
    }

    @Override
    public void thaw() {
        memory.host.thaw();
    }
}
