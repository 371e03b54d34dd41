package dev.coatcheck.frameworks;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.read.ListAppender;
import dev.coatcheck.KeyRing;
import dev.coatcheck.test.MemcachedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A framework's application, unchanged behind the filter, on two nodes with one memcached. Each framework has a subclass. */
abstract class FrameworkCases {
    private final String ring = KeyRing.generate();
    private MemcachedServer memcached;

    @TempDir
    Path folder;

    abstract Webapp application();

    /** The whole flow, with its assertions: begun at the first node, gone on with at the second, ended at the first. */
    abstract void flow(Surfer surfer, Steps steps, Node one, Node two) throws Exception;

    /** The first step of the flow, which is refused where nothing may be serialized. */
    abstract Html firstStep(Surfer surfer, Node one) throws Exception;

    /** What the first step stores first of all, as the attribute's name and its class. */
    abstract Map.Entry<String, String> firstRefused();

    /** A step of the flow, which must have gone through our session. */
    interface Step {
        Html run() throws Exception;
    }

    /** Takes steps and judges each. */
    interface Steps {
        Html take(Step step) throws Exception;
    }

    @BeforeEach
    void startMemcached() {
        memcached = MemcachedServer.start();
    }

    @AfterEach
    void stopMemcached() {
        memcached.close();
    }

    private Node node(String name, String setting, String value) throws Exception {
        Path webapp = folder.resolve(name);
        Map<String, String> parameters = new TreeMap<>();
        parameters.put("store", "memcached://mc1=" + memcached.address() + "?timeout=5s");
        parameters.put("keyRing", ring);
        if (!setting.isEmpty()) {
            parameters.put(setting, value);
        }
        application().unpack(webapp, parameters);
        return new Node(webapp);
    }

    private void runFlow(Node one, Node two) throws Exception {
        Surfer surfer = new Surfer();
        flow(
                surfer,
                step -> {
                    Html[] page = new Html[1];
                    long commands = memcached
                            .during(() -> {
                                try {
                                    page[0] = step.run();
                                } catch (Exception e) {
                                    throw new AssertionError(e);
                                }
                            })
                            .total();
                    assertThat(page[0].status()).as(page[0].text()).isEqualTo(200);
                    assertThat(commands).isPositive();
                    assertThat(surfer.cookieNames()).containsExactly("SID");
                    return page[0];
                },
                one,
                two);
        assertThat(one.containerSessions()).isZero();
        assertThat(two.containerSessions()).isZero();
    }

    @Test
    void whatATestRunLearnedIsAllThatTheFlowNeedsOnTwoNodes() throws Exception {
        Path list = folder.resolve("serializable-types");
        try (Node test = node("test", "serializableLearn", list.toString())) {
            runFlow(test, test);
        }
        assertThat(Files.readAllLines(list)).contains(firstRefused().getValue());
        try (Node one = node("one", "serializable", "file:" + list);
                Node two = node("two", "serializable", "file:" + list)) {
            runFlow(one, two);
            runFlow(two, one);
        }
    }

    @Test
    void withoutAListTheFirstStepIsRefusedByAttributeAndClass() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(log);
        try (Node bare = node("bare", "", "")) {
            assertThat(isServed(bare)).isFalse();
        } finally {
            root.detachAppender(log);
        }
        assertThat(log.list.stream().flatMap(FrameworkCases::messages))
                .anyMatch(message -> message.contains("'" + firstRefused().getKey() + "'")
                        && message.contains(firstRefused().getValue())
                        && message.contains("cannot be stored"));
    }

    /** A framework may store its objects when the page is on its way; the container cuts that off then. */
    private boolean isServed(Node bare) throws Exception {
        try {
            return firstStep(new Surfer(), bare).status() == 200;
        } catch (IOException cutOff) {
            return false;
        }
    }

    private static Stream<String> messages(ILoggingEvent event) {
        return Stream.iterate(event.getThrowableProxy(), Objects::nonNull, IThrowableProxy::getCause)
                .map(IThrowableProxy::getMessage)
                .filter(Objects::nonNull);
    }
}
