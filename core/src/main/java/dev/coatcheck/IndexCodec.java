package dev.coatcheck;

import dev.coatcheck.RecordCodec.MalformedRecordException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a user's index into bytes and back. One index has one spelling; every count and length is checked against what is
 * left before anything is allocated.
 *
 * <pre>
 * header length (2), since (8, milliseconds); what a newer release adds
 * number of entries (2), each: length (2), flags (1), device (1 + ASCII), end, signed in, moved (8 each),
 *   number of places (1), each: key (24), lease class (1), id (15);
 *   label (2 + UTF-8) and address (1 + UTF-8) where flagged; what a newer release adds
 * </pre>
 */
final class IndexCodec {
    static final int MAX_ENTRIES = 2 * DeviceIndex.MAX_ENTRIES;

    private static final int ENDING = 1;
    private static final int LABEL = 2;
    private static final int ADDRESS = 4;
    private static final int KEY_BYTES = 24;
    private static final int ID_BYTES = 15;
    private static final int PLACE_BYTES = KEY_BYTES + 1 + ID_BYTES;

    private IndexCodec() {}

    static byte[] encode(DeviceIndex index) {
        int size = 2 + Long.BYTES + index.extra().length + 2;
        List<byte[]> encoded = new ArrayList<>(index.entries().size());
        for (IndexEntry entry : index.entries()) {
            byte[] bytes = encode(entry);
            encoded.add(bytes);
            size += 2 + bytes.length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putShort((short) (Long.BYTES + index.extra().length));
        out.putLong(index.since().toEpochMilli()).put(index.extra());
        out.putShort((short) encoded.size());
        encoded.forEach(bytes -> out.putShort((short) bytes.length).put(bytes));
        return out.array();
    }

    private static byte[] encode(IndexEntry entry) {
        byte[] device = entry.device().getBytes(StandardCharsets.UTF_8);
        byte[] label = utf8(entry.label());
        byte[] address = utf8(entry.address());
        ByteBuffer out = ByteBuffer.allocate(1
                + 1
                + device.length
                + 3 * Long.BYTES
                + 1
                + entry.places().size() * PLACE_BYTES
                + (entry.label() == null ? 0 : 2 + label.length)
                + (entry.address() == null ? 0 : 1 + address.length)
                + entry.extra().length);
        out.put((byte) ((entry.ending() ? ENDING : 0)
                | (entry.label() == null ? 0 : LABEL)
                | (entry.address() == null ? 0 : ADDRESS)));
        out.put((byte) device.length).put(device);
        out.putLong(entry.end().toEpochMilli());
        out.putLong(entry.signedInAt().toEpochMilli());
        out.putLong(entry.movedAt().toEpochMilli());
        out.put((byte) entry.places().size());
        for (Place place : entry.places()) {
            out.put(Base64.getUrlDecoder().decode(place.key().text()));
            out.put((byte) place.leaseClass().ordinal());
            out.put(Base64.getUrlDecoder().decode(place.id()));
        }
        if (entry.label() != null) {
            out.putShort((short) label.length).put(label);
        }
        if (entry.address() != null) {
            out.put((byte) address.length).put(address);
        }
        return out.put(entry.extra()).array();
    }

    private static byte[] utf8(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    static DeviceIndex decode(byte[] bytes) throws MalformedRecordException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        ByteBuffer header = RecordCodec.slice(in, RecordCodec.unsignedShort(in));
        Instant since = instant(header);
        byte[] extra = rest(header);
        int count = RecordCodec.unsignedShort(in);
        if (count > MAX_ENTRIES) {
            throw new MalformedRecordException("Too many entries");
        }
        List<IndexEntry> entries = new ArrayList<>();
        Set<String> devices = new HashSet<>();
        for (int i = 0; i < count; i++) {
            IndexEntry entry = entry(RecordCodec.slice(in, RecordCodec.unsignedShort(in)));
            if (!devices.add(entry.device())) {
                throw new MalformedRecordException("A device is there twice");
            }
            entries.add(entry);
        }
        if (in.hasRemaining()) {
            throw new MalformedRecordException("Bytes after the last entry");
        }
        return new DeviceIndex(since, extra, entries);
    }

    private static IndexEntry entry(ByteBuffer in) throws MalformedRecordException {
        int flags = RecordCodec.unsignedByte(in);
        String device = RecordCodec.text(RecordCodec.slice(in, RecordCodec.unsignedByte(in)));
        Instant end = instant(in);
        Instant signedInAt = instant(in);
        Instant movedAt = instant(in);
        int count = RecordCodec.unsignedByte(in);
        if ((flags & ~(ENDING | LABEL | ADDRESS)) != 0 || count == 0 || count > IndexEntry.MAX_PLACES) {
            throw new MalformedRecordException("An entry is out of range");
        }
        RecordCodec.need(in, count * PLACE_BYTES);
        List<Place> places = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            places.add(place(in));
        }
        String label = (flags & LABEL) == 0
                ? null
                : shown(RecordCodec.slice(in, RecordCodec.unsignedShort(in)), DeviceHint.MAX_LABEL_CHARS);
        String address = (flags & ADDRESS) == 0
                ? null
                : shown(RecordCodec.slice(in, RecordCodec.unsignedByte(in)), DeviceHint.MAX_ADDRESS_CHARS);
        return new IndexEntry(
                device, places, end, (flags & ENDING) != 0, signedInAt, movedAt, label, address, rest(in));
    }

    private static Place place(ByteBuffer in) throws MalformedRecordException {
        String key = base64Url(in, KEY_BYTES);
        int leaseClass = in.get();
        String id = base64Url(in, ID_BYTES);
        if (!LeaseClass.isNumber(leaseClass)) {
            throw new MalformedRecordException("No lease class");
        }
        return new Place(SessionStore.Key.of(key), LeaseClass.of(leaseClass), id);
    }

    private static String base64Url(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String shown(ByteBuffer in, int maxChars) throws MalformedRecordException {
        String text = RecordCodec.text(in);
        if (text.isEmpty() || text.length() > maxChars) {
            throw new MalformedRecordException("A text is out of range");
        }
        return text;
    }

    private static Instant instant(ByteBuffer in) throws MalformedRecordException {
        RecordCodec.need(in, Long.BYTES);
        return Instant.ofEpochMilli(in.getLong());
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return rest;
    }
}
