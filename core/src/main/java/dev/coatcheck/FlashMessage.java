package dev.coatcheck;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message that waits to be taken. The random id tells it from an equal one, so that taking it removes neither a newer
 * message nor one that another request left meanwhile.
 */
record FlashMessage(long id, String kind, String text) {
    static final String DEFAULT_KIND = "info";

    /** The messages in a record's reserved attribute; none when it is absent or is not ours. */
    static List<FlashMessage> decode(@Nullable Attribute attribute) {
        List<FlashMessage> messages = new ArrayList<>();
        if (attribute == null) {
            return messages;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(attribute.bytes()))) {
            while (in.available() > 0) {
                messages.add(new FlashMessage(in.readLong(), text(in), text(in)));
            }
        } catch (IOException cutShort) {
            // The seal held, so only another release can have written this: what was read until here still counts.
            return messages;
        }
        return messages;
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("cut short");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    /** The reserved attribute that holds these messages; null for none. */
    static @Nullable Attribute encode(List<FlashMessage> messages) {
        if (messages.isEmpty()) {
            return null;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (FlashMessage message : messages) {
                out.writeLong(message.id);
                text(out, message.kind);
                text(out, message.text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Attribute("", 0, bytes.toByteArray());
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    /** Hides the text. */
    @Override
    public String toString() {
        return "FlashMessage[hidden]";
    }
}
