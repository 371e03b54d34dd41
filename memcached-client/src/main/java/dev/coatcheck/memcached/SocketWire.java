package dev.coatcheck.memcached;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** TCP, with TLS or without. */
final class SocketWire implements Wire {
    private static final int KEEP_ALIVE_IDLE_SECONDS = 2;
    private static final int KEEP_ALIVE_PROBES = 3;

    private static final int FIRST_ANSWER_MILLIS = 500;

    private final Socket tcp;
    private final String host;
    private final @Nullable SSLContext tls;
    private InputStream in;
    private OutputStream out;

    private SocketWire(Socket tcp, String host, @Nullable SSLContext tls) throws IOException {
        this.tcp = tcp;
        this.host = host;
        this.tls = tls;
        in = tcp.getInputStream();
        out = tcp.getOutputStream();
    }

    /** Connects to the first of a host's addresses that takes it. */
    static SocketWire connect(String host, int port, Duration timeout, @Nullable SSLContext tls) throws IOException {
        IOException failure = new IOException("The name has no address");
        for (InetAddress address : InetAddress.getAllByName(host)) {
            Socket tcp = new Socket();
            try {
                tcp.setTcpNoDelay(true);
                keepAlive(tcp);
                tcp.connect(new InetSocketAddress(address, port), Math.toIntExact(timeout.toMillis()));
                return new SocketWire(tcp, host, tls);
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

    /** The certificate must be the host's. A frozen server says nothing here either, and is not taken for one without TLS. */
    @Override
    public void secure() throws IOException {
        if (tls == null) {
            return;
        }
        try {
            tcp.setSoTimeout(FIRST_ANSWER_MILLIS);
            SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(tcp, host, tcp.getPort(), true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            tcp.setSoTimeout(0);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        } catch (SocketTimeoutException | SSLException e) {
            String misfit = isAboutCertificates(e) ? null : misfit();
            throw misfit == null ? e : new UnfitServerException(misfit);
        }
    }

    private static boolean isAboutCertificates(IOException e) {
        return e instanceof SSLHandshakeException || e instanceof SSLPeerUnverifiedException;
    }

    @Override
    public @Nullable String misfit() {
        InetSocketAddress address = new InetSocketAddress(tcp.getInetAddress(), tcp.getPort());
        if (tls == null) {
            // Where it was we who hung up, for lack of an answer, there is nothing to explain.
            return !tcp.isClosed() && OtherSpeech.isTls(address) ? "It speaks TLS, which is not set" : null;
        }
        return OtherSpeech.isClear(address) ? "It does not speak TLS, which is set" : null;
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
