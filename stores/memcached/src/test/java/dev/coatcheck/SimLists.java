package dev.coatcheck;

import dev.coatcheck.SessionStore.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lists of nodes, and where a key is by them. */
final class SimLists {
    static final List<String> NAMES = List.of("A", "B", "C", "D", "E");
    private static final List<List<String>> RANKINGS = rankings(NAMES);

    private SimLists() {}

    private static List<List<String>> rankings(List<String> names) {
        return names.isEmpty()
                ? List.of(List.of())
                : names.stream()
                        .flatMap(first -> rankings(names.stream()
                                        .filter(name -> !name.equals(first))
                                        .toList())
                                .stream()
                                .map(rest -> Stream.concat(Stream.of(first), rest.stream())
                                        .toList()))
                        .toList();
    }

    /** A key's nodes, by place: a node more or less in the list changes the order of no others. */
    static List<String> ranked(Key key, List<String> list) {
        return RANKINGS.get(Math.floorMod(key.text().hashCode(), RANKINGS.size())).stream()
                .filter(list::contains)
                .limit(3)
                .toList();
    }

    /**
     * Of three one more, of four one less.
     *
     * @param less the one that goes, if one does; null for any
     */
    static List<String> next(List<String> list, @Nullable String less, SimChance chance) {
        List<String> next = new ArrayList<>(list);
        if (list.size() > 3) {
            next.remove(less != null ? less : chance.of(list));
        } else {
            next.add(chance.of(
                    NAMES.stream().filter(name -> !list.contains(name)).toList()));
        }
        return List.copyOf(next);
    }
}
