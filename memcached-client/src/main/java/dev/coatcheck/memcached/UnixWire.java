package dev.coatcheck.memcached;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A socket in the file system, for a server on the same machine. */
final class UnixWire implements Wire {
    private final SocketChannel channel;

    private UnixWire(SocketChannel channel) {
        this.channel = channel;
    }

    static UnixWire connect(Path path) throws IOException {
        return new UnixWire(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    @Override
    public void secure() {
        // Nobody else can listen.
    }

    @Override
    public @Nullable String misfit() {
        return null;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return channel.read(ByteBuffer.wrap(into, offset, length));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException alreadyBroken) {
            // Nothing is left to free.
        }
    }
}
