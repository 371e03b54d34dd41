package dev.coatcheck.frameworks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.KeyRing;
import dev.coatcheck.test.MemcachedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    /** A class that the first step stores. */
    abstract String storedClass();

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
        assertThat(Files.readAllLines(list)).contains(storedClass());
        try (Node one = node("one", "serializable", "file:" + list);
                Node two = node("two", "serializable", "file:" + list)) {
            runFlow(one, two);
            runFlow(two, one);
        }
    }
}
