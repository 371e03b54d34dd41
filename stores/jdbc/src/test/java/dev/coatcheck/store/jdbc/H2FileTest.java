package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.coatcheck.SessionStore.Outcome;
import dev.coatcheck.test.SampleValue;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

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
    void aDataSourceOfTheApplicationIsLeftAsItIs() throws SQLException {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(url);
        source.setUser("sa");
        try (Connection held = source.getConnection();
                JdbcSessionStore store = JdbcSessionStore.over(source)) {
            assertThat(held.isValid(1)).isTrue();
            assertThat(store.health().parts()).hasSize(1);
            assertThat(writeDelay()).as("H2's own").isEqualTo(500);
        }
    }

    @Test
    void whoIsNoAdministratorIsServedAllTheSameAndToldOfTheDelay() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url + ";USER=sa");
                Statement statement = connection.createStatement()) {
            statement.execute(JdbcSessionStore.schema("h2", "coatcheck_session"));
            statement.execute("CREATE USER app PASSWORD 'app'");
            statement.execute("GRANT ALL ON SCHEMA PUBLIC TO app");
        }
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(JdbcSessionStore.class);
        logger.addAppender(log);
        try (JdbcSessionStore store = JdbcSessionStore.open(url + ";USER=app;PASSWORD=app;coatcheck.schema=check")) {
            assertThat(store.create(SampleValue.key(), SampleValue.live(1), Duration.ofMinutes(5))
                            .outcome())
                    .isEqualTo(Outcome.STORED);
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list).singleElement().asString().contains("WARN", "SET WRITE_DELAY 0");
    }
}
