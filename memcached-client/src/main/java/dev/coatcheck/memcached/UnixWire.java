package dev.coatcheck.memcached;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A socket in the file system, for a server on the same machine. */
final class UnixWire implements Wire {
    private static final int SLICE_BYTES = 65_536;

    private final SocketChannel channel;

    private UnixWire(SocketChannel channel) {
        this.channel = channel;
    }

    /** A server that is frozen takes some connections and then lets us wait, which only closing ends. */
    static UnixWire connect(Path path, ClientSettings settings) throws IOException {
        UnixWire wire = new UnixWire(SocketChannel.open(StandardProtocolFamily.UNIX));
        Future<?> limit = settings.later(wire::close, ClientSettings.CONNECT_TIMEOUT.toNanos());
        try {
            wire.channel.connect(UnixDomainSocketAddress.of(path));
            return wire;
        } catch (ClosedChannelException e) {
            throw new SocketTimeoutException("it takes no connection within a second");
        } catch (IOException | RuntimeException e) {
            wire.close();
            throw e;
        } finally {
            limit.cancel(false);
        }
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
        return channel.read(ByteBuffer.wrap(into, offset, Math.min(length, SLICE_BYTES)));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        // The JDK copies a buffer as a whole to memory of which there is little.
        for (int sent = 0; sent < length; ) {
            sent += channel.write(ByteBuffer.wrap(bytes, offset + sent, Math.min(length - sent, SLICE_BYTES)));
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
