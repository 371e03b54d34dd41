package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.test.SampleValue;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What H2 by itself keeps in its process for half a second, after it has confirmed it. */
class H2FileTest {
    @TempDir
    Path folder;

    private String url;

    @BeforeEach
    void chooseFile() {
        url = "jdbc:h2:file:" + folder.resolve("sessions");
    }

    /** The milliseconds that a confirmed change may stay out of the file. */
    private int writeDelay() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url + ";USER=sa");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT CAST(SETTING_VALUE AS INT)"
                        + " FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY'")) {
            assertThat(row.next()).isTrue();
            return row.getInt(1);
        }
    }

    @Test
    void aChangeIsInTheFileWhenItIsConfirmed() throws SQLException {
        try (JdbcSessionStore store = JdbcSessionStore.open(url + ";USER=sa")) {
            assertThat(store.health().parts()).hasSize(1);
            assertThat(writeDelay()).isZero();
        }
    }

    @Test
    void whoSetsTheDelayIsHeard() throws SQLException {
        try (JdbcSessionStore store = JdbcSessionStore.open(url + ";USER=sa;WRITE_DELAY=200")) {
            assertThat(store.health().parts()).hasSize(1);
            assertThat(writeDelay()).isEqualTo(200);
        }
    }

    @Test
    void whoIsNoAdministratorIsServedAllTheSame() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url + ";USER=sa");
                Statement statement = connection.createStatement()) {
            statement.execute(JdbcSessionStore.schema("h2", "coatcheck_session"));
            statement.execute("CREATE USER app PASSWORD 'app'");
            statement.execute("GRANT ALL ON SCHEMA PUBLIC TO app");
        }
        try (JdbcSessionStore store = JdbcSessionStore.open(url + ";USER=app;PASSWORD=app;coatcheck.schema=check")) {
            assertThat(store.create(SampleValue.key(), SampleValue.live(1), Duration.ofMinutes(5))
                            .outcome())
                    .isEqualTo(Outcome.STORED);
        }
    }
}
