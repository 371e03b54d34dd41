package dev.coatcheck.demo;

import dev.coatcheck.Session;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Signs in by name alone: the sessions are the real thing here, the users are not. */
final class SignInPage implements Page {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,32}");

    @Override
    public List<String> methods() {
        return List.of("GET", "HEAD", "POST");
    }

    @Override
    public Reply get(Session session) {
        return form(200, session, "", false, "");
    }

    @Override
    public Reply post(Session session, Form form) {
        String name = form.text("name").strip();
        boolean remember = form.get("remember") != null;
        if (!NAME.matcher(name).matches()) {
            // Rendered at once, without redirect and flash: whoever fails to sign in leaves nothing in the store.
            return form(
                    422,
                    session,
                    name,
                    remember,
                    name.isEmpty()
                            ? "Please enter a name."
                            : "A name has 1 to 32 letters from A to Z, digits, hyphens or underscores.");
        }
        session.login(name);
        if (remember) {
            session.rememberMe();
        }
        session.flash("Welcome, " + name + ".");
        return new Reply.SeeOther("/");
    }

    private static Reply form(int status, Session session, String name, boolean remember, String fault) {
        return new Reply.Shown(
                status,
                "signIn.jte",
                "Sign in",
                Map.of("csrf", session.csrfToken(), "name", name, "remember", remember, "fault", fault));
    }
}
