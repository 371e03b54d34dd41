package dev.coatcheck.frameworks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

class FacesTest extends FrameworkCases {
    @Override
    Webapp application() {
        return new Webapp("faces", ".*/(org/glassfish|org/jboss|jakarta)/.*");
    }

    @Override
    void flow(Surfer surfer, Steps steps, Node one, Node two) throws Exception {
        Html page = steps.take(() -> firstStep(surfer, one));
        assertThat(page.says("step")).isEqualTo("1");
        assertThat(page.says("visits")).isEqualTo("0");

        Html named = steps.take(() -> submit(surfer, page, one, "Ada", "LARGE"));
        assertThat(named.says("step")).isEqualTo("2");
        assertThat(named.says("name")).isEqualTo("Ada");
        assertThat(named.says("visits")).isEqualTo("1");

        Html faulty = steps.take(() -> submit(surfer, named, two, "", "LARGE"));
        assertThat(faulty.text()).contains("Say something");
        assertThat(faulty.says("name")).isEqualTo("Ada");
        assertThat(faulty.says("visits")).isEqualTo("1");

        Html end = steps.take(() -> submit(surfer, faulty, two, "London", "LARGE"));
        assertThat(end.uri().getPath()).isEqualTo("/end.xhtml");
        assertThat(end.says("summary")).isEqualTo("Ada, London, LARGE");

        Html again = steps.take(() -> surfer.get(one.address() + "/end.xhtml"));
        assertThat(again.says("summary")).isEqualTo("Ada, London, LARGE");
        assertThat(again.says("visits")).isEqualTo("2");

        Html out = steps.take(() -> surfer.submit(again, two, Map.of("out", "Log out")));
        assertThat(out.says("step")).isEqualTo("1");
        assertThat(out.says("visits")).as("another session").isEqualTo("0");
        Html anew = steps.take(() -> surfer.get(one.address() + "/end.xhtml"));
        assertThat(anew.says("summary")).isEmpty();
    }

    private static Html submit(Surfer surfer, Html page, Node at, String given, String size) throws Exception {
        return surfer.submit(page, at, Map.of("given", given, "size", size, "next", "Go on"));
    }

    @Override
    Html firstStep(Surfer surfer, Node one) throws Exception {
        return surfer.get(one.address() + "/flow.xhtml");
    }

    @Override
    Map.Entry<String, String> firstRefused() {
        String mutex = "com.sun.faces.context.SessionMap$Mutex";
        return Map.entry(mutex, mutex);
    }
}
