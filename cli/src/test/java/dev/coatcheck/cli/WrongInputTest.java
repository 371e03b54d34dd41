package dev.coatcheck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is said in one line, without what may be secret. */
class WrongInputTest {
    /** Nothing listens there: what is asked of it fails with another code. */
    private static final String NOWHERE = "memcached://127.0.0.1:1";

    private static void isRefused(Typed typed, String said) {
        assertThat(typed.exitCode()).as(typed.err()).isEqualTo(Coatcheck.WRONG);
        assertThat(typed.out()).isEmpty();
        assertThat(typed.err().lines())
                .singleElement()
                .asString()
                .startsWith("coatcheck: ")
                .contains(said)
                .doesNotContain("hunter2", "c2VjcmV0", "Exception")
                .doesNotContainPattern("[0-9]:[A-Za-z0-9+/]{43}="); // no fresh ring to paste: the application has one
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'which command?'",
        "pong, 'no such command'",
        "memcached://u:hunter2@mc1, 'no such command'",
        "ping twice, 'it is ''bin/coatcheck ping'''",
        "sessions, 'it is ''bin/coatcheck sessions USER'''",
        "sessions a b, 'it is ''bin/coatcheck sessions USER'''",
        "sign-out, 'it is ''bin/coatcheck sign-out USER [DEVICE]'''",
        "sign-out a b c, 'it is ''bin/coatcheck sign-out USER [DEVICE]'''",
        "sweep all, 'it is ''bin/coatcheck sweep'''"
    })
    void aCommandThatIsNone(String words, String said) {
        String[] split = words.isEmpty() ? new String[0] : words.split(" ");
        isRefused(Typed.in(Map.of("COATCHECK_STORE", NOWHERE), split), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ping", "stats", "sessions alice", "sign-out alice", "sweep"})
    void withoutAStore(String words) {
        isRefused(Typed.in(Map.of(), words.split(" ")), "COATCHECK_STORE is not set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sessions alice", "sign-out alice"})
    void withoutAKeyRing(String words) {
        isRefused(Typed.in(Map.of("COATCHECK_STORE", NOWHERE), words.split(" ")), "COATCHECK_KEYS is not set");
    }

    @ParameterizedTest
    @CsvSource({
        "embedded:, 'inside the application'",
        "jdbc:h2:mem:wrong, 'inside the application'",
        "nowhere://user:hunter2@x, 'nowhere'",
        "memcached://user:hunter2@127.0.0.1:99999, '127.0.0.1:99999'",
        "jdbc:oracle:thin:u/hunter2@db, 'jdbc:postgresql:'",
        "tiered:memcached://127.0.0.1, 'tiered:'",
        "tiered:jdbc:h2:mem:first+jdbc:h2:mem:second, 'first of two tiers'"
    })
    void aStoreThatIsNone(String url, String said) {
        isRefused(Typed.in(Map.of("COATCHECK_STORE", url), "ping"), said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "COATCHECK_KEYS|9-c2VjcmV0|COATCHECK_KEYS",
                "COATCHECK_APPLICATION|the shop|application",
                "COATCHECK_DEVICES|maybe|COATCHECK_DEVICES: accepted is true or false",
                "COATCHECK_PRESET|AAL4|COATCHECK_PRESET: accepted is AAL1, AAL2 or AAL3",
                "COATCHECK_ABSOLUTE_LIFETIME|long|COATCHECK_ABSOLUTE_LIFETIME: accepted is as 12h",
                "COATCHECK_ABSOLUTE_LIFETIME|401d|absoluteLifetime",
                "COATCHECK_REMEMBERED|14d|COATCHECK_REMEMBERED: accepted is as 14d,30d"
            })
    void aSettingThatIsNotAccepted(String name, String value, String said) {
        Map<String, String> environment = new HashMap<>();
        environment.put("COATCHECK_STORE", NOWHERE);
        environment.put("COATCHECK_KEYS", KeyRing.generate());
        environment.put(name, value);
        isRefused(Typed.in(environment, "sessions", "alice"), said);
    }

    @Test
    void usersWhoAreNotIndexed() {
        Map<String, String> environment =
                Map.of("COATCHECK_STORE", NOWHERE, "COATCHECK_KEYS", KeyRing.generate(), "COATCHECK_DEVICES", "false");
        isRefused(Typed.in(environment, "sessions", "alice"), "There is no index of users: devices is false");
        isRefused(Typed.in(environment, "sign-out", "alice"), "There is no index of users: devices is false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "-h", "--help"})
    void helpTellsOfEveryCommandAndVariable(String word) {
        Typed typed = Typed.in(Map.of(), word);
        assertThat(typed.exitCode()).isZero();
        assertThat(typed.err()).isEmpty();
        assertThat(typed.out())
                .contains("ping", "stats", "sessions USER", "sign-out USER [DEVICE]", "sweep")
                .contains("COATCHECK_STORE", "COATCHECK_KEYS", "COATCHECK_APPLICATION", "COATCHECK_JDBC_PASSWORD");
    }
}
