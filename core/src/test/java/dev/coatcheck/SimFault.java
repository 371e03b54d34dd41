package dev.coatcheck;

import java.util.List;
import java.util.stream.Stream;

/** What is done wrong on purpose, to see that the simulation finds it. */
enum SimFault {
    NONE(In.ONE_COPY, In.TIERS, In.COPIES, In.TWO_NODES, In.MOVES),
    /** A write over whatever is there. */
    UNGUARDED_REPLACE(In.ONE_COPY, In.TIERS),
    /** After a lost answer the old value is read and taken for the proof that nothing was written. */
    READ_AGAIN_AS_PROOF(In.ONE_COPY),
    /** A log-out whose answer was lost is called confirmed. */
    LOST_END_CONFIRMED(In.ONE_COPY),
    /** A server that cannot be asked has nothing. */
    AWAY_IS_ABSENT(In.ONE_COPY, In.COPIES),
    /** A write that finds nothing makes the key anew. */
    CREATE_WHAT_IS_GONE(In.ONE_COPY, In.TIERS),
    /** A write that finds another version goes over it. */
    LAST_WRITE_WINS(In.ONE_COPY, In.TIERS),
    /** A write that finds nothing is called stored. */
    GONE_IS_STORED(In.ONE_COPY),
    /** That a server was away is remembered as an absence. */
    AWAY_REMEMBERED_AS_ABSENT(In.ONE_COPY),

    /** A refill that finds its claim gone makes the key anew. */
    REFILL_BY_ADD(In.TIERS),
    /** A refill in place of what is there after the query, not of the claim that was there before. */
    FILL_BY_LATER_CAS(In.TIERS),
    /** A log-out deletes in the cache, then the row, and leaves no lasting mark. */
    DELETE_IN_CACHE_FIRST(In.TIERS),
    /** After a conflict the cache is read again, and not the row. */
    CACHE_AFTER_CONFLICT(In.TIERS),
    /** The cache has forgotten a session: it is over. */
    GONE_OF_CACHE(In.TIERS),

    /** What is older at one of two nodes is repaired whatever is there by then. */
    UNGUARDED_REPAIR(In.COPIES, In.TWO_NODES),
    /** Of two copies that differ the higher version is taken, whoever descends from whom. */
    HIGHER_VERSION_WINS(In.COPIES),
    /** A write that one node has is acknowledged without the witness's vote. */
    NO_WITNESS_VOTE(In.COPIES),
    /** A write that no copy seems to have is called lost though they may have been read too early. */
    LOST_AT_FIRST_SIGHT(In.COPIES),
    /** What is handed out may not have reached the other copy yet. */
    REPAIR_NOT_AWAITED(In.COPIES),
    /** What ends a key stays for 15 seconds. */
    SHORT_MARK(In.COPIES),
    /** One node has forgotten a session: it is over. */
    GONE_OF_ONE_NODE(In.COPIES, In.TWO_NODES),
    /** Both nodes are written at once; what one of them has taken is stored. */
    WRITTEN_IN_PARALLEL(In.COPIES),
    /** All tries of a commit have the same write id. */
    ONE_WRITE_ID(In.COPIES),
    /** One node is given the mark of an end, and that is called confirmed. */
    ONE_MARK_CONFIRMS(In.COPIES, In.TWO_NODES),
    /** A log-out of the version that the first node has marks the second one whatever is there. */
    MARKED_OVER_A_POINTER(In.COPIES),
    /** What was seen at one node is taken for the state of the one that has its place in another list of nodes. */
    VERSION_OF_ANOTHER_LIST(In.COPIES, In.MOVES),
    /** Two nodes are added to the list at once. */
    TWO_NODES_AT_ONCE(In.COPIES),

    /** What is not at the node that has the key now is nowhere. */
    FORMER_NODE_NOT_ASKED(In.MOVES),
    /** A session is put at its new node while others may still write to it at the old one. */
    MOVED_WITHOUT_CLOSING(In.MOVES),
    /** Who logs out marks the node that has the key now, and not the one that had it. */
    MARKED_AT_ONE_PLACE(In.MOVES),
    /** A new session leaves nothing at the node where those look for it who have the list before. */
    NEW_WITHOUT_A_MARK(In.MOVES);

    /** Where it can be planted. */
    enum In {
        ONE_COPY,
        TIERS,
        COPIES,
        TWO_NODES,
        MOVES;

        private int bit() {
            return 1 << ordinal();
        }
    }

    /** A bit for each. */
    private final int where;

    SimFault(In... where) {
        this.where = Stream.of(where).mapToInt(In::bit).sum();
    }

    static List<SimFault> planted(In where) {
        return Stream.of(values())
                .filter(fault -> fault != NONE && (fault.where & where.bit()) != 0)
                .toList();
    }
}
