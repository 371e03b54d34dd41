package dev.coatcheck.store.jdbc;

/** The statements on one table. Parameters only, and nothing in them but the table's name, which is checked. */
final class Statements {
    private static final String KEY = " WHERE session_key = ?";
    private static final String STATE = KEY + " AND version = ? AND write_id = ?";

    /** A row that is there. */
    final String select;

    /** The version of a row that is there. */
    final String version;

    /** Key, version, write id, lease, value. */
    final String insert;

    /** Version, write id, lease, value; key, version and write id that were seen. */
    final String update;

    /** Lease; key, version, write id; a row that has expired and was not swept too. */
    final String renew;

    /** As {@link #renew}, of a row that is there. */
    final String renewLive;

    /** Key. */
    final String delete;

    /** Key, version, write id; a row that has expired too. */
    final String deleteVersion;

    /** How many at most. */
    final String expired;

    /** Key, version, write id; a row that has expired alone. */
    final String sweep;

    Statements(Dialect dialect, String table) {
        String now = dialect.now();
        String live = " AND expires_at > " + now;
        select = "SELECT version, write_id, accessed_at, expires_at, " + now + ", content FROM " + table + KEY + live;
        version = "SELECT version, write_id FROM " + table + KEY + live;
        insert = "INSERT INTO " + table + " (session_key, version, write_id, accessed_at, expires_at, content)"
                + " VALUES (?, ?, ?, " + now + ", " + now + " + ?, ?)";
        update = "UPDATE " + table + " SET version = ?, write_id = ?, accessed_at = " + now + ", expires_at = " + now
                + " + ?, content = ?" + STATE + live;
        renew = "UPDATE " + table + " SET accessed_at = " + now + ", expires_at = " + now + " + ?" + STATE;
        renewLive = renew + live;
        delete = "DELETE FROM " + table + KEY;
        deleteVersion = "DELETE FROM " + table + STATE;
        expired = "SELECT session_key, version, write_id FROM " + table + " WHERE expires_at <= " + now
                + " ORDER BY expires_at LIMIT ?";
        sweep = deleteVersion + " AND expires_at <= " + now;
    }
}
