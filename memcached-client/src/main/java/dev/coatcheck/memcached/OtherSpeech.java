package dev.coatcheck.memcached;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Asks a server that did not understand our first words whether it would understand others, on a connection that is used for
 * nothing else. memcached says nothing on its own: it hangs up on clear text where it wants TLS, and waits for the end of a
 * line where it gets TLS and wants clear text.
 */
final class OtherSpeech {
    private static final int PATIENCE_MILLIS = 250;
    private static final int ALERT = 0x15;
    private static final int HANDSHAKE = 0x16;

    /** A ClientHello of TLS 1.2 with two old ciphers: a server answers with its hello or, as a rule, with an alert. */
    private static final byte[] HELLO =
            HexFormat.of().parseHex("16030100310100002d0303" + "00".repeat(32) + "00" + "0006002f00350005" + "0100");

    private OtherSpeech() {}

    static boolean isTls(InetSocketAddress server) {
        int first = answer(server, HELLO);
        return first == ALERT || first == HANDSHAKE;
    }

    static boolean isClear(InetSocketAddress server) {
        return answer(server, "\r\n".getBytes(StandardCharsets.US_ASCII)) >= ' ';
    }

    /** The first byte of the answer; -1 without one. */
    private static int answer(InetSocketAddress server, byte[] words) {
        try (Socket socket = new Socket()) {
            socket.connect(server, PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(words);
            return socket.getInputStream().read();
        } catch (IOException none) {
            return -1;
        }
    }
}
