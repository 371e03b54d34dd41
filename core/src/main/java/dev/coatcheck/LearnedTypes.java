package dev.coatcheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The names of the classes that a test run met, in a file that is whole at any time. Safe for use by many threads. */
final class LearnedTypes {
    private static final Logger LOG = LoggerFactory.getLogger(SerializableTypes.class);

    private final Path file;
    private final Set<String> names = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean changed = new AtomicBoolean();
    /** How many have asked for a write: the first one writes, also for those that come meanwhile. */
    private final AtomicInteger asked = new AtomicInteger();

    /** @throws IllegalArgumentException when the file cannot be written */
    LearnedTypes(Path file) {
        this.file = file.toAbsolutePath();
        try {
            write();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the file " + SafeText.quote(file.toString()) + " cannot be written: "
                            + e.getClass().getSimpleName(),
                    e);
        }
        LOG.warn(
                "Every serializable class may be stored and is added to {}: this is for a test run, not for production",
                SafeText.quote(this.file.toString()));
    }

    boolean knows(String name) {
        return names.contains(name);
    }

    /** No I/O: a session's lock is held while its attributes are encoded. */
    void add(Collection<String> met) {
        if (names.addAll(met)) {
            changed.set(true);
        }
    }

    /** Writes the file where there is something new. */
    void save() {
        if (!changed.getAndSet(false) || asked.getAndIncrement() > 0) {
            return;
        }
        int done;
        do {
            done = asked.get();
            try {
                write();
            } catch (IOException | IllegalArgumentException e) {
                LOG.warn("The names of classes cannot be written to {}", SafeText.quote(file.toString()), e);
            }
        } while (asked.addAndGet(-done) > 0);
    }

    /** Other processes of the same run may have added names meanwhile. */
    private void write() throws IOException {
        Set<String> all = new TreeSet<>(names);
        if (Files.exists(file)) {
            all.addAll(SerializableTypes.lines(file));
        }
        List<String> lines = new ArrayList<>();
        lines.add(
                "# Classes that a test run stored in sessions. Read it before it becomes the list of serializable types.");
        lines.addAll(all);
        Path next = Files.createTempFile(file.getParent(), ".serializable", ".tmp");
        try {
            Files.write(next, lines);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
    }
}
