package dev.coatcheck.store.jdbc;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver that a URL is for, and how to connect by it. */
final class JdbcDriver {
    private static final Logger LOG = LoggerFactory.getLogger(JdbcSessionStore.class);
    private static final String MYSQL = "jdbc:mysql:";
    private static final String MARIADB = "jdbc:mariadb:";
    private static final int MOST_BROKEN = 100;

    private final Driver driver;
    private final String text;
    private final JdbcUrl url;
    private volatile boolean warned;

    private JdbcDriver(Driver driver, String text, JdbcUrl url) {
        this.driver = driver;
        this.text = text;
        this.url = url;
    }

    /** @throws IllegalArgumentException when there is none */
    static JdbcDriver of(JdbcUrl url) {
        String text = url.driverUrl();
        Driver driver = find(text);
        if (driver == null && text.startsWith(MYSQL)) {
            // MariaDB's takes MySQL's servers by its own name.
            text = MARIADB + text.substring(MYSQL.length());
            driver = find(text);
        }
        if (driver == null) {
            throw new IllegalArgumentException("There is no driver for this URL on the class path: add "
                    + url.dialect().driver() + ", or correct what follows "
                    + text.substring(0, text.indexOf(':', 5) + 1));
        }
        return new JdbcDriver(driver, text, url);
    }

    private static @Nullable Driver find(String url) {
        List<Driver> drivers = new ArrayList<>();
        // In a container the context loader is the one that sees the application's.
        for (ClassLoader loader :
                new ClassLoader[] {Thread.currentThread().getContextClassLoader(), JdbcDriver.class.getClassLoader()}) {
            drivers.addAll(announced(loader));
        }
        DriverManager.drivers().forEach(drivers::add);
        for (Driver driver : drivers) {
            try {
                if (driver.acceptsURL(url)) {
                    return driver;
                }
            } catch (SQLException e) {
                // It accepts no URL, then.
            }
        }
        return null;
    }

    /** What a loader's jars announce. The DriverManager looks no further than to one that is broken, as App Engine's is outside of it. */
    private static List<Driver> announced(@Nullable ClassLoader loader) {
        List<Driver> drivers = new ArrayList<>();
        Iterator<Driver> all = ServiceLoader.load(Driver.class, loader).iterator();
        for (int broken = 0; broken < MOST_BROKEN; ) {
            try {
                if (!all.hasNext()) {
                    break;
                }
                drivers.add(all.next());
            } catch (ServiceConfigurationError | LinkageError somebodyElses) {
                broken++;
            }
        }
        return drivers;
    }

    /** A new connection, which gives up before our callers do. */
    Connection connect() throws DatabaseException {
        try {
            Properties own = new Properties();
            own.putAll(url.properties());
            Connection connection = driver.connect(text, own);
            if (connection == null) {
                throw new SQLException("the driver does not take the URL");
            }
            return limited(connection);
        } catch (SQLException e) {
            throw DatabaseException.noConnection(e, ": " + url.withoutSecrets(String.valueOf(e.getMessage())));
        }
    }

    private Connection limited(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(url.dialect().limits(url.options().timeout()));
            makeDurable(statement);
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** Who may not say so is served all the same. */
    private void makeDurable(Statement statement) {
        String durability = url.dialect().durability();
        if (durability.isEmpty() || url.sets("WRITE_DELAY")) {
            return;
        }
        try {
            statement.execute(durability);
        } catch (SQLException e) {
            if (!warned) {
                warned = true;
                LOG.warn(
                        "H2 may lose the changes of the last half second when its process is killed: an administrator has"
                                + " to say {} once",
                        durability);
            }
        }
    }
}
