package dev.coatcheck.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListRuleTest {
    private static final Duration PAUSE = Duration.ofSeconds(20);
    private static final Duration LONG = Duration.ofDays(365);

    private final ListRule rule = ListRule.oneAtATime(PAUSE);

    private static List<NodeSpec> list(String... names) {
        return List.of(names).stream().map(name -> new NodeSpec(name, name, "")).toList();
    }

    @Test
    void oneNodeMoreOrLessIsAllowed() {
        assertThat(rule.refusal(list("a", "b"), list("c", "b", "a"), LONG)).isNull();
        assertThat(rule.refusal(list("a", "b", "c"), list("c", "a"), LONG)).isNull();
    }

    @Test
    void twoAtATimeAreRefusedAndSoIsOneInThePlaceOfAnother() {
        assertThat(rule.refusal(list("a"), list("a", "b", "c"), LONG)).contains("2 nodes differ");
        assertThat(rule.refusal(list("a", "b", "c"), list("a"), LONG)).contains("2 nodes differ");
        assertThat(rule.refusal(list("a", "b"), list("a", "c"), LONG)).contains("2 nodes differ");
    }

    @Test
    void anotherZoneOrAddressIsAChangeOfOneNode() {
        NodeSpec moved = new NodeSpec("b", "elsewhere", "east");
        assertThat(rule.refusal(list("a", "b"), List.of(list("a").get(0), moved), LONG))
                .isNull();
        assertThat(rule.refusal(list("a", "b"), List.of(moved), LONG)).contains("2 nodes differ");
    }

    @Test
    void theNextOneWaitsUntilThePauseIsOver() {
        assertThat(rule.refusal(list("a"), list("a", "b"), PAUSE.minusNanos(1))).contains("20000 ms");
        assertThat(rule.refusal(list("a"), list("a", "b"), PAUSE)).isNull();
    }

    @Test
    void withoutARuleEverythingIsAllowed() {
        assertThat(ListRule.any().refusal(list("a"), list("b", "c"), Duration.ZERO))
                .isNull();
    }
}
