package dev.coatcheck.javax.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.test.WebClient;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;

/** The program that the page of the adapter shows. */
class JavaxHelloTest {
    @Test
    void visitsAreCountedInOneSession() throws Exception {
        Tomcat tomcat = JavaxHello.start(0);
        try (WebClient browser = new WebClient(tomcat.getConnector().getLocalPort())) {
            String first = browser.get("/").body();
            assertThat(first).startsWith("Visit number 1, of ");
            assertThat(browser.get("/").body()).isEqualTo(first.replace("number 1", "number 2"));
        } finally {
            tomcat.stop();
            tomcat.destroy();
        }
    }
}
