package dev.coatcheck.demo;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Renders the templates of {@code src/main/jte}, which the build compiled. */
final class Templates {
    private final TemplateEngine engine = TemplateEngine.createPrecompiled(ContentType.Html);

    /** A whole page, so that nothing is sent of one that fails half-way. */
    byte[] render(Reply.Shown page, Frame frame) {
        Map<String, Object> model = new HashMap<>(page.model());
        model.put("frame", frame);
        StringOutput html = new StringOutput();
        engine.render(page.template(), model, html);
        return html.toString().getBytes(StandardCharsets.UTF_8);
    }
}
