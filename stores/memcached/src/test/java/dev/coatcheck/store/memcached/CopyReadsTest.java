package dev.coatcheck.store.memcached;

import static dev.coatcheck.store.memcached.Voters.FIRST;
import static dev.coatcheck.store.memcached.Voters.SECOND;
import static dev.coatcheck.store.memcached.Voters.WITNESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Stored;
import dev.coatcheck.memcached.ServerIdentity;
import dev.coatcheck.test.SampleValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a look does at a key's nodes, answer by answer. */
class CopyReadsTest {
    private static final Duration LEASE = Duration.ofSeconds(1_202);
    private static final Instant END = Instant.parse("2100-01-01T00:00:00Z");
    private static final NodeAnswer.Found ONE = found(Envelope.Kind.LIVE, 2, 1L << 60, 9L);
    private static final NodeAnswer.Found OTHER = found(Envelope.Kind.LIVE, 2, 1L << 61, 9L);
    private static final NodeAnswer DONE = new NodeAnswer.Done(new NodeState(9, new ServerIdentity(1, 0)));

    private final CopyHints hints = new CopyHints();

    private static NodeAnswer.Found found(Envelope.Kind kind, int version, Long... writes) {
        Envelope envelope = new Envelope(kind, 0, 1, 0, version, END.getEpochSecond(), List.of(writes));
        NodeValue value = NodeValue.of(envelope.bytes(), envelope);
        return new NodeAnswer.Found(
                new NodeState(writes[0], new ServerIdentity(1, 0)), value.flags(), value.bytes(), 1_200);
    }

    private CopyStep<Optional<Stored>> load(String... names) {
        Voters voters = new Voters() {
            @Override
            public List<String> names() {
                return List.of(names);
            }

            @Override
            public boolean answers(int place) {
                return true;
            }
        };
        CopyHints.OfKey ofKey = hints.of(SampleValue.key(), voters);
        return new CopyReads(voters, new CopyLives(Clock.systemUTC()), ofKey, LEASE, true).load();
    }

    private static CopyStep<Optional<Stored>> answer(CopyStep<Optional<Stored>> step, NodeAnswer... answers) {
        CopyStep.Ask<Optional<Stored>> ask = (CopyStep.Ask<Optional<Stored>>) step;
        assertThat(ask.calls()).hasSameSizeAs(answers);
        return ask.then().apply(List.of(answers));
    }

    private static List<CopyStep.Call> calls(CopyStep<Optional<Stored>> step) {
        return ((CopyStep.Ask<Optional<Stored>>) step).calls();
    }

    private static Optional<Stored> result(CopyStep<Optional<Stored>> step) {
        return ((CopyStep.Done<Optional<Stored>>) step).result();
    }

    @Test
    void withoutAWitnessABranchIsGivenUpWhereBothAreStillThere() {
        CopyStep<Optional<Stored>> both = answer(answer(load("A", "B"), ONE, OTHER), OTHER);
        CopyStep<Optional<Stored>> repair = answer(both, ONE, OTHER);
        assertThat(calls(repair)).extracting(CopyStep.Call::place).containsExactly(FIRST);
        assertThat(result(answer(repair, DONE)).orElseThrow().value()).isEqualTo(OTHER.value());
        assertThat(hints.stats().splits()).isEqualTo(1);
    }

    /** Of two branches the second node's is the one that the rule would give up. */
    @Test
    void withoutAWitnessABranchThatItsNodeHasForgottenSinceTakesTheOthersPlaceNowhere() {
        CopyStep<Optional<Stored>> both = answer(answer(load("A", "B"), OTHER, ONE), ONE);
        CopyStep<Optional<Stored>> refill = answer(both, new NodeAnswer.Absent(), ONE);
        CopyStep<Optional<Stored>> repair = answer(refill, DONE);
        assertThat(result(answer(repair, DONE)).orElseThrow().value()).isEqualTo(ONE.value());
        assertThat(hints.stats().splits()).isZero();
    }

    @Test
    void whatTheFirstNodeHasForgottenSinceIsNotBroughtToTheSecond() {
        NodeAnswer.Found newer = found(Envelope.Kind.LIVE, 3, 1L << 62, 1L << 60, 9L);
        CopyStep<Optional<Stored>> values = answer(load("A", "B", "C"), newer, ONE);
        CopyStep<Optional<Stored>> confirm = answer(values, ONE, new NodeAnswer.Absent());
        assertThat(calls(confirm)).extracting(CopyStep.Call::place).containsExactly(FIRST);
        CopyStep<Optional<Stored>> repair = answer(confirm, newer);
        assertThat(calls(repair)).extracting(CopyStep.Call::place).containsExactly(SECOND);
        CopyStep<Optional<Stored>> anew = answer(confirm, new NodeAnswer.Absent());
        assertThat(calls(anew)).hasSize(2).allMatch(call -> call.request() instanceof NodeRequest.Get);
    }

    @Test
    void whatANodeSawLongAgoAsAWitnessUnderAnotherListDoesNotLoseTheMarkOfAnOldId() {
        NodeAnswer.Found pointer =
                found(Envelope.Kind.FORWARD, Envelope.TERMINAL_VERSION, 19L, 18L, 17L, 16L, 15L, 14L, 13L, 12L);
        NodeAnswer.Found vote = found(Envelope.Kind.STUB, 1, 11L);
        CopyStep<Optional<Stored>> values = answer(load("A", "B", "C"), pointer, vote);
        CopyStep<Optional<Stored>> repair = answer(answer(values, vote, new NodeAnswer.Absent()), pointer);
        assertThat(calls(repair)).extracting(CopyStep.Call::place).containsExactly(SECOND);
        CopyStep<Optional<Stored>> restored = answer(repair, DONE);
        assertThat(result(answer(restored, DONE, DONE)).orElseThrow().value()).isEqualTo(pointer.value());
    }

    /** Whoever saw there what it has forgotten, and would bring it elsewhere or have the witness decide for it, must notice. */
    @Test
    void aFirstNodeThatHasForgottenIsFilledAfterTheStatesOfBothOthersHaveChanged() {
        CopyStep<Optional<Stored>> values = answer(load("A", "B", "C"), new NodeAnswer.Absent(), ONE);
        CopyStep<Optional<Stored>> changed = answer(values, ONE, new NodeAnswer.Absent());
        assertThat(calls(changed)).extracting(CopyStep.Call::place).containsExactly(SECOND, WITNESS);
        CopyStep<Optional<Stored>> filled = answer(changed, DONE, DONE);
        assertThat(calls(filled)).extracting(CopyStep.Call::place).containsExactly(FIRST);
        assertThat(result(answer(filled, DONE)).orElseThrow().value()).isEqualTo(ONE.value());
    }

    @Test
    void theWitnessDecidesBetweenTwoBranchesThatAreBothStillThere() {
        CopyStep<Optional<Stored>> values = answer(load("A", "B", "C"), ONE, OTHER);
        CopyStep<Optional<Stored>> again = answer(values, OTHER, new NodeAnswer.Absent());
        assertThat(calls(again)).extracting(CopyStep.Call::place).containsExactly(FIRST, SECOND);
        assertThat(calls(answer(again, ONE, OTHER)))
                .extracting(CopyStep.Call::place)
                .containsExactly(WITNESS);
        assertThat(calls(answer(again, new NodeAnswer.Absent(), OTHER)))
                .extracting(CopyStep.Call::place)
                .containsExactly(SECOND, WITNESS);
    }

    /** The look has renewed it for the session's lease, which is shorter. */
    @Test
    void whatTheWitnessSawOfAnOldIdStaysAsLongAsItsMark() {
        NodeAnswer.Found pointer = found(Envelope.Kind.FORWARD, Envelope.TERMINAL_VERSION, 3L, 1L << 60);
        NodeAnswer.Found vote = found(Envelope.Kind.STUB, Envelope.TERMINAL_VERSION, 3L, 1L << 60);
        CopyStep<Optional<Stored>> confirm = answer(answer(load("A", "B", "C"), pointer, ONE), ONE, vote);
        CopyStep<Optional<Stored>> restored = answer(answer(confirm, pointer), DONE);
        assertThat(calls(restored)).extracting(CopyStep.Call::place).containsExactly(FIRST, SECOND, WITNESS);
        assertThat(calls(restored))
                .extracting(CopyStep.Call::request)
                .allMatch(request -> request instanceof NodeRequest.Touch touch
                        && touch.life().compareTo(LEASE) > 0);
    }

    @Test
    void theMarkOfAnEndIsPutInPlaceOfTheStateThatWasSeen() {
        NodeAnswer.Found tomb = found(Envelope.Kind.TOMB, Envelope.TERMINAL_VERSION, 0L);
        CopyStep<Optional<Stored>> values = answer(load("A", "B", "C"), tomb, ONE);
        CopyStep<Optional<Stored>> mark = answer(values, ONE, new NodeAnswer.Absent());
        assertThat(calls(mark)).hasSize(1);
        assertThat(calls(mark).get(0).place()).isEqualTo(SECOND);
        assertThat(((NodeRequest.Swap) calls(mark).get(0).request()).over()).isEqualTo(ONE.state());
    }

    @Test
    void theMarkOfAnEndIsNotPutOverThePointerOfAnOldId() {
        NodeAnswer.Found tomb = found(Envelope.Kind.TOMB, Envelope.TERMINAL_VERSION, 0L);
        NodeAnswer.Found pointer = found(Envelope.Kind.FORWARD, Envelope.TERMINAL_VERSION, 3L);
        List<NodeRequest> asked = new ArrayList<>();
        CopyStep<Optional<Stored>> step = answer(load("A", "B", "C"), tomb, pointer);
        step = answer(step, pointer, new NodeAnswer.Absent());
        while (step instanceof CopyStep.Ask<Optional<Stored>> ask) {
            ask.calls().forEach(call -> asked.add(call.request()));
            step = ask.then().apply(ask.calls().stream().map(call -> DONE).toList());
        }
        assertThat(result(step)).isEmpty();
        assertThat(asked).isNotEmpty().allMatch(NodeRequest.Touch.class::isInstance);
    }
}
