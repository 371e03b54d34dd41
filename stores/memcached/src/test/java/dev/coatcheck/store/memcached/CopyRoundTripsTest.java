package dev.coatcheck.store.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.Envelope;
import dev.coatcheck.memcached.ServerIdentity;
import dev.coatcheck.test.SampleValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How often a caller waits for answers of three nodes: the sums are those of docs/memcached.md. */
class CopyRoundTripsTest {
    private static final Duration LEASE = Duration.ofMinutes(20);
    private static final Instant UNTIL = Instant.parse("2100-01-01T00:00:00Z");
    private static final NodeState STATE = new NodeState(1, new ServerIdentity(1, 0));

    private int away = -1;
    private final Voters voters = new Voters() {
        @Override
        public List<String> names() {
            return List.of("A", "B", "C");
        }

        @Override
        public boolean answers(int place) {
            return place != away;
        }
    };
    private final CopyLives lives = new CopyLives(Clock.systemUTC());
    private final CopyHints.OfKey hints = new CopyHints().of(SampleValue.key(), voters);
    private final CopiesVersion seen = new CopiesVersion(1, voters.names(), STATE, STATE, null);
    private final byte[] session = SampleValue.live(1);

    /** Both copies hold this, and every write is done. */
    private static int trips(CopyStep<?> first, byte[] there) {
        NodeValue value = NodeValue.of(there, Envelope.of(there));
        CopyStep<?> step = first;
        int trips = 0;
        while (step instanceof CopyStep.Ask<?> ask) {
            trips++;
            List<NodeAnswer> answers = new ArrayList<>();
            for (CopyStep.Call call : ask.calls()) {
                answers.add(
                        call.request() instanceof NodeRequest.Get
                                ? new NodeAnswer.Found(STATE, value.flags(), there, LEASE.toSeconds())
                                : new NodeAnswer.Done(STATE));
            }
            step = ask.then().apply(answers);
        }
        return trips;
    }

    private int load(byte[] there) {
        return trips(new CopyReads(voters, lives, hints, LEASE, true).load(), there);
    }

    private CopyWrites writes() {
        return new CopyWrites(voters, lives, hints, SampleValue.after(session), LEASE);
    }

    private int create() {
        return trips(writes().create(), session);
    }

    private int replace(CopiesVersion over) {
        return trips(writes().replace(over), session);
    }

    private CopyEnds ends() {
        return new CopyEnds(voters, lives, hints, UNTIL);
    }

    @Test
    void aReadWaitsOnceAndANewSessionTwice() {
        assertThat(load(session)).isEqualTo(1);
        assertThat(create()).isEqualTo(2);
    }

    @Test
    void aChangeWaitsThreeTimes() {
        assertThat(load(session) + replace(seen)).isEqualTo(3);
    }

    /** The read has seen what the witness has. */
    @Test
    void whileANodeIsAwayAChangeWaitsThreeTimesToo() {
        away = Voters.FIRST;
        assertThat(load(session) + replace(new CopiesVersion(1, voters.names(), null, STATE, STATE)))
                .isEqualTo(3);
        away = Voters.SECOND;
        assertThat(load(session) + replace(new CopiesVersion(1, voters.names(), STATE, null, STATE)))
                .isEqualTo(3);
    }

    @Test
    void aLogOutEndsWhatItHasReadAndWaitsThreeTimes() {
        assertThat(load(session) + trips(ends().end(seen), session)).isEqualTo(3);
    }

    /** It is read, made anew under the new id, and pointed to from the old one. */
    @Test
    void aNewIdWaitsFiveTimes() {
        assertThat(load(session) + create() + replace(seen)).isEqualTo(5);
    }

    @Test
    void whatIsFoundDeadAndTheMarkOfAnEndWaitTwice() {
        assertThat(load(session) + trips(ends().end(), session)).isEqualTo(2);
        assertThat(load(Envelope.tomb(UNTIL).bytes())).isEqualTo(2);
    }
}
