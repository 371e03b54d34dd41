package dev.coatcheck.cli;

import dev.coatcheck.SessionStore;
import dev.coatcheck.SessionUnavailableException;
import java.io.PrintStream;

/** Sessions that have expired and are still in the store. */
final class Expired {
    private static final int BATCH = 500;

    private Expired() {}

    static void sweep(SessionStore store, PrintStream out) {
        if (!store.needsSweep()) {
            out.println("There is nothing to sweep: this store ends by itself what has expired.");
            return;
        }
        int ended = 0;
        try {
            int swept;
            do {
                swept = store.sweep(BATCH).size();
                ended += swept;
            } while (swept > 0);
        } catch (SessionUnavailableException away) {
            throw Complaint.failed(Complaint.reason(away) + " (" + ended + " were ended before)");
        }
        out.println(ended == 1 ? "1 expired session ended." : ended + " expired sessions ended.");
    }
}
