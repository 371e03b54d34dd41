package dev.coatcheck.store.jdbc;

import dev.coatcheck.store.jdbc.ConnectionSource.Condition;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A statement that has no answer of use, and what is certain about it. The driver's exception is never its cause: databases
 * put keys and values into their messages.
 */
final class DatabaseException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Something may have been done, or not. */
    enum Fate {
        /** Not even begun. */
        NOT_SENT,
        /** As {@link #NOT_SENT}, since no connection was to be had in time. */
        UNREACHED,
        /** As {@link #NOT_SENT}: the database answers and cannot serve as it is set up. */
        UNFIT,
        /** Refused by the database, which has left everything as it was. */
        REFUSED,
        /** As {@link #REFUSED}, for another transaction's sake: the same may go well now. */
        BEATEN,
        /** The key is there already. */
        DUPLICATE,
        /** The connection broke after it was sent. */
        LOST,
        /** No answer in time. */
        SILENT
    }

    /**
     * Classes of SQLState by which a statement of its own transaction was undone. Not 08, lost connections; not 57P, of a
     * server that is being shut down; not 58 and XX, of one that does not know itself.
     */
    private static final Set<String> REFUSALS =
            Set.of("0A", "21", "22", "23", "25", "28", "3D", "3F", "40", "42", "44", "53", "54", "55", "70", "HYT");

    /** MariaDB's for disks and tables that are full, locks, interrupted statements and servers that may only be read. */
    private static final Set<Integer> REFUSAL_CODES =
            Set.of(1021, 1041, 1114, 1205, 1206, 1290, 1317, 1637, 1792, 1836, 1969, 3024);

    /** Of H2: a concurrent update, a database that may only be read, a disk that is full. */
    private static final Set<Integer> REFUSAL_CODES_OF_H2 = Set.of(90131, 90097, 90100);

    private static final Set<String> BEATEN_STATES = Set.of("40001", "40P01");
    private static final Set<Integer> BEATEN_CODES = Set.of(1020, 1213, 90131);
    private static final int DUPLICATE_CODE = 1062;

    /** Of a server that may only be read. Perhaps another one, under the same name, is the primary by now. */
    private static final Set<Integer> READ_ONLY_CODES = Set.of(1290, 1792, 1836, 90097);

    /** Of a user, password, database or table that is wrong. */
    private static final Set<String> UNFIT_STATES = Set.of("28", "3D", "42");

    private final Fate fate;
    private final boolean readOnly;

    DatabaseException(Fate fate, String message) {
        this(fate, message, false);
    }

    private DatabaseException(Fate fate, String message, boolean readOnly) {
        super(message);
        this.fate = fate;
        this.readOnly = readOnly;
    }

    /**
     * When there is no connection.
     *
     * @param why without secrets
     */
    static DatabaseException noConnection(SQLException e, String why) {
        String state = String.valueOf(e.getSQLState());
        boolean unfit = state.length() == 5 && UNFIT_STATES.contains(state.substring(0, 2));
        return new DatabaseException(
                unfit ? Fate.UNFIT : Fate.NOT_SENT, "there is no connection to the database" + why + " " + code(e));
    }

    /** Of a statement that was sent by a transaction of its own. */
    static DatabaseException of(SQLException e) {
        Fate fate = fate(e.getSQLState(), e.getErrorCode());
        String what = fate == Fate.LOST ? "the connection to the database broke" : "the database refused a statement";
        boolean readOnly = "25006".equals(e.getSQLState()) || READ_ONLY_CODES.contains(e.getErrorCode());
        return new DatabaseException(fate, what + " " + code(e), readOnly);
    }

    /** Ahead of any statement of a session's. */
    static DatabaseException notReady(SQLException e) {
        return new DatabaseException(Fate.NOT_SENT, "the tables of the sessions could not be looked at " + code(e));
    }

    /** What may be shown of any: no message of a driver's. */
    private static String code(SQLException e) {
        return "(SQLState " + e.getSQLState() + ", code " + e.getErrorCode() + ")";
    }

    private static Fate fate(@Nullable String state, int code) {
        String known = state == null ? "" : state;
        if (known.equals("40003")) {
            // "Statement completion unknown", as distributed databases have it.
            return Fate.LOST;
        }
        if (BEATEN_STATES.contains(known) || BEATEN_CODES.contains(code)) {
            return Fate.BEATEN;
        }
        if (known.equals("23505") || code == DUPLICATE_CODE) {
            return Fate.DUPLICATE;
        }
        boolean refused = known.length() == 5 && REFUSALS.contains(known.substring(0, 2))
                || known.length() == 5 && REFUSALS.contains(known.substring(0, 3))
                || known.equals("57014")
                || REFUSAL_CODES.contains(code)
                || REFUSAL_CODES_OF_H2.contains(code);
        return refused ? Fate.REFUSED : Fate.LOST;
    }

    Fate fate() {
        return fate;
    }

    /** Whether nothing was done, for certain. */
    boolean isCertain() {
        return fate != Fate.LOST && fate != Fate.SILENT;
    }

    /** Whether the database said so, so that it is there. */
    boolean isAnswer() {
        return fate == Fate.REFUSED || fate == Fate.BEATEN || fate == Fate.DUPLICATE;
    }

    /** What its connection is good for. */
    Condition condition() {
        if (!isAnswer()) {
            return Condition.BROKEN;
        }
        return readOnly ? Condition.STALE : Condition.GOOD;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
