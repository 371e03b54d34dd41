package dev.coatcheck.demo.cluster;

import dev.coatcheck.demo.cluster.Node.Fate;
import dev.coatcheck.store.memcached.CopyStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The cluster at a moment, in lines that say by themselves what they are about.
 *
 * @param nodes a line for each
 * @param counters what has been counted
 * @param copies a line for each key
 */
record View(List<String> nodes, List<String> counters, List<String> copies) {

    static View of(Cluster cluster, Tally tally) {
        List<Copies> copies = Copies.of(cluster.nodes());
        List<String> counters = new ArrayList<>();
        counters.add(summary(copies));
        cluster.sites().forEach(site -> counters.add(counted(site)));
        if (tally.users() > 0) {
            counters.add("  " + tally);
        }
        return new View(
                cluster.nodes().stream()
                        .map(node -> node(node, cluster.sites()))
                        .toList(),
                counters,
                copies.stream().map(Copies::line).toList());
    }

    private static String node(Node node, List<Site> sites) {
        Fate fate = node.fate();
        String seen = sites.stream()
                .map(site -> String.format("%s sees %-4s", site.name(), site.sees(node) ? "up" : "away"))
                .collect(Collectors.joining("  "));
        int items = node.held().size();
        String held = fate == Fate.FROZEN ? "(" + items + " items)" : items + (items == 1 ? " item" : " items");
        return String.format(
                "  n%d %s  %-10s  %-6s  %s  %s",
                node.number(),
                node.address(),
                fate == Fate.KILLED ? "no process" : "pid " + node.pid(),
                fate.name().toLowerCase(Locale.ROOT),
                seen,
                held);
    }

    private static String summary(List<Copies> copies) {
        List<Copies> live =
                copies.stream().filter(one -> one.isSession() || one.isList()).toList();
        long lists = live.stream().filter(Copies::isList).count();
        long two = live.stream().filter(one -> one.current() >= 2).count();
        long one = live.stream().filter(some -> some.current() == 1).count();
        long none = live.size() - two - one;
        return "  " + (live.size() - lists) + " sessions, " + lists + " users' lists: " + two + " in two copies, " + one
                + " in one" + (none > 0 ? ", " + none + " in none that answers" : "");
    }

    private static String counted(Site site) {
        CopyStats stats = site.copies();
        String waits = new TreeMap<>(stats.missed())
                .entrySet().stream()
                        .map(entry -> "; " + entry.getKey() + " waits for " + entry.getValue())
                        .collect(Collectors.joining());
        String dropped = stats.dropped() > 0 ? ", not noted " + stats.dropped() : "";
        return "  " + site.name() + " counts: repairs " + stats.repairs() + ", splits " + stats.splits() + dropped
                + waits;
    }
}
