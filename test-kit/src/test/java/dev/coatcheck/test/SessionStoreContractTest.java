package dev.coatcheck.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.PlantedFaults.Fault;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Every case of the contract can fail, and each planted fault is found. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SessionStoreContractTest {
    private static final ThreadLocal<Fault[]> PLANTED = ThreadLocal.withInitial(() -> new Fault[0]);

    /** Run by this test alone: nested classes are not looked for. */
    static class Subject extends SessionStoreContract {
        private final FakeClock clock = new FakeClock();
        private final Fault[] faults = PLANTED.get();

        @Override
        protected SessionStore open() {
            return new PlantedFaults(clock, faults);
        }

        @Override
        protected SessionStore openSecond(SessionStore first) {
            return Arrays.asList(faults).contains(Fault.NODES_ARE_APART) ? open() : first;
        }

        @Override
        protected Instant now() {
            return clock.instant();
        }

        @Override
        protected void pass(Duration time) {
            clock.advance(time);
        }

        @Override
        protected Duration tolerance() {
            return Duration.ZERO;
        }

        @Override
        protected int rounds() {
            return 12;
        }
    }

    private static Set<String> failing(Fault... faults) {
        PLANTED.set(faults);
        try {
            return EngineTestKit.engine("junit-jupiter")
                    .selectors(selectClass(Subject.class))
                    .execute()
                    .testEvents()
                    .finished()
                    .stream()
                    .filter(event ->
                            event.getRequiredPayload(TestExecutionResult.class).getStatus()
                                    != TestExecutionResult.Status.SUCCESSFUL)
                    .map(event -> event.getTestDescriptor().getDisplayName().replace("()", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
        } finally {
            PLANTED.remove();
        }
    }

    private final Map<Fault, Set<String>> found = new EnumMap<>(Fault.class);

    @BeforeAll
    void runTheContractOnEachFault() {
        for (Fault fault : Fault.values()) {
            found.put(fault, failing(fault));
        }
    }

    @Test
    void aStoreWithoutFaultsPasses() {
        assertThat(failing()).isEmpty();
    }

    @Test
    void everyFaultIsFoundAndEveryCaseFindsOne() {
        assertThat(found)
                .allSatisfy(
                        (fault, failed) -> assertThat(failed).as("%s", fault).isNotEmpty());
        Set<String> all = Stream.<Class<?>>iterate(
                        SessionStoreContract.class, type -> type != Object.class, Class::getSuperclass)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(Method::getName)
                .collect(Collectors.toSet());
        assertThat(all).hasSize(33);
        Set<String> cases = found.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        assertThat(cases).isEqualTo(all);
    }

    @Test
    void aFaultIsFoundByTheCaseThatIsNamedAfterIt() {
        assertThat(found.get(Fault.CREATE_OVERWRITES)).contains("aSecondCreateIsRefusedAndTheFirstValueStays");
        assertThat(found.get(Fault.CREATE_OVERWRITES)).contains("aTombstoneTakesItsKeyAndIsNoSession");
        assertThat(found.get(Fault.REPLACE_IS_NOT_ATOMIC)).contains("ofManyReplacesOfOneVersionOneWins");
        assertThat(found.get(Fault.CREATE_IS_NOT_ATOMIC)).contains("ofManyCreatesOfOneKeyOneWins");
        assertThat(found.get(Fault.ENDED_KEYS_ARE_REVIVED)).contains("noReplaceRevivesWhatIsEndedMeanwhile");
        assertThat(found.get(Fault.END_OF_ANY_VERSION)).contains("anEndOfAVersionIsFinalWhileThatVersionIsThere");
        assertThat(found.get(Fault.VERSIONS_ARE_NUMBERS_ALONE)).contains("aVersionFromBeforeAnEndIsNeverGoodAgain");
        assertThat(found.get(Fault.LOAD_RENEWS_NOTHING)).contains("aLoadRenewsTheLease");
        assertThat(found.get(Fault.FRESH_LOAD_RENEWS_NOTHING)).contains("aLoadRenewsTheLease");
        assertThat(found.get(Fault.PEEK_RENEWS)).contains("aPeekShowsTheValueAndLeavesTheLease");
        assertThat(found.get(Fault.MONTHS_ARE_DATES)).contains("longLeasesAreNoDates");
        assertThat(found.get(Fault.SHORT_LEASES_ARE_FOR_EVER)).contains("shortLeasesAreNotForEver");
        assertThat(found.get(Fault.TERMINAL_KINDS_ARE_RENEWED)).contains("whatEndsAKeyKeepsItsLease");
        assertThat(found.get(Fault.SHARES_WRITTEN_ARRAYS)).contains("theCallersArrayIsCopied");
        assertThat(found.get(Fault.SHARES_LOADED_ARRAYS)).contains("aLoadedArrayIsTheCallersOwn");
        assertThat(found.get(Fault.NODES_ARE_APART)).contains("twoNodesSeeEachOthersWrites");
    }
}
