package dev.coatcheck.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.chaos.Entry.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Histories by hand: each broken promise is found, and what is allowed is not. */
class CheckerTest {
    private static final long LIFE = 7;

    private final List<Entry> entries = new ArrayList<>();
    private boolean mayBeLost;

    private static long value(int entry) {
        return Seen.value(LIFE, entry);
    }

    /** One that took from its first moment to its second. */
    private Entry told(Kind kind, Outcome outcome, long started, long told) {
        Entry entry = new Entry(entries.size() + 1, kind, 0, started);
        entry.outcome = outcome;
        entry.told = told;
        entry.updates = kind == Kind.UPDATE;
        entries.add(entry);
        return entry;
    }

    /** One after another. */
    private Entry told(Kind kind, Outcome outcome) {
        return told(kind, outcome, 10L * entries.size() + 1, 10L * entries.size() + 9);
    }

    private Entry done(Kind kind) {
        return told(kind, Outcome.ACKNOWLEDGED);
    }

    private Entry set(Outcome outcome) {
        return puts(told(Kind.SET, outcome));
    }

    private static Entry puts(Entry entry) {
        entry.register = Register.FIRST;
        entry.value = value(entry.id);
        return entry;
    }

    private Entry finds(Entry entry, List<Long> log, @Nullable Long first) {
        entry.seen = new Seen(LIFE, log, log.size(), first, null, null, null, null, null);
        return entry;
    }

    private void reads(List<Long> log, @Nullable Long first) {
        finds(done(Kind.READ), log, first);
    }

    private List<String> broken() {
        return Checker.check(new History(LIFE, entries), mayBeLost);
    }

    private void isAllRight() {
        assertThat(broken()).isEmpty();
    }

    private void isBroken(String promise) {
        assertThat(broken())
                .isNotEmpty()
                .allSatisfy(broken -> assertThat(broken).startsWith(promise));
    }

    @Test
    void whatWasStoredIsThere() {
        done(Kind.UPDATE);
        set(Outcome.ACKNOWLEDGED);
        reads(List.of(value(1)), value(2));
        isAllRight();
    }

    @Test
    void anOlderValueIsStale() {
        set(Outcome.ACKNOWLEDGED);
        set(Outcome.ACKNOWLEDGED);
        reads(List.of(), value(1));
        isBroken("What was stored is not there");
    }

    @Test
    void noValueIsStaleToo() {
        set(Outcome.ACKNOWLEDGED);
        reads(List.of(), null);
        isBroken("What was stored is not there");
    }

    @Test
    void ofTwoThatSetAtOnceEitherMayBeLater() {
        puts(told(Kind.SET, Outcome.ACKNOWLEDGED, 1, 8));
        puts(told(Kind.SET, Outcome.ACKNOWLEDGED, 2, 9));
        finds(told(Kind.READ, Outcome.ACKNOWLEDGED, 10, 11), List.of(), value(1));
        finds(told(Kind.READ, Outcome.ACKNOWLEDGED, 12, 13), List.of(), value(2));
        isAllRight();
    }

    @Test
    void aLostAnswerMayBeTrueOrNot() {
        set(Outcome.UNKNOWN);
        told(Kind.UPDATE, Outcome.UNKNOWN);
        reads(List.of(), null);
        reads(List.of(value(2)), value(1));
        isAllRight();
    }

    @Test
    void whatHadALostAnswerDoesNotComeBackOverWhatCameLater() {
        set(Outcome.UNKNOWN);
        set(Outcome.ACKNOWLEDGED);
        reads(List.of(), value(1));
        isBroken("What was stored is not there");
    }

    @Test
    void whatWasRefusedIsNotThere() {
        told(Kind.UPDATE, Outcome.REFUSED);
        entries.get(0).updates = true;
        finds(done(Kind.READ), List.of(value(1)), null);
        assertThat(broken()).anyMatch(broken -> broken.startsWith("What was refused is there"));
    }

    @Test
    void anUpdateIsNotLost() {
        done(Kind.UPDATE);
        done(Kind.UPDATE);
        reads(List.of(value(2)), null);
        assertThat(broken())
                .anyMatch(broken -> broken.startsWith("An acknowledged update is lost"))
                .anyMatch(broken -> broken.startsWith("A counter is 1 after 2 updates"));
    }

    @Test
    void anUpdateIsNotDoneTwice() {
        done(Kind.UPDATE);
        reads(List.of(value(1), value(1)), null);
        assertThat(broken())
                .anyMatch(broken -> broken.startsWith("One commit is there twice"))
                .anyMatch(broken -> broken.startsWith("A counter is 2 after 1 updates"));
    }

    @Test
    void aCounterIsBetweenWhatWasAcknowledgedAndWhatMayHaveBeen() {
        done(Kind.UPDATE);
        told(Kind.UPDATE, Outcome.UNKNOWN);
        Entry read = done(Kind.READ);
        for (int count = 0; count <= 3; count++) {
            read.seen = new Seen(LIFE, List.of(value(1)), count, null, null, null, null, null, null);
            String said = "A counter is " + count;
            assertThat(broken().stream().anyMatch(broken -> broken.startsWith(said)))
                    .as(said)
                    .isEqualTo(count == 0 || count == 3);
        }
    }

    @Test
    void whatIsSetTogetherIsThereAsAWhole() {
        Entry several = done(Kind.SEVERAL);
        several.register = Register.PAIR;
        several.value = value(1);
        done(Kind.READ).seen = new Seen(LIFE, List.of(), 0, null, null, value(1), null, null, null);
        isBroken("What is set together is there by half");
    }

    @Test
    void nobodySeesTheValuesOfAnotherSession() {
        long others = Seen.value(LIFE + 1, 1);
        done(Kind.READ).seen = new Seen(LIFE + 1, List.of(), 0, null, null, null, null, null, null);
        isBroken("A session has the values of another one");
        entries.get(0).seen = new Seen(LIFE, List.of(), 0, others, null, null, null, null, null);
        assertThat(broken()).anyMatch(broken -> broken.startsWith("A session has the values"));
        entries.get(0).seen = new Seen(LIFE, List.of(), 0, null, null, null, null, null, Seen.user(LIFE + 1));
        assertThat(broken()).anyMatch(broken -> broken.startsWith("A session has the values"));
        entries.get(0).seen = null;
        entries.get(0).messages = List.of(others);
        assertThat(broken()).anyMatch(broken -> broken.startsWith("A session has the values"));
    }

    @Test
    void aConfirmedLogOutIsFinal() {
        done(Kind.LOG_OUT);
        reads(List.of(), null);
        isBroken("A session was found after its confirmed log-out");
    }

    @Test
    void aProcessDoesNotGiveOutWhatItCouldNotEnd() {
        told(Kind.LOG_OUT, Outcome.UNKNOWN);
        reads(List.of(), null);
        isBroken("A process gave out a session that it had ended");
        Entry elsewhere = new Entry(3, Kind.READ, 1, 30);
        elsewhere.told = 31;
        entries.set(1, finds(elsewhere, List.of(), null));
        isAllRight();
    }

    @Test
    void whatIsThereIsNotSaidToBeAbsent() {
        done(Kind.UPDATE);
        Entry read = told(Kind.READ, Outcome.REFUSED);
        read.absent = true;
        isBroken("A session that is there was said to be absent");
        mayBeLost = true;
        isAllRight();
    }

    @Test
    void aTicketThatAnotherTookLeadsNowhere() {
        for (Kind kind : List.of(Kind.LOG_OUT, Kind.CHANGE_ID, Kind.LOGIN, Kind.ROTATE)) {
            entries.clear();
            told(kind, Outcome.UNKNOWN);
            told(Kind.READ, Outcome.REFUSED).absent = true;
            isAllRight();
        }
        entries.clear();
        done(Kind.CHANGE_ID);
        told(Kind.READ, Outcome.REFUSED).absent = true;
        isBroken("A session that is there was said to be absent");
    }

    @Test
    void aOneTimeValueIsTakenOnce() {
        Entry offer = done(Kind.OFFER);
        offer.register = Register.GIFT;
        offer.value = value(1);
        for (int i = 0; i < 2; i++) {
            Entry take = told(Kind.TAKE, Outcome.ACKNOWLEDGED, 10, 20);
            take.register = Register.GIFT;
            take.taken = value(1);
        }
        isBroken("A one-time value was taken twice");
    }

    @Test
    void aMessageIsNeitherLostNorThereAgain() {
        done(Kind.FLASH);
        Entry take = finds(done(Kind.TAKE_FLASH), List.of(), null);
        isBroken("A message is lost");
        take.messages = List.of(value(1));
        isAllRight();
        finds(done(Kind.TAKE_FLASH), List.of(), null);
        isAllRight();
        entries.get(2).messages = List.of(value(1));
        isBroken("A message that was taken is there again");
    }
}
