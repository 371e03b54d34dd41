package dev.coatcheck.store.jdbc;

import dev.coatcheck.StoreHealth;
import dev.coatcheck.StoreHealth.Part;
import dev.coatcheck.StoreHealth.Trouble;
import dev.coatcheck.store.jdbc.DatabaseException.Fate;
import dev.coatcheck.store.jdbc.WriteFate.Refusals;
import java.util.Map;
import java.util.Set;

/** Whether the database answers and takes writes. */
final class DatabaseHealth {
    private static final String NAME = "database";

    /** Longer than a key is not, and shorter: no row has it. */
    private static final String NO_KEY = "health";

    private final Database database;
    private final WriteFate writes;

    DatabaseHealth(Database database, WriteFate writes) {
        this.database = database;
        this.writes = writes;
    }

    /** By an update of no row, which a database that may only be read refuses all the same. One statement. */
    StoreHealth look() {
        try {
            database.ask(Rows.change(statements -> statements.renew, 0L, NO_KEY, 0L, 0L), database.deadline());
        } catch (DatabaseException e) {
            return StoreHealth.of(
                    e.fate() == Fate.REFUSED
                            ? refusing("it refuses writes: " + e.getMessage(), Map.of())
                            : Part.away(NAME, e.getMessage()));
        }
        Refusals refused = writes.refusals();
        return StoreHealth.of(
                refused == null
                        ? Part.up(NAME)
                        : refusing(
                                "it has stored nothing for " + writes.secondsSince(refused) + " s: " + refused.last(),
                                Map.of("refused", refused.count())));
    }

    private static Part refusing(String reason, Map<String, Long> figures) {
        return new Part(NAME, Set.of(Trouble.REFUSES_WRITES), reason, figures);
    }
}
