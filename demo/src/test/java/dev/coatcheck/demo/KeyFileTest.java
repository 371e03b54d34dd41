package dev.coatcheck.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {
    @TempDir
    Path folder;

    private Path path;

    @BeforeEach
    void name() {
        path = folder.resolve(".coatcheck-keys");
    }

    @Test
    void isMadeOnceAndForItsOwnerAlone() throws Exception {
        new KeyFile(path).readOrMake();
        String ring = Files.readString(path);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(ring).matches("1:[A-Za-z0-9+/_=-]{43,}\n");
        new KeyFile(path).readOrMake();
        assertThat(Files.readString(path)).isEqualTo(ring);
    }

    @Test
    void startsAtOnceEndWithOneRing() throws Exception {
        int starts = 8;
        ExecutorService threads = Executors.newFixedThreadPool(starts);
        CountDownLatch go = new CountDownLatch(1);
        try {
            List<Future<String>> rings = new ArrayList<>();
            for (int i = 0; i < starts; i++) {
                rings.add(threads.submit(() -> {
                    go.await();
                    new KeyFile(path).readOrMake();
                    return Files.readString(path);
                }));
            }
            go.countDown();
            String first = rings.get(0).get();
            for (Future<String> ring : rings) {
                assertThat(ring.get()).isEqualTo(first);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anEmptyFileOfAnInterruptedStartIsFilled() throws Exception {
        Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));

        new KeyFile(path).readOrMake();

        assertThat(path).isNotEmptyFile();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw-rw----", "rw----r--", "rwx------"})
    void isRefusedWhenOthersMayReadIt(String permissions) throws Exception {
        new KeyFile(path).readOrMake();
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));

        assertThatThrownBy(() -> new KeyFile(path).readOrMake())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("chmod 600 " + path)
                .hasMessageContaining(permissions)
                .hasMessageNotContaining(Files.readString(path).substring(2, 40));
    }

    @Test
    void whatHoldsNoRingIsRefusedAndKept() throws Exception {
        Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(path, "something else\n");

        assertThatThrownBy(() -> new KeyFile(path).readOrMake())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holds no key ring")
                .hasMessageNotContaining("something else");
        assertThat(path).hasContent("something else");
    }

    @Test
    void needsItsFolder() {
        assertThatThrownBy(() -> new KeyFile(folder.resolve("no/such/keys")).readOrMake())
                .isInstanceOf(NoSuchFileException.class);
    }
}
