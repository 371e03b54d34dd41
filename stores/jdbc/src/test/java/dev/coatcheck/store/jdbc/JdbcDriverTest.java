package dev.coatcheck.store.jdbc;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which driver a URL finds. */
class JdbcDriverTest {

    /** A driver of MySQL's that connects to nothing. */
    public static final class OfTheApplication implements Driver {
        /** For the service loader. */
        public OfTheApplication() {}

        @Override
        public Connection connect(String url, Properties info) throws SQLException {
            throw new SQLException("the application's driver was asked");
        }

        @Override
        public boolean acceptsURL(String url) {
            return url.startsWith("jdbc:mysql:");
        }

        @Override
        public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
            return new DriverPropertyInfo[0];
        }

        @Override
        public int getMajorVersion() {
            return 1;
        }

        @Override
        public int getMinorVersion() {
            return 0;
        }

        @Override
        public boolean jdbcCompliant() {
            return false;
        }

        @Override
        public Logger getParentLogger() {
            return Logger.getGlobal();
        }
    }

    @Test
    void aDriverThatCannotBeLoadedHidesNoneBehindIt(@TempDir Path jar) throws IOException {
        Path services = Files.createDirectories(jar.resolve("META-INF/services"));
        Files.writeString(
                services.resolve("java.sql.Driver"), "no.such.Driver\n" + OfTheApplication.class.getName() + "\n");
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader application =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
            Thread.currentThread().setContextClassLoader(application);
            JdbcDriver driver = JdbcDriver.of(JdbcUrl.parse("jdbc:mysql://127.0.0.1/app", Map.of()));
            assertThatThrownBy(driver::connect)
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("the application's driver was asked");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }
}
