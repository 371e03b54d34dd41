package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SessionStore;
import dev.coatcheck.test.SampleValue;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read out of a URL, and every wrong one: a message that names what is wrong and shows no password. */
class JdbcUrlTest {
    private static final String SECRET = "canary-secret-9f";

    private static JdbcUrl parse(String url) {
        return JdbcUrl.parse(url, Map.of());
    }

    private static void assertRefused(String url, String... named) {
        assertThatThrownBy(() -> SessionStore.open(url))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(named)
                .doesNotContain(SECRET, "\n", "\r");
    }

    @Test
    void aUrlWithoutOptionsHasTheDefaultsAndIsTheDrivers() {
        JdbcUrl url = parse("jdbc:postgresql://db:5432/app?user=app&sslmode=require");
        assertThat(url.driverUrl()).isEqualTo("jdbc:postgresql://db:5432/app?user=app&sslmode=require");
        assertThat(url.dialect()).isEqualTo(Dialect.POSTGRESQL);
        assertThat(url.options()).isEqualTo(JdbcOptions.DEFAULTS);
        assertThat(url.options().timeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(url.options().connections()).isEqualTo(10);
        assertThat(url.options().maxValueBytes()).isEqualTo(262_144);
        assertThat(url.options().table()).isEqualTo("coatcheck_session");
        assertThat(url.options().schema()).isEqualTo(JdbcSessionStore.Schema.CREATE);
    }

    @Test
    void ourOptionsAreReadAndTakenOutWhereverTheyStand() {
        JdbcUrl url = parse("JDBC:MariaDB://db/app?coatcheck.timeout=500ms&user=app&coatcheck.connections=3&a=b"
                + "&coatcheck.maxValueBytes=1000000&coatcheck.table=my_sessions&coatcheck.schema=check");
        assertThat(url.driverUrl()).isEqualTo("jdbc:mariadb://db/app?user=app&a=b");
        assertThat(url.options())
                .isEqualTo(new JdbcOptions(
                        Duration.ofMillis(500), 3, 1_000_000, "my_sessions", JdbcSessionStore.Schema.CHECK));
        assertThat(parse("jdbc:postgresql://db/app?coatcheck.timeout=3s").driverUrl())
                .isEqualTo("jdbc:postgresql://db/app");
        assertThat(parse("jdbc:h2:file:/data/s;USER=sa;coatcheck.schema=none;MODE=MySQL")
                        .driverUrl())
                .isEqualTo("jdbc:h2:file:/data/s;USER=sa;MODE=MySQL");
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://h/d,POSTGRESQL",
        "jdbc:mariadb://h/d,MARIADB",
        "jdbc:mysql://h/d,MARIADB",
        "jdbc:h2:mem:d,H2",
        "jdbc:h2:tcp://h/d,H2"
    })
    void theDriversNameTellsTheDatabase(String url, Dialect dialect) {
        assertThat(parse(url).dialect()).isEqualTo(dialect);
    }

    @Test
    void onlyADatabaseInMemoryStaysInTheProcess() {
        assertThat(parse("jdbc:h2:mem:d").inMemory()).isTrue();
        for (String url :
                new String[] {"jdbc:h2:file:/d", "jdbc:h2:tcp://h/mem:d", "jdbc:h2:~/mem", "jdbc:mariadb://h/d"}) {
            assertThat(parse(url).inMemory()).as(url).isFalse();
        }
        try (SessionStore store = SessionStore.open("jdbc:h2:mem:stays")) {
            assertThat(store.leavesProcess()).isFalse();
        }
    }

    @Test
    void userAndPasswordOfTheEnvironmentCountWhereTheUrlHasNone() {
        Map<String, String> environment = Map.of(JdbcUrl.USER, "app", JdbcUrl.PASSWORD, SECRET);
        assertThat(JdbcUrl.parse("jdbc:postgresql://h/d", environment).properties())
                .containsEntry("user", "app")
                .containsEntry("password", SECRET);
        assertThat(JdbcUrl.parse("jdbc:h2:file:/d;USER=sa;PASSWORD=x", environment)
                        .properties())
                .doesNotContainKeys("user", "password");
        assertThat(JdbcUrl.parse("jdbc:mariadb://h/d?user=me", environment).properties())
                .doesNotContainKey("user")
                .containsEntry("password", SECRET);
    }

    /** A message of a driver's is shown, so what was secret in the URL is taken out of it. */
    @Test
    void whatADriverSaysLosesItsSecrets() {
        JdbcUrl url = JdbcUrl.parse(
                "jdbc:postgresql://h/d?password=" + SECRET + "%20x&sslpassword=second-" + SECRET,
                Map.of(JdbcUrl.PASSWORD, "third-word"));
        assertThat(url.withoutSecrets(
                        "a " + SECRET + "%20x b " + SECRET + " x c second-" + SECRET + " d third-word\ne"))
                .isEqualTo("a *** b *** c *** d ***?e");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:", "jdbc:postgresql", "jdbc:postgresql:", "jdbc:oracle:thin:@h", "jdbc:sqlite:x"})
    void whatIsNoUrlOfAKnownDatabaseIsRefused(String url) {
        assertRefused(url, "jdbc:postgresql:", "jdbc:mariadb:", "jdbc:h2:");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "coatcheck.timeuot=1s | coatcheck.timeuot",
                "coatcheck.timeout | timeout",
                "coatcheck.timeout=1 | milliseconds or seconds",
                "coatcheck.timeout=99ms | 100 ms to 60 s",
                "coatcheck.timeout=61s | 100 ms to 60 s",
                "coatcheck.connections=0 | 1 to 200",
                "coatcheck.connections=201 | 1 to 200",
                "coatcheck.connections=-1 | a whole number",
                "coatcheck.maxValueBytes=1023 | 1,024 to 1,000,000",
                "coatcheck.maxValueBytes=1000001 | 1,024 to 1,000,000",
                "coatcheck.schema=drop | create, check or none",
                "coatcheck.table= | table",
                "coatcheck.table=T | lower case",
                "coatcheck.table=1t | lower case",
                "coatcheck.table=a.b | lower case",
                "coatcheck.table=t;DROP TABLE x | lower case",
                "coatcheck.table=t-- | lower case",
                "coatcheck.table=a2345678901234567890123456789012345678901234567890 | 47",
                "coatcheck.timeout=1s&coatcheck.timeout=1s | twice"
            })
    void wrongOptionsAreRefusedByName(String option, String named) {
        assertRefused("jdbc:postgresql://h/d?password=" + SECRET + "&" + option, named);
    }

    @Test
    void anOptionInTheWrongPlaceIsRefused() {
        assertRefused("jdbc:h2:mem:d?coatcheck.timeout=1s", "after a ;");
        assertRefused("jdbc:postgresql://h/d;coatcheck.timeout=1s", "after a ?");
    }

    @Test
    void aDriverThatIsNotThereIsNamed() {
        assertRefused("jdbc:postgresql://h:no-port/d?password=" + SECRET, "org.postgresql:postgresql");
    }

    /** Connector/J is not on the class path, and MariaDB's driver takes its own name alone. */
    @Test
    void aUrlOfMysqlIsServedByMariaDbsDriver() {
        String url = TestDatabase.MARIADB.url("coatcheck.table=by_mysql").replace("jdbc:mariadb:", "jdbc:mysql:");
        try (SessionStore store = SessionStore.open(url)) {
            assertThat(store.load(SampleValue.key(), Duration.ofMinutes(1))).isEmpty();
        }
    }

    /** A fault of the set-up, and none that waiting would mend. */
    @Test
    void aWrongPasswordUserOrDatabaseStopsTheStart() {
        String postgres = TestDatabase.postgres().plainUrl();
        assertRefused(postgres + "?user=coatcheck&password=" + SECRET, "authentication failed", "28P01");
        assertRefused(
                postgres.replace("/postgres", "/nowhere") + "?user=coatcheck&password=canary-password", "nowhere");
        String mariaDb = TestDatabase.mariaDb().plainUrl();
        assertRefused(mariaDb + "?user=coatcheck&password=" + SECRET, "Access denied");
        assertRefused(
                mariaDb.replace("/coatcheck", "/nowhere") + "?user=coatcheck&password=canary-password", "nowhere");
        TestDatabase.H2_FILE.execute();
        assertRefused(TestDatabase.H2_FILE.url().replace("canary-password", SECRET), "Wrong user name or password");
    }
}
