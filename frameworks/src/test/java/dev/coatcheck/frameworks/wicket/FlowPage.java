package dev.coatcheck.frameworks.wicket;

import org.apache.wicket.markup.html.WebPage;
import org.apache.wicket.markup.html.basic.Label;
import org.apache.wicket.markup.html.form.Form;
import org.apache.wicket.markup.html.form.TextField;
import org.apache.wicket.markup.html.link.Link;
import org.apache.wicket.model.PropertyModel;

/** A stateful page: a link that counts and a form in two steps. Its state is in the page alone. */
public final class FlowPage extends WebPage {
    private static final long serialVersionUID = 1L;

    /** More than a container holds back: the page is stored after the response has begun. */
    private static final int MUCH = 100_000;

    private int count;
    private int step = 1;
    private String given = "";
    private String name = "";
    private String city = "";

    public FlowPage() {
        add(new Label("count", () -> count));
        add(new Link<Void>("more") {
            private static final long serialVersionUID = 1L;

            @Override
            public void onClick() {
                count++;
            }
        });
        add(new Link<Void>("out") {
            private static final long serialVersionUID = 1L;

            @Override
            public void onClick() {
                getSession().invalidate();
                setResponsePage(FlowPage.class);
            }
        });
        add(new Label("filler", () -> count == 0 ? "" : "-".repeat(MUCH)));
        add(new Label("name", () -> name));
        add(new Label("city", () -> city));
        Form<Void> form = new Form<>("form") {
            private static final long serialVersionUID = 1L;

            @Override
            protected void onSubmit() {
                if (step == 1) {
                    name = given;
                } else {
                    city = given;
                }
                step++;
                given = "";
            }
        };
        form.add(new TextField<>("given", new PropertyModel<String>(this, "given")));
        add(form);
    }
}
