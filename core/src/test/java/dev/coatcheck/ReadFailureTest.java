package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Objects of listed classes that could be written here and cannot be read there. */
class ReadFailureTest {
    private static final AtomicBoolean OTHER_NODE = new AtomicBoolean();

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final JdkCodec codec =
            new JdkCodec(SerializableTypes.of(Reference.class.getName()), SampleValues.MAX_BYTES);

    /** Finds what it refers to in the process that wrote it alone. */
    static final class Reference implements Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            if (OTHER_NODE.get()) {
                throw new IllegalStateException("canary-value");
            }
        }
    }

    @BeforeEach
    void listen() {
        log.start();
        ((Logger) LoggerFactory.getLogger(SerializableTypes.class)).addAppender(log);
    }

    @AfterEach
    void stop() {
        ((Logger) LoggerFactory.getLogger(SerializableTypes.class)).detachAppender(log);
        OTHER_NODE.set(false);
    }

    private List<String> told() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void theLogSaysOnceWhichClassFailedAndNotWhatItSaid() throws Exception {
        byte[] stream = codec.write(new Reference());
        assertThat(codec.read(stream)).isInstanceOf(Reference.class);
        OTHER_NODE.set(true);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> codec.read(stream)).isInstanceOf(UndecodableValueException.class);
        }
        assertThat(told())
                .containsExactly(
                        "A stored value is not read: no object of the listed classes: IllegalStateException in "
                                + Reference.class.getName() + ".readObject");
    }

    @Test
    void aClassThatHasChangedItsVersionIsNamed() throws Exception {
        byte[] stream = codec.write(new Reference());
        int version = new String(stream, StandardCharsets.ISO_8859_1).indexOf("ReadFailureTest$Reference") + 25;
        stream[version + 7]++;
        assertThatThrownBy(() -> codec.read(stream)).isInstanceOf(UndecodableValueException.class);
        assertThat(told()).singleElement().asString().contains("InvalidClassException of", Reference.class.getName());
    }

    @Test
    void bytesThatAreNoStreamAreNotLogged() {
        assertThatThrownBy(() -> codec.read(new byte[8])).isInstanceOf(UndecodableValueException.class);
        assertThat(told()).isEmpty();
    }
}
