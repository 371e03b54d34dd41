package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WriteIdTest {
    /** So many would be alike by chance. */
    @Test
    void noTwoTriesOfACommitAreAlikeAndAllBearItsBits() {
        SecureRandom random = new SecureRandom();
        List<Long> tries = new ArrayList<>(List.of(WriteId.newCommit(random)));
        for (int i = 0; i < 2_000; i++) {
            tries.add(0, WriteId.newTry(tries, random));
        }
        assertThat(tries).doesNotHaveDuplicates();
        assertThat(tries).extracting(id -> id & WriteId.COMMIT_BITS).containsOnly(tries.get(0) & WriteId.COMMIT_BITS);
    }
}
