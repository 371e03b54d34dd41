package dev.coatcheck.memcached;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One command to one key, in memcached's meta protocol. The server carries out what is asked for in the order in which it was
 * asked: {@code secondsLeft().touch(60)} tells the lease that was left before it was renewed.
 *
 * <p>Built by one thread and then sent, also again; its methods return itself, and throw {@link
 * IllegalStateException} where the verb has no such word or it is there already. The value is not copied: it must not be
 * changed until the reply is there, nor at all when there is none.
 *
 * @see <a href="https://docs.memcached.org/protocols/meta/">The meta protocol</a>
 */
public final class Command {
    /** How long a key may be, in bytes. */
    public static final int MAX_KEY_BYTES = 250;

    static final int VALUE = 1;
    static final int CAS = 2;
    static final int FLAGS = 4;
    static final int LEFT = 8;

    private static final long CONDITIONS = 1L << ('M' - 'A') | 1L << ('C' - 'A');
    private static final long MAX_FLAGS = 0xFFFF_FFFFL;

    enum Verb {
        GET("mg"),
        SET("ms"),
        DELETE("md");

        private final String word;

        Verb(String word) {
            this.word = word;
        }
    }

    private final Verb verb;
    private final String key;
    private final byte @Nullable [] value;
    private final StringBuilder line;
    private int asked;
    private long words;
    private boolean claims;
    private @Nullable ServerIdentity onlyOn;

    private Command(Verb verb, String key, byte @Nullable [] value) {
        this.verb = verb;
        this.key = checked(key);
        this.value = value;
        line = new StringBuilder(key.length() + 64)
                .append(verb.word)
                .append(' ')
                .append(key);
        if (value != null) {
            line.append(' ').append(value.length);
        }
    }

    private static String checked(String key) {
        int length = key.length();
        if (length == 0 || length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "A key of " + length + " characters: 1 to " + MAX_KEY_BYTES + " are accepted");
        }
        for (int i = 0; i < length; i++) {
            char c = key.charAt(i);
            if (c <= ' ' || c >= 0x7F) {
                throw new IllegalArgumentException("A key with a character outside of visible ASCII at place " + i);
            }
        }
        return key;
    }

    /**
     * Asks whether there is something under a key, and for what the further methods name.
     *
     * @throws IllegalArgumentException when the key is not 1 to 250 characters of visible ASCII; every factory does
     */
    public static Command get(String key) {
        return new Command(Verb.GET, key, null);
    }

    /** Stores a value, unconditionally unless {@link #create()} or {@link #ifCas} say otherwise. It lives for ever unless {@link #expire} is called. */
    public static Command set(String key, byte[] value) {
        return new Command(Verb.SET, key, value);
    }

    /** Deletes what is under a key. */
    public static Command delete(String key) {
        return new Command(Verb.DELETE, key, null);
    }

    /** A get answers with the value. */
    public Command value() {
        return ask(Verb.GET, " v", VALUE);
    }

    /** The reply has the number of this state of the value: a get's of what was found, a set's of what was stored. */
    public Command cas() {
        if (verb == Verb.DELETE) {
            throw new IllegalStateException("A delete has no new number");
        }
        return ask(verb, " c", CAS);
    }

    /** A get answers with the flags that were stored with the value. */
    public Command flags() {
        return ask(Verb.GET, " f", FLAGS);
    }

    /** A get answers with the seconds that the value has left; before a renewal when asked for before {@link #touch}. */
    public Command secondsLeft() {
        return ask(Verb.GET, " t", LEFT);
    }

    /** A get renews what it finds, whatever it is, from now on. Seconds as in {@link #expire}. */
    public Command touch(int exptime) {
        return need(Verb.GET, " T", exptime);
    }

    /**
     * A get that finds nothing leaves an empty value that lives for so many seconds, and says that it has: a claim, so that
     * of many callers one goes and makes the value. Comes after {@link #touch}, whose time the claim would have otherwise.
     *
     * @throws IllegalArgumentException when 0 or less
     */
    public Command claim(int seconds) {
        need(Verb.GET, " N", seconds);
        claims = true;
        return this;
    }

    /**
     * A set's value ends so many seconds from now; above 2,592,000 (30 days) the number is a date, in seconds of the epoch.
     *
     * @throws IllegalArgumentException when 0, which would be for ever, or less, which would be at once
     */
    public Command expire(int exptime) {
        return need(Verb.SET, " T", exptime);
    }

    private Command need(Verb needed, String flag, int seconds) {
        if (seconds <= 0) {
            throw new IllegalArgumentException(seconds + " seconds: 1 or more are accepted");
        }
        ask(needed, flag, 0);
        line.append(seconds);
        return this;
    }

    /** A set stores these 32 bits with the value. Without this they are zero. */
    public Command clientFlags(long flags) {
        if (flags < 0 || flags > MAX_FLAGS) {
            throw new IllegalArgumentException("Client flags of " + flags + ": 0 to " + MAX_FLAGS + " are accepted");
        }
        ask(Verb.SET, " F", 0);
        line.append(flags);
        return this;
    }

    /** A set stores only where nothing is. Not together with {@link #ifCas}, which memcached would ignore. */
    public Command create() {
        return ask(Verb.SET, " ME", 0);
    }

    /** A set or delete happens only while the number of the value's state is this one: 64 bits, unsigned. */
    public Command ifCas(long cas) {
        if (verb == Verb.GET) {
            throw new IllegalStateException("A get has no condition");
        }
        ask(verb, " C", 0);
        line.append(Long.toUnsignedString(cas));
        return this;
    }

    /** Sent only while the connection is to this very server process, since others give the same numbers to other states. */
    public Command onlyOn(ServerIdentity server) {
        onlyOn = server;
        return this;
    }

    private Command ask(Verb needed, String flag, int answer) {
        if (verb != needed) {
            throw new IllegalStateException("Not for a command " + verb.word);
        }
        // The server takes a word that is there twice for an error of the connection, which is everybody's.
        long bit = 1L << (flag.charAt(1) - 'A');
        if ((words & bit) != 0 || ((words | bit) & CONDITIONS) == CONDITIONS) {
            throw new IllegalStateException("Asked for twice, or create() together with ifCas()");
        }
        words |= bit;
        line.append(flag);
        asked |= answer;
        return this;
    }

    /** The key. */
    public String key() {
        return key;
    }

    Verb verb() {
        return verb;
    }

    /** What the reply must have, where something is found or stored: {@link #VALUE} and so on, added. */
    int asked() {
        return asked;
    }

    /** Whether it may leave a claim. */
    boolean claims() {
        return claims;
    }

    byte @Nullable [] data() {
        return value;
    }

    @Nullable
    ServerIdentity server() {
        return onlyOn;
    }

    /** The line up to the opaque token, which comes when the command is sent. */
    byte[] line() {
        return line.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** The verb and the value's size; neither key nor value. */
    @Override
    public String toString() {
        return "Command[" + verb.word + (value == null ? "]" : ", " + value.length + " bytes]");
    }
}
