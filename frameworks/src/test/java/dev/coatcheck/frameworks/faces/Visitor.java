package dev.coatcheck.frameworks.faces;

import jakarta.enterprise.context.SessionScoped;
import jakarta.inject.Named;
import java.io.Serializable;

/** Lives as long as the session. */
@Named
@SessionScoped
public class Visitor implements Serializable {
    private static final long serialVersionUID = 1L;

    private int steps;
    private String summary = "";

    public int getSteps() {
        return steps;
    }

    public String getSummary() {
        return summary;
    }

    public void step() {
        steps++;
    }

    public void conclude(String text) {
        summary = text;
    }
}
