package dev.coatcheck.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final int KEYS = 20_000;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(0);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private Placement of(List<String> names) {
        return inZones(names, i -> "");
    }

    /** Nodes that were never started: none of them is up. */
    private Placement inZones(List<String> names, IntFunction<String> zone) {
        return new Placement(IntStream.range(0, names.size())
                .mapToObj(i -> new MemcachedNode(new NodeSpec(names.get(i), "mc", zone.apply(i)), settings()))
                .toList());
    }

    private ClientSettings settings() {
        return TestSettings.with(timer);
    }

    private static List<String> names(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> "mc" + i + ":11211")
                .toList();
    }

    /** Made by another program. If this fails, an update of the client would move keys, and everybody would lose what is stored. Never change it. */
    @Test
    void hashesThatStayForEver() {
        Map<String, String> known = Map.of(
                "",
                "c3817c016ba4ff30",
                "a",
                "5f29c2aadd9b8527",
                "greeting",
                "1002ece0c6b300fc",
                "mc1:11211",
                "9f29b3a4aad979c1",
                "~".repeat(250),
                "010d91b232de8f17");
        known.forEach((text, hash) ->
                assertThat(String.format("%016x", KeyHash.of(text))).as(text).isEqualTo(hash));
    }

    /** The same as for the hashes: the owner of each of these keys is fixed. */
    @Test
    void ownersThatStayForEver() {
        Placement placement = of(names(5));
        StringBuilder owners = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            owners.append(placement.owner("coatcheck:" + i).name().charAt(2));
        }
        assertThat(owners).hasToString("4432131125124412344333515422112423151122");
        assertThat(placement.owners("coatcheck:0", 9).stream()
                        .map(node -> node.name().substring(0, 3)))
                .containsExactly("mc4", "mc3", "mc5", "mc1", "mc2");
    }

    @Test
    void theOwnerIsTheSameInWhateverOrderTheNodesAreGiven() {
        List<String> names = new ArrayList<>(names(7));
        Placement first = of(names);
        Collections.shuffle(names, new Random(1));
        Placement second = of(names);
        for (int i = 0; i < KEYS; i++) {
            String key = "k" + i;
            assertThat(second.owner(key).name()).isEqualTo(first.owner(key).name());
            assertThat(first.owners(key, 1).get(0)).isSameAs(first.owner(key));
        }
    }

    @Test
    void aNewNodeTakesItsShareAndMovesNothingBetweenOthers() {
        for (int count : new int[] {1, 2, 3, 8}) {
            Placement before = of(names(count));
            Placement after = of(names(count + 1));
            String added = "mc" + (count + 1) + ":11211";
            int moved = 0;
            for (int i = 0; i < KEYS; i++) {
                String owner = after.owner("k" + i).name();
                if (owner.equals(added)) {
                    moved++;
                } else {
                    assertThat(owner).isEqualTo(before.owner("k" + i).name());
                }
            }
            assertThat(moved / (double) KEYS).isCloseTo(1.0 / (count + 1), within(0.02));
        }
    }

    @Test
    void withoutItsOwnerAKeyIsTheNextInRanks() {
        Placement all = of(names(4));
        for (int i = 0; i < 1_000; i++) {
            List<String> ranked =
                    all.owners("k" + i, 4).stream().map(MemcachedNode::name).toList();
            List<String> rest = new ArrayList<>(names(4));
            rest.remove(ranked.get(0));
            assertThat(of(rest).owners("k" + i, 3).stream().map(MemcachedNode::name))
                    .containsExactlyElementsOf(ranked.subList(1, 4));
        }
    }

    @Test
    void inZonesEachOwnerIsTheHighestInRanksOfAZoneThatHasNone() {
        Placement ranks = of(names(9));
        Placement zones = inZones(names(9), i -> "z" + i % 3);
        for (int i = 0; i < 1_000; i++) {
            String key = "k" + i;
            List<String> expected = new ArrayList<>();
            Set<Integer> taken = new HashSet<>();
            for (MemcachedNode node : ranks.owners(key, 9)) {
                if (taken.add(names(9).indexOf(node.name()) % 3)) {
                    expected.add(node.name());
                }
            }
            assertThat(zones.owners(key, 3)).extracting(MemcachedNode::name).containsExactlyElementsOf(expected);
            assertThat(zones.owner(key)).isSameAs(zones.owners(key, 1).get(0));
        }
    }

    @Test
    void whereZonesAreFewerThanOwnersTheNextInRanksFollow() {
        Placement ranks = of(names(5));
        Placement two = inZones(names(5), i -> i == 0 ? "a" : "b");
        for (int i = 0; i < 1_000; i++) {
            String key = "k" + i;
            List<MemcachedNode> owners = two.owners(key, 3);
            assertThat(owners.subList(0, 2)).extracting(MemcachedNode::zone).containsExactlyInAnyOrder("a", "b");
            List<String> left = ranks.owners(key, 5).stream()
                    .map(MemcachedNode::name)
                    .filter(name -> owners.subList(0, 2).stream()
                            .noneMatch(owner -> owner.name().equals(name)))
                    .toList();
            assertThat(owners.get(2).name()).isEqualTo(left.get(0));
            assertThat(two.owners(key, 9)).hasSize(5).doesNotHaveDuplicates();
        }
    }

    @Test
    void keysAreSpreadEvenlyAlsoOverTheConnectionsOfANode() {
        Placement placement = of(names(5));
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < KEYS; i++) {
            long lane = Long.remainderUnsigned(KeyHash.of("k" + i), 2);
            counts.merge(placement.owner("k" + i).name() + "/" + lane, 1, Integer::sum);
        }
        assertThat(counts).hasSize(10);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(KEYS / 10 - 250, KEYS / 10 + 250));
    }
}
