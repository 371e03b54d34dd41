package dev.coatcheck;

import dev.coatcheck.RecordCodec.MalformedRecordException;
import dev.coatcheck.SessionStore.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Makes the bytes that go to a store, and judges those that come back. Safe for use by many threads. */
final class StoredValues {
    /** A record from the future is no record of ours; clocks that differ by less than this are nobody's log-out. */
    private static final Duration CLOCK_SKEW = Duration.ofHours(2);

    private static final int SPLIT_OVERHEAD = RecordSeal.PART_OVERHEAD + 2 + SplitValue.OVERHEAD;

    /** No value is larger, whatever this manager's limit for sessions is. */
    static final int LARGEST = 1_000_000;

    private final RecordSeal seal;
    private final int maxBytes;
    private final Clock clock;

    StoredValues(RecordSeal seal, int maxBytes, Clock clock) {
        this.seal = seal;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /** The value is not what was sealed under this address. */
    static final class CorruptValueException extends Exception {
        private static final long serialVersionUID = 1L;

        CorruptValueException() {
            super("Not what was sealed", null, false, false);
        }
    }

    /**
     * A session's value.
     *
     * @throws SessionAttributeException when the session is too large, with its largest attributes
     */
    byte[] live(Address address, SessionRecord session, byte[] plaintext, int version, List<Long> writeIds) {
        int attributes = session.attributes().size();
        if (attributes > RecordCodec.MAX_ATTRIBUTES) {
            throw new SessionAttributeException(
                    "The session has " + attributes + " attributes; " + RecordCodec.MAX_ATTRIBUTES + " are allowed",
                    null);
        }
        SortedMap<String, Attribute> cacheOnly = cacheOnly(session);
        int size = RecordSeal.OVERHEAD + plaintext.length + (cacheOnly.isEmpty() ? 0 : SPLIT_OVERHEAD);
        if (size > maxBytes) {
            throw new SessionAttributeException(
                    "The session would take " + size + " bytes in the store and " + maxBytes
                            + " are allowed; nothing was stored. Its largest attributes: " + largest(session),
                    null);
        }
        Envelope.Kind kind = cacheOnly.isEmpty() ? Envelope.Kind.LIVE : Envelope.Kind.SPLIT;
        Envelope envelope = envelope(kind, address, address.leaseClass(), version, session.deadline(), writeIds);
        if (cacheOnly.isEmpty()) {
            return seal.seal(envelope, address.sealKey(), address.key(), plaintext);
        }
        SortedMap<String, Attribute> durable = new TreeMap<>(session.attributes());
        durable.keySet().removeAll(cacheOnly.keySet());
        byte[] first = RecordCodec.encode(session.withAttributes(durable));
        return new SplitValue(
                        seal.seal(envelope, address.sealKey(), address.key(), first),
                        seal.sealPart(
                                envelope, address.sealKey(), address.key(), RecordCodec.encodeAttributes(cacheOnly)))
                .bytes();
    }

    private static SortedMap<String, Attribute> cacheOnly(SessionRecord session) {
        SortedMap<String, Attribute> cacheOnly = new TreeMap<>(session.attributes());
        cacheOnly.values().removeIf(attribute -> !attribute.isCacheOnly());
        return cacheOnly;
    }

    private static String largest(SessionRecord session) {
        return session.attributes().entrySet().stream()
                .sorted(Comparator.comparingInt(
                                (Map.Entry<String, Attribute> e) -> e.getValue().bytes().length)
                        .reversed())
                .limit(5)
                .map(e -> SafeText.quote(e.getKey()) + " (" + RecordCodec.size(e.getKey(), e.getValue()) + " bytes)")
                .collect(Collectors.joining(", "));
    }

    /** What is left under an old id. */
    byte[] old(Address address, OldId left, Instant until, List<Long> writeIds) {
        boolean pointer = left instanceof OldId.Pointer;
        return seal.seal(
                envelope(
                        pointer ? Envelope.Kind.FORWARD : Envelope.Kind.MARKER,
                        address,
                        left instanceof OldId.Pointer to ? to.target().leaseClass() : address.leaseClass(),
                        Envelope.TERMINAL_VERSION,
                        until,
                        writeIds),
                address.sealKey(),
                address.key(),
                left.bytes());
    }

    /** A user's index. */
    byte[] index(Address address, DeviceIndex index, Instant end, int version, List<Long> writeIds) {
        return seal.seal(
                envelope(Envelope.Kind.INDEX, address, address.leaseClass(), version, end, writeIds),
                address.sealKey(),
                address.key(),
                IndexCodec.encode(index));
    }

    /** The mark of an end, which is not sealed: who can write it can delete as well. */
    static byte[] tomb(Place place, Instant until, long writeId) {
        return new Envelope(
                        Envelope.Kind.TOMB,
                        place.leaseClass().ordinal(),
                        0,
                        0,
                        Envelope.TERMINAL_VERSION,
                        until.getEpochSecond() + 1,
                        List.of(writeId))
                .bytes();
    }

    /** An envelope alone: a session's value with a bit flipped is none. */
    static boolean isTomb(int length, Envelope envelope) {
        return length == Envelope.BYTES
                && envelope.kind() == Envelope.Kind.TOMB
                && envelope.version() == Envelope.TERMINAL_VERSION;
    }

    private static Envelope envelope(
            Envelope.Kind kind, Address address, LeaseClass lease, int version, Instant end, List<Long> writeIds) {
        // Rounded up: a store may forget at the end, but not before it.
        long endSeconds = end.getNano() == 0 ? end.getEpochSecond() : end.getEpochSecond() + 1;
        return new Envelope(kind, lease.ordinal(), address.ringKey(), 0, version, endSeconds, writeIds);
    }

    /**
     * Reads what was found under an address. Deadlines are not judged here.
     *
     * @throws CorruptValueException when it is not what was sealed there
     */
    Sighting read(Address address, Stored stored) throws CorruptValueException {
        byte[] value = stored.value();
        if (value.length > 0 && value[0] == Envelope.NEXT_FORMAT) {
            // A newer release wrote it, and this one can neither read nor replace it: that is not "no session".
            return new Sighting.Away(newerRelease());
        }
        if (value.length > LARGEST) {
            throw new CorruptValueException();
        }
        try {
            Envelope envelope = Envelope.of(value);
            if (isTomb(value.length, envelope)) {
                return new Sighting.Absent(true);
            }
            if (envelope.ringKey() != address.ringKey() || envelope.storeBits() != 0) {
                throw new CorruptValueException();
            }
            return switch (envelope.kind()) {
                case LIVE -> live(address, envelope, open(address, value), stored);
                case SPLIT -> split(address, envelope, stored);
                case FORWARD -> new Sighting.Old(OldId.Pointer.decode(open(address, value)), envelope);
                case MARKER -> new Sighting.Old(OldId.Marker.decode(open(address, value)), envelope);
                case MOVED, TOMB, STUB, INDEX -> throw new CorruptValueException();
            };
        } catch (IllegalArgumentException | MalformedRecordException | SealBrokenException e) {
            throw new CorruptValueException();
        }
    }

    private byte[] open(Address address, byte[] value) throws SealBrokenException {
        return seal.open(value, address.sealKey(), address.key());
    }

    /** What was for a cache alone is in the second part, unless that was cut off. */
    private Sighting.Live split(Address address, Envelope envelope, Stored stored)
            throws MalformedRecordException, CorruptValueException, SealBrokenException {
        SplitValue parts = SplitValue.of(stored.value());
        byte[] first = open(address, parts.first());
        if (parts.second().length == 0) {
            return live(address, envelope, first, stored);
        }
        SessionRecord session = RecordCodec.decode(first);
        SortedMap<String, Attribute> attributes = new TreeMap<>(session.attributes());
        attributes.putAll(RecordCodec.decodeAttributes(
                seal.openPart(envelope, parts.second(), address.sealKey(), address.key())));
        return live(address, envelope, RecordCodec.encode(session.withAttributes(attributes)), stored);
    }

    /** A user's index, opened. */
    record Indexed(DeviceIndex index, Envelope envelope) {}

    /**
     * Reads what was found where a user's index lies.
     *
     * @throws CorruptValueException when it is not what was sealed there
     * @throws SessionUnavailableException when a newer release wrote it
     */
    Indexed readIndex(Address address, Stored stored) throws CorruptValueException {
        byte[] value = stored.value();
        if (value.length > 0 && value[0] == Envelope.NEXT_FORMAT) {
            throw newerRelease();
        }
        if (value.length > LARGEST) {
            throw new CorruptValueException();
        }
        try {
            Envelope envelope = Envelope.of(value);
            if (envelope.kind() != Envelope.Kind.INDEX
                    || envelope.ringKey() != address.ringKey()
                    || envelope.storeBits() != 0
                    || stored.version().number() != envelope.version()) {
                throw new CorruptValueException();
            }
            return new Indexed(IndexCodec.decode(seal.open(value, address.sealKey(), address.key())), envelope);
        } catch (IllegalArgumentException | MalformedRecordException | SealBrokenException e) {
            throw new CorruptValueException();
        }
    }

    private static SessionUnavailableException newerRelease() {
        return new SessionUnavailableException(
                "The session was stored by a newer release of this library; update this server too", null);
    }

    private Sighting.Live live(Address address, Envelope envelope, byte[] plaintext, Stored stored)
            throws MalformedRecordException, CorruptValueException {
        SessionRecord session = RecordCodec.decode(plaintext);
        // The store's number is a hint that anybody with access to the store can forge; the envelope's is sealed.
        if (stored.version().number() != envelope.version()
                || envelope.leaseClass() != address.leaseClass().ordinal()
                || session.createdAt().isAfter(clock.instant().plus(CLOCK_SKEW))) {
            throw new CorruptValueException();
        }
        return new Sighting.Live(
                address, session, plaintext, envelope, stored.version(), stored.idleFor(), stored.renewalDue());
    }
}
