package dev.coatcheck.frameworks.faces;

import jakarta.faces.context.FacesContext;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.util.List;

/** Lives as long as its page is shown: what was said in earlier steps. */
@Named
@ViewScoped
public class Wizard implements Serializable {
    private static final long serialVersionUID = 1L;

    /** More than a container holds back: the view is stored after the response has begun. */
    private static final int MUCH = 100_000;

    private int step = 1;
    private String given = "";
    private String name = "";
    private Size size = Size.SMALL;

    @Inject
    private Visitor visitor;

    /** The second step ends the flow, at another page. */
    public String next() {
        visitor.step();
        if (step == 2) {
            visitor.conclude(name + ", " + given + ", " + size);
            return "end?faces-redirect=true";
        }
        name = given;
        given = "";
        step++;
        return "";
    }

    public String logOut() {
        FacesContext.getCurrentInstance().getExternalContext().invalidateSession();
        return "flow?faces-redirect=true";
    }

    public String getFiller() {
        return "-".repeat(MUCH);
    }

    public int getStep() {
        return step;
    }

    public String getName() {
        return name;
    }

    public String getGiven() {
        return given;
    }

    public void setGiven(String given) {
        this.given = given;
    }

    public Size getSize() {
        return size;
    }

    public void setSize(Size size) {
        this.size = size;
    }

    public List<Size> getSizes() {
        return List.of(Size.values());
    }
}
