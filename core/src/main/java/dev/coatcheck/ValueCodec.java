package dev.coatcheck;

import java.util.List;

final class ValueCodec {
    ValueCodec(List<Settings.Alias> a, List<SessionKey<?>> k, int maxBytes) {}

    static List<String> faults(List<Settings.Alias> a, List<SessionKey<?>> k) {
        return List.of();
    }

    <T> Attribute encode(SessionKey<T> key, T value) {
        return encodeUntyped("", value);
    }

    <T> T decode(SessionKey<T> key, Attribute a) throws UndecodableValueException {
        @SuppressWarnings("unchecked")
        T t = (T) decodeUntyped("", a);
        return t;
    }

    Attribute encodeUntyped(String n, Object value) {
        try {
            java.io.ByteArrayOutputStream b = new java.io.ByteArrayOutputStream();
            new java.io.ObjectOutputStream(b).writeObject(value);
            return new Attribute("x", 0, b.toByteArray());
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    Object decodeUntyped(String n, Attribute a) throws UndecodableValueException {
        try {
            return new java.io.ObjectInputStream(new java.io.ByteArrayInputStream(a.bytes())).readObject();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    boolean isMutable(SessionKey<?> k) {
        return true;
    }

    boolean isMutable(Object k) {
        return true;
    }
}
