package dev.coatcheck.store.memcached;

import dev.coatcheck.Envelope;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.store.memcached.CopyStep.Ask;
import dev.coatcheck.store.memcached.CopyStep.Call;
import dev.coatcheck.store.memcached.CopyStep.Done;
import dev.coatcheck.store.memcached.NodeAnswer.Away;
import dev.coatcheck.store.memcached.NodeAnswer.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Ends a key that may be on its way from one node to another: by a mark at both, so that nobody who moves it brings it back. */
final class RelocationEnd {
    private final NodeValue tomb;
    private final Duration life;

    RelocationEnd(CopyLives lives, Instant until) {
        Envelope envelope = Envelope.tomb(until);
        tomb = NodeValue.of(envelope.bytes(), envelope);
        life = lives.of(envelope, Duration.ZERO);
    }

    /** Whatever is there. True when confirmed. */
    CopyStep<Boolean> end() {
        NodeRequest bury = new NodeRequest.Bury(tomb, life);
        return new Ask<>(
                List.of(new Call(Relocation.OWNER, bury), new Call(Relocation.FORMER, bury)),
                answers -> new Done<>(answers.stream().allMatch(NodeAnswer.Done.class::isInstance)));
    }

    /** While this state is at the owner. */
    CopyStep<Outcome> end(NodeState seen) {
        return CopyStep.ask(Relocation.OWNER, new NodeRequest.Swap(tomb, seen, life), answer -> {
            if (answer instanceof NodeAnswer.Done) {
                return CopyStep.ask(
                        Relocation.FORMER,
                        new NodeRequest.Bury(tomb, life),
                        buried -> new Done<>(buried instanceof NodeAnswer.Done ? Outcome.GONE : Outcome.UNKNOWN));
            }
            boolean unknown = answer instanceof Away || answer instanceof Refused;
            return new Done<>(unknown ? Outcome.UNKNOWN : Outcome.CONFLICT);
        });
    }
}
