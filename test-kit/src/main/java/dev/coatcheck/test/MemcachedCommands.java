package dev.coatcheck.test;

import java.util.Map;

/**
 * What a memcached says that it has been asked, from the counters of its {@code stats}. The names are those of the
 * protocol. On 1.6.18 each command adds to these counters, and to no other one of those that are summed here:
 *
 * <ul>
 *   <li>{@code mg} that finds: {@code get_hits}; with {@code T} {@code touch_hits} in its place, not both. A claim
 *       ({@code N}) that makes an item finds it.
 *   <li>{@code mg} that finds nothing, with {@code T} or without: {@code get_misses}, never {@code touch_misses}.
 *   <li>{@code ms}: {@code cmd_set}, whether it stores or not; with {@code C} one of {@code cas_hits}, {@code cas_badval}
 *       (EX) and {@code cas_misses} (NF) as well. Refused for its size or for want of memory it adds to
 *       {@code store_too_large} or {@code store_no_memory} alone.
 *   <li>{@code md}: {@code delete_hits} when it deletes, {@code delete_misses} when it finds nothing or another CAS.
 *   <li>{@code ma}: one of {@code incr_hits}, {@code incr_misses}, {@code decr_hits}, {@code decr_misses}; where it makes
 *       the item, nothing.
 *   <li>{@code me}: {@code cmd_meta}, which no other meta command adds to.
 *   <li>{@code mn}, {@code version}, {@code stats}, {@code verbosity}, {@code lru_crawler}: nothing.
 * </ul>
 *
 * <p>The classic commands count alike; a read of many keys once for each of them, and a touch that finds nothing as a miss.
 *
 * @param hits reads that found and did not renew: {@code get_hits}
 * @param renewals reads and touches that found and renewed: {@code touch_hits}
 * @param misses reads and touches that found nothing: {@code get_misses} and {@code touch_misses}
 * @param sets writes that were tried: {@code cmd_set}
 * @param refusals writes refused for size or memory: {@code store_too_large} and {@code store_no_memory}
 * @param deletes deletions that were tried: {@code delete_hits} and {@code delete_misses}
 * @param others counting ({@code ma}, {@code incr}, {@code decr}), {@code me} and {@code flush_all}
 * @param casHits writes whose CAS was the right one: {@code cas_hits}; among the sets
 * @param casBad writes whose CAS was another one: {@code cas_badval}; among the sets
 * @param casMisses writes with a CAS that found nothing: {@code cas_misses}; among the sets
 */
public record MemcachedCommands(
        long hits,
        long renewals,
        long misses,
        long sets,
        long refusals,
        long deletes,
        long others,
        long casHits,
        long casBad,
        long casMisses) {

    static MemcachedCommands of(Map<String, String> stats) {
        return new MemcachedCommands(
                sum(stats, "get_hits"),
                sum(stats, "touch_hits"),
                sum(stats, "get_misses", "touch_misses"),
                sum(stats, "cmd_set"),
                sum(stats, "store_too_large", "store_no_memory"),
                sum(stats, "delete_hits", "delete_misses"),
                sum(stats, "incr_hits", "incr_misses", "decr_hits", "decr_misses", "cmd_meta", "cmd_flush"),
                sum(stats, "cas_hits"),
                sum(stats, "cas_badval"),
                sum(stats, "cas_misses"));
    }

    private static long sum(Map<String, String> stats, String... names) {
        long sum = 0;
        for (String name : names) {
            sum += Long.parseLong(stats.getOrDefault(name, "0"));
        }
        return sum;
    }

    /** All commands that are counted: what a cost table calls round trips, where none is pipelined. */
    public long total() {
        return hits + renewals + misses + sets + refusals + deletes + others;
    }

    /** What came after an earlier snapshot of the same server process; a restart counts from zero. */
    public MemcachedCommands minus(MemcachedCommands earlier) {
        return new MemcachedCommands(
                hits - earlier.hits,
                renewals - earlier.renewals,
                misses - earlier.misses,
                sets - earlier.sets,
                refusals - earlier.refusals,
                deletes - earlier.deletes,
                others - earlier.others,
                casHits - earlier.casHits,
                casBad - earlier.casBad,
                casMisses - earlier.casMisses);
    }

    /** The kinds that were sent, as {@code renewal 1, set 1 (cas hit 1)}; {@code nothing} for none. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text, "hit", hits);
        append(text, "renewal", renewals);
        append(text, "miss", misses);
        append(text, "set", sets);
        StringBuilder cas = new StringBuilder();
        append(cas, "cas hit", casHits);
        append(cas, "cas bad", casBad);
        append(cas, "cas miss", casMisses);
        if (cas.length() > 0) {
            text.append(" (").append(cas).append(')');
        }
        append(text, "refusal", refusals);
        append(text, "delete", deletes);
        append(text, "other", others);
        return text.length() == 0 ? "nothing" : text.toString();
    }

    private static void append(StringBuilder text, String kind, long count) {
        if (count != 0) {
            text.append(text.length() == 0 ? "" : ", ").append(kind).append(' ').append(count);
        }
    }
}
