package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.test.WebClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Applications that bring our jars in {@code WEB-INF/lib}, with a class loader of their own, in a container that has none. */
abstract class WarContract {
    private final Container container;
    private final List<AutoCloseable> opened = new ArrayList<>();

    WarContract(Container container) {
        this.container = container;
    }

    @AfterEach
    void closeAll() throws Exception {
        System.clearProperty("coatcheck.store");
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    private WebClient client(Webapp webapp) throws Exception {
        return opened(new WebClient(opened(container.deploy(webapp)).port()));
    }

    @Test
    void theFilterOfWebXmlIsTheApplicationsOwn() throws Exception {
        WebClient client = client(new Webapp().withOurJars().filter(SessionFilter.class, Map.of()));

        client.get("/in");

        assertThat(client.jar()).containsOnlyKeys("SID");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
        assertThat(client.get("/loader").body()).isEqualTo(SessionRequest.class.getName() + ", own true, ours false");
    }

    @Test
    void theFilterRegistersItselfFromItsJar() throws Exception {
        System.setProperty("coatcheck.store", "embedded:");
        WebClient client = client(new Webapp().withOurJars());

        client.get("/in");

        assertThat(client.jar()).containsOnlyKeys("SID");
        assertThat(client.get("/read").body()).isEqualTo("name Ann");
    }

    @Test
    void listenersOfWebXmlAndOfAnnotationsAreFound() throws Exception {
        WebClient client = client(new Webapp()
                .withOurJars()
                .withClass(AnnotatedListener.class)
                .filter(SessionFilter.class, Map.of())
                .listener(PackedListener.class));

        client.get("/in");
        client.get("/out");

        assertThat(client.get("/told").body().split(", ", -1))
                .hasSize(4)
                .contains(
                        "PackedListener created",
                        "AnnotatedListener created",
                        "AnnotatedListener destroyed",
                        "PackedListener destroyed");
    }
}
