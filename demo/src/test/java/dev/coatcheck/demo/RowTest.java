package dev.coatcheck.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "-PT5S, just now",
        "PT0S, just now",
        "PT59S, just now",
        "PT1M, 1 minute ago",
        "PT59M59S, 59 minutes ago",
        "PT1H, 1 hour ago",
        "PT23H59M, 23 hours ago",
        "PT24H, 1 day ago",
        "PT167H, 6 days ago",
        "PT168H, 16 November 2026"
    })
    void tellsTheAgeInWords(Duration age, String words) {
        assertThat(Row.ago(NOW.minus(age), NOW)).isEqualTo(words);
    }
}
