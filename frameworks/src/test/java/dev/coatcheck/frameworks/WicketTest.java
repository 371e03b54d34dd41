package dev.coatcheck.frameworks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

class WicketTest extends FrameworkCases {
    @Override
    Webapp application() {
        return new Webapp(
                "wicket", ".*/(org/apache/wicket|org/danekja|com/github/openjson|commons-.*|org/apache/commons)/.*");
    }

    @Override
    void flow(Surfer surfer, Steps steps, Node one, Node two) throws Exception {
        Html page = steps.take(() -> firstStep(surfer, one));
        assertThat(page.says("count")).isEqualTo("0");

        Html counted = next(surfer, steps, page, two);
        assertThat(counted.says("count")).isEqualTo("1");
        Html again = next(surfer, steps, counted, one);
        assertThat(again.says("count")).isEqualTo("2");

        Html named = steps.take(() -> surfer.submit(again, one, Map.of("given", "Ada")));
        assertThat(named.says("name")).isEqualTo("Ada");
        Html placed = steps.take(() -> surfer.submit(named, two, Map.of("given", "London")));
        assertThat(placed.says("name")).isEqualTo("Ada");
        assertThat(placed.says("city")).isEqualTo("London");

        Html end = next(surfer, steps, placed, one);
        assertThat(end.says("count")).isEqualTo("3");
        assertThat(end.says("name")).isEqualTo("Ada");
        assertThat(end.says("city")).isEqualTo("London");

        Html out = steps.take(() -> surfer.get(two.address() + end.link("out")));
        assertThat(out.says("name")).isEmpty();
        Html anew = next(surfer, steps, out, one);
        assertThat(anew.says("count")).as("another session and another page").isEqualTo("1");
    }

    private static Html next(Surfer surfer, Steps steps, Html page, Node at) throws Exception {
        return steps.take(() -> surfer.get(at.address() + page.link("more")));
    }

    @Override
    Html firstStep(Surfer surfer, Node one) throws Exception {
        return surfer.get(one.address() + "/");
    }

    @Override
    Map.Entry<String, String> firstRefused() {
        return Map.entry("wicket:wicket:session", "org.apache.wicket.protocol.http.WebSession");
    }
}
