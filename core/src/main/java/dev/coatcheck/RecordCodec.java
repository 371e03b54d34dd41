package dev.coatcheck;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns records into bytes and back. One record has exactly one spelling, so equal bytes mean "unchanged". Every count and
 * length is checked against what is left before anything is allocated.
 *
 * <pre>
 * header length (2), created, deadline, idle (8 each, milliseconds), flags (1), CSRF seed (18),
 *   signed in: user (2 + UTF-8), device (1 + ASCII), at (8); what a newer release adds
 * number of attributes (2), each: name (2 + UTF-8), tag (1 + ASCII), flags (1), value (4 + bytes), in order of the names
 * </pre>
 */
final class RecordCodec {
    static final int MAX_ATTRIBUTES = 1_024;
    static final int MAX_NAME_CHARS = 256;
    static final int MAX_TAG_BYTES = 64;

    private static final int REMEMBERED = 1;
    private static final int OWN_IDLE_TIMEOUT = 2;
    private static final int SIGNED_IN = 4;
    private static final int KNOWN_FLAGS = REMEMBERED | OWN_IDLE_TIMEOUT | SIGNED_IN;
    private static final int FIXED_HEADER_BYTES = 3 * Long.BYTES + 1 + CsrfToken.SEED_BYTES;

    private RecordCodec() {}

    /** The bytes are not a record. */
    static final class MalformedRecordException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedRecordException(String message) {
            super(message);
        }
    }

    static byte[] encode(SessionRecord session) {
        SessionRecord.Login login = session.login();
        byte[] user = login == null ? new byte[0] : utf8(login.userId());
        byte[] device = login == null ? new byte[0] : utf8(login.device());
        int header = FIXED_HEADER_BYTES
                + (login == null ? 0 : 2 + user.length + 1 + device.length + Long.BYTES)
                + session.extra().length;
        List<byte[]> names = names(session.attributes());
        int size = 2 + header + 2 + size(names, session.attributes());
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putShort((short) header);
        out.putLong(session.createdAt().toEpochMilli());
        out.putLong(session.deadline().toEpochMilli());
        out.putLong(session.idleTimeout().toMillis());
        out.put((byte) ((session.remembered() ? REMEMBERED : 0)
                | (session.ownIdleTimeout() ? OWN_IDLE_TIMEOUT : 0)
                | (login == null ? 0 : SIGNED_IN)));
        out.put(session.csrfSeed());
        if (login != null) {
            out.putShort((short) user.length).put(user);
            out.put((byte) device.length).put(device);
            out.putLong(login.at().toEpochMilli());
        }
        out.put(session.extra());
        put(out, names, session.attributes());
        return out.array();
    }

    /** Attributes alone: their number and each, as in a record. */
    static byte[] encodeAttributes(SortedMap<String, Attribute> attributes) {
        List<byte[]> names = names(attributes);
        ByteBuffer out = ByteBuffer.allocate(2 + size(names, attributes));
        put(out, names, attributes);
        return out.array();
    }

    static SortedMap<String, Attribute> decodeAttributes(byte[] bytes) throws MalformedRecordException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        SortedMap<String, Attribute> attributes = attributes(in);
        if (in.hasRemaining()) {
            throw new MalformedRecordException("Bytes after the last attribute");
        }
        return attributes;
    }

    private static List<byte[]> names(SortedMap<String, Attribute> attributes) {
        return attributes.keySet().stream().map(RecordCodec::utf8).toList();
    }

    private static int size(List<byte[]> names, SortedMap<String, Attribute> attributes) {
        int size = 0;
        int i = 0;
        for (Attribute attribute : attributes.values()) {
            size += 2 + names.get(i++).length + 1 + attribute.tag().length() + 1 + 4 + attribute.bytes().length;
        }
        return size;
    }

    private static void put(ByteBuffer out, List<byte[]> names, SortedMap<String, Attribute> attributes) {
        out.putShort((short) names.size());
        int i = 0;
        for (Attribute attribute : attributes.values()) {
            byte[] name = names.get(i++);
            out.putShort((short) name.length).put(name);
            out.put((byte) attribute.tag().length()).put(utf8(attribute.tag()));
            out.put((byte) attribute.flags());
            out.putInt(attribute.bytes().length).put(attribute.bytes());
        }
    }

    static SessionRecord decode(byte[] bytes) throws MalformedRecordException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        ByteBuffer header = slice(in, unsignedShort(in));
        need(header, FIXED_HEADER_BYTES);
        Instant createdAt = Instant.ofEpochMilli(header.getLong());
        Instant deadline = Instant.ofEpochMilli(header.getLong());
        long idle = header.getLong();
        int flags = header.get();
        if (idle <= 0 || !createdAt.isBefore(deadline) || (flags & ~KNOWN_FLAGS) != 0) {
            throw new MalformedRecordException("A header field is out of range");
        }
        byte[] seed = new byte[CsrfToken.SEED_BYTES];
        header.get(seed);
        SessionRecord.Login login = (flags & SIGNED_IN) == 0 ? null : login(header);
        byte[] extra = new byte[header.remaining()];
        header.get(extra);
        SortedMap<String, Attribute> attributes = attributes(in);
        if (in.hasRemaining()) {
            throw new MalformedRecordException("Bytes after the last attribute");
        }
        return new SessionRecord(
                createdAt,
                deadline,
                Duration.ofMillis(idle),
                (flags & OWN_IDLE_TIMEOUT) != 0,
                (flags & REMEMBERED) != 0,
                login,
                seed,
                extra,
                attributes);
    }

    private static SessionRecord.Login login(ByteBuffer header) throws MalformedRecordException {
        String user = text(slice(header, unsignedShort(header)));
        String device = text(slice(header, unsignedByte(header)));
        need(header, Long.BYTES);
        try {
            return new SessionRecord.Login(user, device, Instant.ofEpochMilli(header.getLong()));
        } catch (DateTimeException e) {
            throw new MalformedRecordException("A time is out of range");
        }
    }

    private static SortedMap<String, Attribute> attributes(ByteBuffer in) throws MalformedRecordException {
        int count = unsignedShort(in);
        if (count > MAX_ATTRIBUTES) {
            throw new MalformedRecordException("Too many attributes");
        }
        SortedMap<String, Attribute> attributes = new TreeMap<>();
        String last = null;
        for (int i = 0; i < count; i++) {
            String name = text(slice(in, unsignedShort(in)));
            String tag = text(slice(in, unsignedByte(in)));
            int flags = unsignedByte(in);
            need(in, Integer.BYTES);
            int length = in.getInt();
            if (name.length() > MAX_NAME_CHARS
                    || tag.length() > MAX_TAG_BYTES
                    || !tag.chars().allMatch(c -> c < 0x80)
                    || length < 0
                    || last != null && last.compareTo(name) >= 0) {
                throw new MalformedRecordException("An attribute is out of range or order");
            }
            ByteBuffer value = slice(in, length);
            byte[] copy = new byte[length];
            value.get(copy);
            attributes.put(name, new Attribute(tag, flags, copy));
            last = name;
        }
        return attributes;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(ByteBuffer bytes) throws MalformedRecordException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedRecordException("Not UTF-8");
        }
    }

    static int unsignedByte(ByteBuffer in) throws MalformedRecordException {
        need(in, 1);
        return in.get() & 0xFF;
    }

    static int unsignedShort(ByteBuffer in) throws MalformedRecordException {
        need(in, 2);
        return in.getShort() & 0xFFFF;
    }

    static ByteBuffer slice(ByteBuffer in, int length) throws MalformedRecordException {
        need(in, length);
        ByteBuffer part = in.slice(in.position(), length);
        in.position(in.position() + length);
        return part;
    }

    static void need(ByteBuffer in, int bytes) throws MalformedRecordException {
        if (in.remaining() < bytes) {
            throw new MalformedRecordException("Cut short");
        }
    }

    /** What an attribute takes in a record, roughly its value and name. */
    static int size(String name, @Nullable Attribute attribute) {
        return attribute == null
                ? 0
                : utf8(name).length + attribute.bytes().length + attribute.tag().length() + 8;
    }
}
