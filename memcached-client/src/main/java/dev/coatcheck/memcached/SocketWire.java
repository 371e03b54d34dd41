package dev.coatcheck.memcached;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** TCP, with TLS or without. */
final class SocketWire implements Wire {
    private static final int KEEP_ALIVE_IDLE_SECONDS = 2;
    private static final int KEEP_ALIVE_PROBES = 3;

    private final Socket tcp;
    private final InputStream in;
    private final OutputStream out;

    private SocketWire(Socket tcp, Socket talking) throws IOException {
        this.tcp = tcp;
        in = talking.getInputStream();
        out = talking.getOutputStream();
    }

    /** Connects to the first of a host's addresses that takes it. With TLS the certificate must be the host's. */
    static SocketWire connect(String host, int port, Duration timeout, @Nullable SSLContext tls) throws IOException {
        IOException failure = new IOException("The name has no address");
        for (InetAddress address : InetAddress.getAllByName(host)) {
            Socket tcp = new Socket();
            try {
                tcp.setTcpNoDelay(true);
                keepAlive(tcp);
                tcp.connect(new InetSocketAddress(address, port), Math.toIntExact(timeout.toMillis()));
                return new SocketWire(tcp, tls == null ? tcp : secured(tcp, host, port, timeout, tls));
            } catch (IOException e) {
                failure = e;
                closeQuietly(tcp);
            }
        }
        throw failure;
    }

    /** A peer that vanished without a word is noticed within five seconds, also when nothing is asked of it. */
    private static void keepAlive(Socket tcp) throws IOException {
        tcp.setKeepAlive(true);
        if (tcp.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            tcp.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEP_ALIVE_IDLE_SECONDS);
            tcp.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 1);
            tcp.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEP_ALIVE_PROBES);
        }
    }

    private static SSLSocket secured(Socket tcp, String host, int port, Duration timeout, SSLContext tls)
            throws IOException {
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(tcp, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        socket.setSSLParameters(parameters);
        tcp.setSoTimeout(Math.toIntExact(timeout.toMillis()));
        socket.startHandshake();
        tcp.setSoTimeout(0);
        return socket;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return in.read(into, offset, length);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    /** The TCP connection alone: closing TLS would write a last word first, and wait behind a write that hangs. */
    @Override
    public void close() {
        closeQuietly(tcp);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            // Nothing is left to free.
        }
    }
}
