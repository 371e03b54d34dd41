package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionManager.SettingSource;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Settings as texts. What each of them does to a session is for the adapters' tests. */
class OutsideSettingsTest {
    private final Map<String, String> environment = new HashMap<>();

    @AfterEach
    void clearProperties() {
        System.getProperties().keySet().removeIf(name -> name.toString().startsWith("coatcheck."));
    }

    private SessionManager.Builder builder() {
        return SessionManager.builder()
                .settings(SettingSource.properties(), SettingSource.environment(environment::get));
    }

    private String fault() {
        try {
            builder().build().close();
        } catch (IllegalArgumentException refused) {
            return refused.getMessage();
        }
        throw new AssertionError("The settings were accepted");
    }

    @Test
    void theFirstSourceThatIsNotBlankCounts() {
        environment.put("COATCHECK_IDLE_TIMEOUT", "from the environment");
        System.setProperty("coatcheck.idleTimeout", " ");
        assertThat(fault())
                .contains("idleTimeout = 'from the environment' (environment COATCHECK_IDLE_TIMEOUT)", "PT20M");

        System.setProperty("coatcheck.idleTimeout", " 5m ");
        assertThatCode(() -> builder().build().close()).doesNotThrowAnyException();
    }

    @Test
    void whatIsUnreadableAndWhatIsRefusedIsToldAtOnce() {
        environment.put("COATCHECK_MAX_BYTES", "many");
        environment.put("COATCHECK_COOKIE_NAME", "S ID");
        environment.put("COATCHECK_STORE", "memcache:secret@mc1");

        assertThat(fault())
                .contains("maxBytes = 'many' (environment COATCHECK_MAX_BYTES): accepted: a number of bytes")
                .contains("cookieName = 'S ID'")
                .contains("store = 'memcache:...' (environment COATCHECK_STORE)")
                .doesNotContain("secret@mc1");
    }

    @Test
    void aKeyRingThatCannotBeReadIsOneFaultAndNeverShown() {
        String key = KeyRing.generate().substring(2);
        environment.put("COATCHECK_KEYS", "99:" + key);
        SessionStore away = new SimOff();

        assertThatThrownBy(() -> builder().store(away).build())
                .hasMessageContaining("keyRing (environment COATCHECK_KEYS)")
                .hasMessageNotContaining(key)
                .hasMessageNotContaining("A fresh one");
        assertThatThrownBy(() -> SessionManager.builder().store(away).build()).hasMessageContaining("A fresh one");
    }

    @Test
    void theNamesAreThoseOfTheBuildersMethods() {
        assertThat(List.copyOf(SettingSource.names())).isSorted().contains("store", "keyRing", "idleTimeout");
        for (String name : SettingSource.names()) {
            if (!name.equals("serializableLearn")) {
                assertThat(SessionManager.Builder.class.getMethods())
                        .anyMatch(method -> method.getName().equals(name));
            }
        }
    }

    @Test
    void configuredTakesTheSystemsProperties() {
        System.setProperty("coatcheck.cookiePath", "nowhere");

        assertThatThrownBy(() -> SessionManager.configured().build())
                .hasMessageContaining("cookiePath = 'nowhere' (system property coatcheck.cookiePath)");
        assertThatCode(() -> SessionManager.builder().build().close()).doesNotThrowAnyException();
    }

    @Test
    void durationsAreIsoOrShort() {
        assertThat(Durations.parse("PT20M")).isEqualTo(Duration.ofMinutes(20));
        assertThat(Durations.parse("90s")).isEqualTo(Duration.ofSeconds(90));
        assertThat(Durations.parse("20m")).isEqualTo(Duration.ofMinutes(20));
        assertThat(Durations.parse("12h")).isEqualTo(Duration.ofHours(12));
        assertThat(Durations.parse("30d")).isEqualTo(Duration.ofDays(30));
        assertThat(Durations.parse("-1s")).isEqualTo(Duration.ofSeconds(-1));
        for (String wrong : new String[] {"", "20", "20 m", "20M", "m", "1w", "99999999999d", "20m5s"}) {
            assertThatThrownBy(() -> Durations.parse(wrong)).as(wrong).isInstanceOf(DateTimeException.class);
        }
    }
}
