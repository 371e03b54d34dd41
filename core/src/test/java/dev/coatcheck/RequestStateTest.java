package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a session that was written very often moves to another id by itself, long before its seal key wears out. */
class RequestStateTest {
    private final StepWorld world = new StepWorld();
    private final SessionEngine engine = new SessionEngine(
            Settings.check(SessionManager.builder().draft), world.protocol, new RequestChores(System::nanoTime));
    private final SessionToken token = world.token();

    @AfterEach
    void close() {
        engine.close();
    }

    private RequestState written(int times, boolean byPointer) {
        RequestState state = new RequestState(engine, new FakeExchange());
        state.loaded(new Loaded.Live(
                world.live(world.protocol.address(token), times, world.record()), byPointer ? null : token));
        return state;
    }

    private static RequestState changed(RequestState state) {
        state.copy().put("mine", StepWorld.ONE);
        return state;
    }

    @Test
    void aSessionThatWasWrittenAMillionTimesKeepsItsId() {
        assertThat(changed(written(1_000_000, false)).plan()).isInstanceOf(Plan.Save.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {Envelope.LAST_VERSION - 1_000, Envelope.LAST_VERSION})
    void closeToItsLastVersionAChangeGivesANewIdThatBeginsAnew(int version) {
        RequestState state = changed(written(version, false));

        assertThat(state.plan()).isInstanceOfSatisfying(Plan.Rotate.class, rotate -> {
            assertThat(rotate.move().reason()).isEqualTo(Move.Reason.ROTATE);
            assertThat(rotate.token()).isNotEqualTo(token);
            assertThat(rotate.changes()).isNotEmpty();
        });
    }

    @Test
    void aReaderKeepsTheIdHoweverOftenTheSessionWasWritten() {
        assertThat(written(Envelope.LAST_VERSION, false).plan()).isNull();
    }

    @Test
    void whoCameByAPointerCannotBeSentANewIdAndSavesUnderTheOldOne() {
        assertThat(changed(written(Envelope.LAST_VERSION - 1_000, true)).plan()).isInstanceOf(Plan.Save.class);
    }
}
