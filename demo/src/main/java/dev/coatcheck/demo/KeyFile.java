package dev.coatcheck.demo;

import dev.coatcheck.KeyRing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The key ring that Chirp makes for itself at its first start, so that its sessions survive a restart and a second Chirp
 * on the same store shares them. For a demonstration: what goes to production gets its keys by {@code COATCHECK_KEYS}.
 */
final class KeyFile {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final Set<OpenOption> OPEN_OR_CREATE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    private static final int MAX_BYTES = 4096;
    /** A file lock is held by a whole process: within it this one decides. */
    private static final ReentrantLock IN_PROCESS = new ReentrantLock();

    private final Path path;

    KeyFile(Path path) {
        this.path = path;
    }

    /**
     * Reads the ring, and makes it first when the file is missing or empty. Whoever starts at the same time gets the same
     * one.
     *
     * @throws IllegalArgumentException when the file may be read by others, or holds no key ring
     * @throws IOException when it cannot be read or made
     */
    KeyRing readOrMake() throws IOException {
        boolean posix = path.toAbsolutePath()
                .getFileSystem()
                .supportedFileAttributeViews()
                .contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        IN_PROCESS.lock();
        try (FileChannel file = FileChannel.open(path, OPEN_OR_CREATE, attributes)) {
            file.lock(); // until it is closed
            if (posix) {
                refuseWhatOthersMayRead();
            }
            if (file.size() == 0) {
                file.write(ByteBuffer.wrap((KeyRing.generate() + "\n").getBytes(StandardCharsets.US_ASCII)));
                file.force(true);
                file.position(0);
            }
            return parse(file);
        } finally {
            IN_PROCESS.unlock();
        }
    }

    private void refuseWhatOthersMayRead() throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (!OWNER_ONLY.containsAll(permissions)) {
            throw new IllegalArgumentException("the key file " + path + " is open to others ("
                    + PosixFilePermissions.toString(permissions) + "): run 'chmod 600 " + path
                    + "', or delete it to get a new key ring, which signs everybody out");
        }
    }

    private KeyRing parse(FileChannel file) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(MAX_BYTES);
        while (text.hasRemaining() && file.read(text) >= 0) {}
        try {
            return KeyRing.parse(new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip());
        } catch (IllegalArgumentException notARing) {
            throw new IllegalArgumentException(
                    "the key file " + path + " holds no key ring (" + notARing.getMessage()
                            + "): delete it to get a new one, which signs everybody out",
                    notARing);
        }
    }
}
