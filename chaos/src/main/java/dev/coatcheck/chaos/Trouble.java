package dev.coatcheck.chaos;

import dev.coatcheck.test.FaultProxy;
import dev.coatcheck.test.MemcachedServer;
import java.time.Duration;

/**
 * One fault that happens to one server.
 *
 * @param app the application node that is cut off, where only one is
 * @param node the memcached, where it is about one
 */
record Trouble(Servers servers, Fault fault, int app, int node) {
    private static final Duration RESTART = Duration.ofSeconds(20);

    void begin(World world) {
        if (fault.empties()) {
            world.losses().during(world.moments(), memcached()::kill);
        }
        switch (fault) {
            case RESTARTED -> restart();
            case FROZEN -> memcached().freeze();
            case CUT_OFF, DATABASE_CUT_OFF -> wire().refuse();
            case SILENT, DATABASE_SILENT -> wire().acceptAndStaySilent();
            case ANSWERS_LOST -> wire().dropReplies();
            case KILLED -> {}
        }
    }

    void end() {
        switch (fault) {
            case KILLED -> restart();
            case FROZEN -> memcached().thaw();
            case CUT_OFF, SILENT, ANSWERS_LOST, DATABASE_CUT_OFF, DATABASE_SILENT -> wire().heal();
            case RESTARTED -> {}
        }
    }

    private MemcachedServer memcached() {
        return servers.memcacheds().get(node);
    }

    private FaultProxy wire() {
        return switch (fault) {
            case DATABASE_CUT_OFF, DATABASE_SILENT -> servers.databaseWire(app);
            default -> servers.wire(app, node);
        };
    }

    /** The system may have lent the port to somebody else for a moment. */
    private void restart() {
        boolean done = Waiter.until(RESTART, () -> {
            try {
                memcached().restart();
                return true;
            } catch (IllegalStateException taken) {
                return false;
            }
        });
        if (!done) {
            throw new IllegalStateException("A memcached could not be started again");
        }
    }
}
