package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Key;
import dev.coatcheck.memcached.ServerIdentity;
import dev.coatcheck.test.SampleValue;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What a node has missed is known until it has all of it, also where it comes and goes. */
class CopyHintsTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final String NODE = "n0";

    private final Key key = SampleValue.key();
    private final CopyHints hints = new CopyHints();
    private final CopyLives lives = new CopyLives(Clock.systemUTC());

    /** Two nodes that are believed to answer. */
    private record Two() implements Voters {
        @Override
        public List<String> names() {
            return List.of(NODE, "n1");
        }

        @Override
        public boolean answers(int place) {
            return true;
        }
    }

    private CopyHints.Hint missed() {
        hints.of(key, new Two()).repair(Voters.FIRST, LEASE);
        return hints.of(NODE).get(key);
    }

    /** Delivers as the product does, on these answers of the nodes. */
    private boolean isSettled(CopyHints.Hint hint, Function<CopyStep.Call, NodeAnswer> nodes) {
        Voters two = new Two();
        CopyStep<Boolean> step = CopyDelivery.mend(two, lives, hints.of(key, two), Voters.FIRST, hint);
        while (step instanceof CopyStep.Ask<Boolean> ask) {
            step = ask.then().apply(ask.calls().stream().map(nodes).toList());
        }
        return ((CopyStep.Done<Boolean>) step).result();
    }

    @Test
    void whatIsMissedWhileTheFirstIsDeliveredIsDeliveredToo() {
        CopyHints.Hint first = missed();
        CopyHints.Hint second = missed();
        hints.delivered(NODE, key, first);
        assertThat(hints.wait(NODE)).isTrue();
        hints.delivered(NODE, key, second);
        assertThat(hints.wait(NODE)).isFalse();
    }

    @Test
    void aNodeThatGoesWhileItIsToBeGivenWhatItMissedHasNotGotIt() {
        CopyHints.Hint hint = missed();
        NodeAnswer there = found(SampleValue.live(1));
        assertThat(isSettled(hint, call -> call.place() == Voters.FIRST ? new NodeAnswer.Away(false, "gone") : there))
                .isFalse();
        assertThat(isSettled(hint, call -> there)).isTrue();
    }

    @Test
    void ofMoreThanTenThousandKeysTheRestIsCountedAloneAndAKnownOneIsStillBroughtUpToDate() {
        CopyHints.Hint first = missed();
        for (int i = 1; i < 10_000; i++) {
            hints.of(SampleValue.key(), new Two()).repair(Voters.FIRST, LEASE);
        }
        assertThat(hints.stats()).isEqualTo(new CopyStats(0, 0, Map.of(NODE, 10_000), 0));
        Key late = SampleValue.key();
        hints.of(late, new Two()).repair(Voters.FIRST, LEASE);
        assertThat(hints.stats()).isEqualTo(new CopyStats(0, 0, Map.of(NODE, 10_000), 1));
        assertThat(hints.of(NODE)).doesNotContainKey(late);
        assertThat(missed()).isNotSameAs(first);
        assertThat(hints.stats()).isEqualTo(new CopyStats(0, 0, Map.of(NODE, 10_000), 1));
    }

    private static NodeAnswer found(byte[] value) {
        NodeValue there = NodeValue.of(value, Envelope.of(value));
        NodeState state = new NodeState(1, new ServerIdentity(1, 1));
        return new NodeAnswer.Found(state, there.flags(), value, LEASE.toSeconds());
    }
}
