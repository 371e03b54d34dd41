package dev.coatcheck.memcached;

import dev.coatcheck.memcached.Command.Verb;
import dev.coatcheck.memcached.Reply.Status;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads replies, strictly: a reply must carry the token and the key of the command that it is taken for, what was asked for,
 * and no more bytes than are allowed. Anything else is a {@link MalformedReplyException}, and nothing is allocated for it.
 */
final class ReplyReader {
    private static final long MAX_32_BITS = 0xFFFF_FFFFL;
    private static final String OTHERS = "The answer to another command";

    // Beside what a command asks for.
    private static final int TOKEN = 1 << 8;
    private static final int KEY = 1 << 9;

    private final ReplyInput in;
    private final int maxValueBytes;
    private final ServerIdentity server;

    ReplyReader(ReplyInput in, int maxValueBytes, ServerIdentity server) {
        this.in = in;
        this.maxValueBytes = maxValueBytes;
        this.server = server;
    }

    /** Reads the reply to a command that was sent with this token. Null for the server's {@code SERVER_ERROR}, which has no token to check. */
    @Nullable
    Reply read(Command command, long token) throws IOException {
        ReplyLine line = in.line();
        line.next();
        Verb verb = command.verb();
        if (line.is("HD")) {
            if ((command.asked() & Command.VALUE) != 0) {
                throw new MalformedReplyException("No value, though one was asked for");
            }
            return new Words(command, token, line).read(Status.DONE, -1);
        }
        if (line.is("VA") && (command.asked() & Command.VALUE) != 0) {
            if (!line.next()) {
                throw new MalformedReplyException("A value without a length");
            }
            long length = line.number();
            if (length < 0 || length > maxValueBytes) {
                throw new MalformedReplyException("A value of " + Long.toUnsignedString(length) + " bytes; at most "
                        + maxValueBytes + " are read");
            }
            return new Words(command, token, line).read(Status.DONE, (int) length);
        }
        if (line.is("EN") && verb == Verb.GET || line.is("NF") && verb != Verb.GET) {
            return new Words(command, token, line).read(Status.ABSENT, -1);
        }
        if (line.is("NS") && verb == Verb.SET) {
            return new Words(command, token, line).read(Status.NOT_STORED, -1);
        }
        if (line.is("EX") && verb != Verb.GET) {
            return new Words(command, token, line).read(Status.EXISTS, -1);
        }
        if (line.is("SERVER_ERROR")) {
            return null;
        }
        throw new MalformedReplyException("Not an answer to " + command + ": a line that begins with other words");
    }

    /** The words behind the first. */
    private final class Words {
        private final Command command;
        private final long token;
        private final ReplyLine line;
        private long cas;
        private long flags;
        private long secondsLeft;
        private boolean won;
        private int got;

        Words(Command command, long token, ReplyLine line) {
            this.command = command;
            this.token = token;
            this.line = line;
        }

        Reply read(Status status, int length) throws IOException {
            while (line.next()) {
                word();
            }
            if ((got & (TOKEN | KEY)) != (TOKEN | KEY)) {
                throw new MalformedReplyException(OTHERS);
            }
            int asked = status == Status.DONE ? command.asked() & ~Command.VALUE : 0;
            if ((got & asked) != asked) {
                throw new MalformedReplyException("An answer that leaves out what was asked for");
            }
            byte[] value = length < 0 ? null : in.block(length);
            return new Reply(status, value, cas, flags, secondsLeft, won, server);
        }

        private void word() throws MalformedReplyException {
            switch (line.first()) {
                case 'O' -> once(TOKEN, line.restNumber() == token);
                case 'k' -> once(KEY, line.restIs(command.key()));
                case 'c' -> {
                    once(Command.CAS, true);
                    cas = line.restNumber();
                }
                case 'f' -> {
                    once(Command.FLAGS, true);
                    flags = bits32();
                }
                case 't' -> {
                    once(Command.LEFT, true);
                    secondsLeft = line.restIsMinusOne() ? -1 : bits32();
                }
                case 'W' -> won = command.claims() && line.restIs("");
                default -> {} // What a later server adds, and what only others ask for.
            }
        }

        private long bits32() throws MalformedReplyException {
            long number = line.restNumber();
            if (number < 0 || number > MAX_32_BITS) {
                throw new MalformedReplyException("A number of more than 32 bits");
            }
            return number;
        }

        private void once(int word, boolean right) throws MalformedReplyException {
            if ((got & word) != 0) {
                throw new MalformedReplyException("A word twice in an answer");
            }
            if (!right) {
                throw new MalformedReplyException(OTHERS);
            }
            got |= word;
        }
    }
}
