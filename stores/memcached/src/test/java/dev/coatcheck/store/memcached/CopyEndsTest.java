package dev.coatcheck.store.memcached;

import static dev.coatcheck.store.memcached.Voters.FIRST;
import static dev.coatcheck.store.memcached.Voters.SECOND;
import static dev.coatcheck.store.memcached.Voters.WITNESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.memcached.ServerIdentity;
import dev.coatcheck.test.SampleValue;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a log-out does at a key's nodes, answer by answer. */
class CopyEndsTest {
    private static final List<String> NAMES = List.of("A", "B", "C");
    private static final NodeState AT_FIRST = state(1);
    private static final NodeState AT_SECOND = state(2);
    private static final NodeAnswer DONE = new NodeAnswer.Done(state(9));
    private static final NodeAnswer OTHER = new NodeAnswer.Other();
    private static final Instant UNTIL = Instant.parse("2100-01-01T00:00:00Z");

    private final Set<Integer> away = new HashSet<>();
    private final CopyHints hints = new CopyHints();

    private static NodeState state(long cas) {
        return new NodeState(cas, new ServerIdentity(1, 0));
    }

    private CopyStep<Outcome> end() {
        Voters voters = new Voters() {
            @Override
            public List<String> names() {
                return NAMES;
            }

            @Override
            public boolean answers(int place) {
                return !away.contains(place);
            }
        };
        CopyHints.OfKey ofKey = hints.of(SampleValue.key(), voters);
        return new CopyEnds(voters, new CopyLives(Clock.systemUTC()), ofKey, UNTIL)
                .end(new CopiesVersion(3, NAMES, AT_FIRST, AT_SECOND, null));
    }

    /** Answers the one call that a step makes, which must be to this node. */
    private static CopyStep<Outcome> answer(CopyStep<Outcome> step, int place, NodeAnswer answer) {
        CopyStep.Ask<Outcome> ask = (CopyStep.Ask<Outcome>) step;
        assertThat(ask.calls()).extracting(CopyStep.Call::place).containsExactly(place);
        return ask.then().apply(List.of(answer));
    }

    private static NodeAnswer found(Envelope.Kind kind, int version) {
        Envelope envelope = new Envelope(kind, 0, 1, 0, version, UNTIL.getEpochSecond(), List.of(7L));
        NodeValue value = NodeValue.of(envelope.bytes(), envelope);
        return new NodeAnswer.Found(state(5), value.flags(), value.bytes(), 1_200);
    }

    private static Outcome outcome(CopyStep<Outcome> step) {
        return ((CopyStep.Done<Outcome>) step).result();
    }

    private static NodeState over(CopyStep<Outcome> step) {
        return ((NodeRequest.Swap) ((CopyStep.Ask<Outcome>) step).calls().get(0).request()).over();
    }

    @Test
    void bothNodesAreMarkedInPlaceOfWhatWasSeenThere() {
        CopyStep<Outcome> first = end();
        assertThat(over(first)).isEqualTo(AT_FIRST);
        CopyStep<Outcome> second = answer(first, FIRST, DONE);
        assertThat(over(second)).isEqualTo(AT_SECOND);
        assertThat(outcome(answer(second, SECOND, DONE))).isEqualTo(Outcome.GONE);
    }

    @Test
    void anEndIsNotConfirmedOverThePointerThatWhoDoesNotSeeTheFirstNodeHasLeftAtTheSecond() {
        CopyStep<Outcome> look = answer(answer(end(), FIRST, DONE), SECOND, OTHER);
        CopyStep<Outcome> last = answer(look, SECOND, found(Envelope.Kind.FORWARD, Envelope.TERMINAL_VERSION));
        assertThat(outcome(last)).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void anEndIsNotConfirmedOverAPointerThatTheWitnessHasSeen() {
        away.add(SECOND);
        CopyStep<Outcome> look = answer(end(), FIRST, DONE);
        CopyStep<Outcome> last = answer(look, WITNESS, found(Envelope.Kind.STUB, Envelope.TERMINAL_VERSION));
        assertThat(outcome(last)).isEqualTo(Outcome.UNKNOWN);
        assertThat(hints.wait("B")).isTrue();
    }

    @Test
    void whereTheSecondNodeHasForgottenTheWitnessKnowsOfAPointer() {
        CopyStep<Outcome> witness = answer(answer(end(), FIRST, DONE), SECOND, new NodeAnswer.Absent());
        assertThat(outcome(answer(witness, WITNESS, found(Envelope.Kind.STUB, Envelope.TERMINAL_VERSION))))
                .isEqualTo(Outcome.UNKNOWN);
        CopyStep<Outcome> mark = answer(witness, WITNESS, new NodeAnswer.Absent());
        assertThat(outcome(answer(mark, WITNESS, DONE))).isEqualTo(Outcome.GONE);
        assertThat(hints.wait("B")).as("its own mark is still to come").isTrue();
    }

    @Test
    void anEndIsNotConfirmedWhereTheSecondNodeHasHadSomethingElseThatCannotBeSeen() {
        for (NodeAnswer unseen : List.of(new NodeAnswer.Absent(), new NodeAnswer.Away(true, "silent"))) {
            CopyStep<Outcome> look = answer(answer(end(), FIRST, DONE), SECOND, OTHER);
            assertThat(outcome(answer(look, SECOND, unseen))).isEqualTo(Outcome.UNKNOWN);
        }
        assertThat(hints.wait("B")).isTrue();
    }

    @Test
    void aVersionThatWhoDoesNotSeeTheFirstNodeHasWrittenEndsToo() {
        CopyStep<Outcome> look = answer(answer(end(), FIRST, DONE), SECOND, OTHER);
        CopyStep<Outcome> again = answer(look, SECOND, found(Envelope.Kind.LIVE, 4));
        assertThat(over(again)).isEqualTo(state(5));
        assertThat(outcome(answer(again, SECOND, DONE))).isEqualTo(Outcome.GONE);
    }

    @Test
    void theWitnessIsMarkedWhereTheSecondNodeIsAway() {
        away.add(SECOND);
        CopyStep<Outcome> look = answer(end(), FIRST, DONE);
        CopyStep<Outcome> mark = answer(look, WITNESS, new NodeAnswer.Absent());
        assertThat(outcome(answer(mark, WITNESS, DONE))).isEqualTo(Outcome.GONE);
    }

    @Test
    void aSecondNodeThatKeepsChangingLeavesTheEndUnconfirmed() {
        CopyStep<Outcome> step = answer(end(), FIRST, DONE);
        for (int version = 4; step instanceof CopyStep.Ask<Outcome>; version++) {
            step = answer(step, SECOND, OTHER);
            if (step instanceof CopyStep.Ask<Outcome>) {
                step = answer(step, SECOND, found(Envelope.Kind.LIVE, version));
            }
            assertThat(version).isLessThan(20);
        }
        assertThat(outcome(step)).isEqualTo(Outcome.UNKNOWN);
    }
}
