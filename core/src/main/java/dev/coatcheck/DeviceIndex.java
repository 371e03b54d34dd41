package dev.coatcheck;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A user's sessions. Immutable.
 *
 * @param since when the list was begun: of sessions from before it says nothing
 * @param extra fields of a newer release, kept as they are
 */
record DeviceIndex(Instant since, byte[] extra, List<IndexEntry> entries) {
    /** So many sessions a user may have at all; beyond, the oldest are ended. */
    static final int MAX_ENTRIES = 1_000;

    DeviceIndex {
        entries = List.copyOf(entries);
    }

    static DeviceIndex empty(Instant since) {
        return new DeviceIndex(since, new byte[0], List.of());
    }

    @Nullable
    IndexEntry entry(String device) {
        return entries.stream()
                .filter(entry -> entry.device().equals(device))
                .findFirst()
                .orElse(null);
    }

    List<IndexEntry> ending() {
        return entries.stream().filter(IndexEntry::ending).toList();
    }

    /** Those that nobody is ending. */
    List<IndexEntry> current() {
        return entries.stream().filter(entry -> !entry.ending()).toList();
    }

    DeviceIndex with(List<IndexEntry> changed) {
        return new DeviceIndex(since, extra, changed);
    }

    DeviceIndex without(Predicate<IndexEntry> which) {
        return with(entries.stream().filter(which.negate()).toList());
    }

    DeviceIndex pruned(Instant now) {
        return without(entry -> entry.isOver(now));
    }

    /** With the entries of a list that could not be kept; where a device is in both, this list's is newer. */
    DeviceIndex withMissing(List<IndexEntry> others) {
        List<IndexEntry> all = new ArrayList<>(entries);
        others.stream().filter(other -> entry(other.device()) == null).forEach(all::add);
        return with(all);
    }

    /**
     * With a session that comes or moves. Of one that moves, handle, label and time of the sign-in stay; of one that gives
     * way to a new sign-in of the same user in the same browser, the places alone.
     */
    DeviceIndex entered(Entering entering, Instant now) {
        IndexEntry same = entry(entering.device());
        IndexEntry former = entering.formerDevice() == null ? null : entry(entering.formerDevice());
        List<Place> before = new ArrayList<>();
        if (same != null) {
            before.addAll(same.places());
        }
        if (former != null && !entering.device().equals(entering.formerDevice())) {
            before.addAll(former.places());
        }
        boolean stays = entering.place().equals(entering.formerPlace());
        List<Place> places = stays && before.contains(entering.place())
                ? before
                : IndexEntry.moved(before, entering.place(), entering.formerPlace());
        List<IndexEntry> changed = new ArrayList<>(entries);
        changed.removeIf(entry ->
                entry.device().equals(entering.device()) || entry.device().equals(entering.formerDevice()));
        changed.add(
                same == null
                        ? new IndexEntry(
                                entering.device(),
                                places,
                                entering.end(),
                                false,
                                entering.signedInAt(),
                                now,
                                entering.hint().label(),
                                entering.hint().address(),
                                new byte[0])
                        : new IndexEntry(
                                same.device(),
                                places,
                                same.end().isAfter(entering.end()) ? same.end() : entering.end(),
                                same.ending(),
                                same.signedInAt(),
                                now,
                                same.label(),
                                same.address(),
                                same.extra()));
        return with(changed);
    }

    /** With so many of the oldest set to be ended, and all of these; the device that comes is spared. */
    DeviceIndex ending(List<IndexEntry> dead, int oldest, String spared) {
        Set<String> chosen = dead.stream().map(IndexEntry::device).collect(Collectors.toSet());
        List<String> living = current().stream()
                .sorted(Comparator.comparing(IndexEntry::signedInAt))
                .map(IndexEntry::device)
                .filter(device -> !chosen.contains(device) && !device.equals(spared))
                .toList();
        chosen.addAll(living.subList(0, Math.min(living.size(), Math.max(0, oldest))));
        return with(entries.stream()
                .map(entry -> chosen.contains(entry.device()) ? entry.asEnding() : entry)
                .toList());
    }

    /** How many, and nothing else. */
    @Override
    public String toString() {
        return "DeviceIndex[" + entries.size() + " entries]";
    }
}
