package dev.coatcheck;

import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.util.SplittableRandom;

/** Draws the same bytes for the same seed: ids, write ids, nonces and pauses of a schedule can be had once more. */
final class SimRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    /** Whether all tries of one commit are to look alike. */
    private final boolean triesAlike;

    SimRandom(SplittableRandom source, boolean triesAlike) {
        super(new Source(source), null);
        this.triesAlike = triesAlike;
    }

    @Override
    public long nextLong() {
        return triesAlike ? super.nextLong() & WriteId.COMMIT_BITS : super.nextLong();
    }

    private static final class Source extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;
        private final transient SplittableRandom source;

        Source(SplittableRandom source) {
            this.source = source;
        }

        @Override
        protected void engineSetSeed(byte[] seed) {
            throw new UnsupportedOperationException("A schedule has one seed");
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            source.nextBytes(bytes);
        }

        @Override
        protected byte[] engineGenerateSeed(int bytes) {
            throw new UnsupportedOperationException("Nobody needs a seed");
        }
    }
}
