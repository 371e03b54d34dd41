package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a request did, applied to whatever record is there. */
class ChangeTest {
    private static final Attribute ONE = StepWorld.ONE;
    private static final Attribute TWO = StepWorld.TWO;

    private static SessionRecord empty() {
        return SessionRecord.empty(
                Instant.parse("2026-01-01T00:00:00Z"), Duration.ofMinutes(20), Duration.ofHours(12), new byte[18]);
    }

    private static Change.AddFlash flash(long id, String text) {
        return new Change.AddFlash(new FlashMessage(id, "info", text));
    }

    private static List<String> texts(SessionRecord session) {
        return FlashMessage.decode(session.attribute(SessionRecord.FLASH)).stream()
                .map(FlashMessage::text)
                .toList();
    }

    private static List<Change> list(Change... changes) {
        List<Change> list = List.of();
        for (Change change : changes) {
            list = Change.append(list, change);
        }
        return list;
    }

    @Test
    void attributesOfAnotherRequestStay() {
        SessionRecord theirs = empty().with("theirs", ONE).with("both", ONE);
        List<Change> mine = list(new Change.Put("mine", TWO), new Change.Put("both", TWO), new Change.Remove("none"));
        assertThat(Change.applyAll(mine, theirs).attributes())
                .containsEntry("theirs", ONE)
                .containsEntry("mine", TWO)
                .containsEntry("both", TWO)
                .hasSize(3);
    }

    @Test
    void aClearTakesWhatIsThereAtCommitAndNotWhatWasSetAfterIt() {
        List<Change> mine = list(new Change.Put("a", ONE), new Change.Clear(), new Change.Put("b", ONE));
        assertThat(Change.applyAll(mine, empty().with("theirs", ONE)).attributes())
                .containsOnlyKeys("b");
    }

    @Test
    void aLoopThatSetsOneKeyKeepsOneChange() {
        List<Change> changes = List.of();
        for (int i = 0; i < 10_000; i++) {
            changes = Change.append(changes, i % 3 == 0 ? new Change.Remove("a") : new Change.Put("a", ONE));
            changes = Change.append(changes, new Change.Put("b", TWO));
        }
        assertThat(changes).hasSize(2);
    }

    @Test
    void anUpdateIsVoidOnceItsKeyIsSetOrRemovedAndNotBefore() {
        Change count = new Change.Update("a", old -> old == null ? ONE : TWO);
        assertThat(list(count, count)).hasSize(2);
        assertThat(list(count, new Change.Put("a", ONE))).hasSize(1);
        assertThat(list(count, new Change.Remove("a"))).hasSize(1);
        assertThat(list(count, new Change.Put("b", ONE))).hasSize(2);
        assertThat(list(new Change.Put("a", ONE), count)).hasSize(2);
    }

    @Test
    void aClearVoidsEverythingButTimeouts() {
        Change timeouts = new Change.Timeouts(session -> session.withIdleTimeout(Duration.ofMinutes(1)));
        List<Change> changes = list(
                timeouts,
                new Change.Put("a", ONE),
                flash(1, "hello"),
                new Change.TakeFlash(Set.of(1L)),
                new Change.Update("b", old -> ONE),
                new Change.Clear());
        assertThat(changes).hasSize(2).first().isSameAs(timeouts);
    }

    @Test
    void aTakingIsNeverForgottenNorWhatItTook() {
        List<Change> changes = list(
                new Change.Put("a", ONE), new Change.Take("a", ONE), new Change.Put("a", TWO), new Change.Remove("a"));
        assertThat(changes).hasSize(3);
        assertThat(Change.applyAll(changes, empty()).attributes()).isEmpty();
        assertThat(list(new Change.Take("a", ONE), new Change.Clear(), new Change.Clear()))
                .hasSize(2);
        assertThatThrownBy(() -> Change.applyAll(list(new Change.Take("a", ONE), new Change.Clear()), empty()))
                .isInstanceOf(SessionConflictException.class);
    }

    @Test
    void aTakingFailsWhenTheValueIsGoneOrAnotherOrHasOtherFlags() {
        Change take = new Change.Take("a", ONE);
        assertThat(take.applyTo(empty().with("a", ONE)).attributes()).isEmpty();
        for (SessionRecord session : List.of(
                empty(),
                empty().with("a", TWO),
                empty().with("a", new Attribute("i", Attribute.GUARDED, ONE.bytes())))) {
            assertThatThrownBy(() -> take.applyTo(session))
                    .isInstanceOf(SessionConflictException.class)
                    .hasMessageNotContaining("\"a\"");
        }
    }

    @Test
    void messagesJoinThoseOfOthersAndTakingLeavesWhatCameMeanwhile() {
        SessionRecord theirs = flash(1, "theirs").applyTo(empty());
        SessionRecord both = flash(2, "mine").applyTo(theirs);
        assertThat(texts(both)).containsExactly("theirs", "mine");
        SessionRecord later = flash(3, "later").applyTo(both);
        SessionRecord taken = new Change.TakeFlash(Set.of(1L, 2L)).applyTo(later);
        assertThat(texts(taken)).containsExactly("later");
        SessionRecord none = new Change.TakeFlash(Set.of(3L, 9L)).applyTo(taken);
        assertThat(none.attributes()).isEmpty();
    }

    @Test
    void onlyWhatOverwritesMayRunTwice() {
        assertThat(List.of(
                        new Change.Put("a", ONE),
                        new Change.Remove("a"),
                        new Change.Clear(),
                        new Change.Timeouts(s -> s)))
                .allMatch(Change::mayRunTwice);
        assertThat(List.of(
                        new Change.Update("a", old -> old),
                        new Change.Take("a", ONE),
                        flash(1, "x"),
                        new Change.TakeFlash(Set.of(1L))))
                .noneMatch(Change::mayRunTwice);
    }

    /** A shorter list does the same as the one with every change in it, to every record. */
    @Test
    void whatIsLeftOutChangesNothing() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 20_000; round++) {
            List<Change> whole = new ArrayList<>();
            List<Change> shorter = List.of();
            SessionRecord seen = base(random);
            for (int i = random.nextInt(8); i >= 0; i--) {
                Change next = change(random, seen);
                seen = next.applyTo(seen);
                whole.add(next);
                shorter = Change.append(shorter, next);
            }
            SessionRecord other = base(random);
            assertThat(outcome(shorter, other))
                    .as("seed %d, round %d: %s", seed, round, whole)
                    .isEqualTo(outcome(whole, other));
        }
    }

    private static Object outcome(List<Change> changes, SessionRecord session) {
        try {
            return Change.applyAll(changes, session).attributes();
        } catch (SessionConflictException conflict) {
            return "conflict";
        }
    }

    private static SessionRecord base(SplittableRandom random) {
        SessionRecord session = empty();
        for (String name : List.of("a", "b")) {
            if (random.nextBoolean()) {
                session = session.with(name, random.nextBoolean() ? ONE : TWO);
            }
        }
        return session;
    }

    private static Change change(SplittableRandom random, SessionRecord seen) {
        String name = random.nextBoolean() ? "a" : "b";
        Attribute there = seen.attribute(name);
        return switch (random.nextInt(6)) {
            case 0 -> new Change.Put(name, random.nextBoolean() ? ONE : TWO);
            case 1 -> new Change.Remove(name);
            case 2 -> new Change.Update(name, old -> ONE.equals(old) ? TWO : ONE);
            case 3 -> there == null ? new Change.Put(name, ONE) : new Change.Take(name, there);
            case 4 -> flash(random.nextInt(3), "text");
            default -> new Change.Clear();
        };
    }
}
