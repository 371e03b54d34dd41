package dev.coatcheck;

import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.UserIndex.Seen;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Lists a user's sessions: what the index names and the store still has. Nothing is renewed by it. */
final class DeviceList {
    private final Protocol protocol;
    private final UserIndex index;

    DeviceList(Protocol protocol, UserIndex index) {
        this.protocol = protocol;
        this.index = index;
    }

    /**
     * The newest sign-in first. One round trip for each key of the ring, and one for each session.
     *
     * @param current the handles of the session that asks; empty for none
     * @throws SessionUnavailableException when the store cannot say
     */
    Step<List<Device>> of(String user, Set<String> current) {
        return find(index.addresses(user), 0, DeviceIndex.empty(protocol.now()), found -> {
            List<IndexEntry> newestFirst = found.current().stream()
                    .sorted(Comparator.comparing(IndexEntry::signedInAt).reversed())
                    .toList();
            return list(newestFirst, 0, new ArrayList<>(), current);
        });
    }

    private interface Then {
        Step<List<Device>> apply(DeviceIndex found);
    }

    private Step<List<Device>> find(List<Address> addresses, int next, DeviceIndex found, Then then) {
        if (next == addresses.size()) {
            return then.apply(found);
        }
        return index.look(
                addresses.get(next),
                false,
                (Seen seen) ->
                        find(addresses, next + 1, found.withMissing(seen.index().entries()), then),
                cause -> {
                    throw cause;
                });
    }

    private Step<List<Device>> list(List<IndexEntry> entries, int next, List<Device> devices, Set<String> current) {
        if (next == entries.size()) {
            return new Step.Done<>(List.copyOf(devices));
        }
        IndexEntry entry = entries.get(next);
        return Entrance.peek(entry, protocol.now(), (found, unsure) -> {
            if (found.isEmpty() && unsure) {
                throw new SessionUnavailableException("The session store is away", null);
            }
            found.ifPresent(stored -> devices.add(device(entry, stored, current)));
            return list(entries, next + 1, devices, current);
        });
    }

    private Device device(IndexEntry entry, Stored stored, Set<String> current) {
        return new Device(
                entry.device(),
                entry.signedInAt(),
                protocol.now().minus(stored.idleFor()),
                entry.label(),
                entry.address(),
                current.contains(entry.device()));
    }
}
