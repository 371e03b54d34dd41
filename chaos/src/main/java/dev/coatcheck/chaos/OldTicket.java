package dev.coatcheck.chaos;

import dev.coatcheck.test.TestBrowser;
import java.time.Instant;

/** A jar as it was before its session got another id, or ended. */
final class OldTicket {
    /** Instead of a node's number: all of them. */
    static final int ALL = -1;

    final TestBrowser jar;
    final long life;
    /** What took its worth. */
    final Entry by;

    private final int surelyAt;
    private volatile Instant deadFrom;

    /**
     * @param deadFrom from when on it leads to nothing
     * @param surelyAt the one node where that is so though servers were away; {@link #ALL} for all
     */
    OldTicket(TestBrowser jar, long life, Entry by, Instant deadFrom, int surelyAt) {
        this.jar = jar;
        this.life = life;
        this.by = by;
        this.deadFrom = deadFrom;
        this.surelyAt = surelyAt;
    }

    /** Where it led to is over. */
    void end() {
        deadFrom = Instant.MIN;
    }

    /** Whether a request that begins now may find nothing by it at this node. */
    boolean isDead(AppNode node, Instant now) {
        return !now.isBefore(deadFrom) && (surelyAt == ALL || surelyAt == node.number());
    }
}
