package dev.coatcheck.demo.appengine;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.servlet.Sessions;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Signs in whoever gives a name, keeps their notes in the session, one attribute each, and signs them out. */
public final class NotesServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final String PREFIX = "note.";
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,32}");
    private static final int MAX_TEXT = 1_000;

    /** For the container. */
    public NotesServlet() {}

    private static SessionKey<String> note(String name) {
        return SessionKey.of(PREFIX + name, String.class);
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getServletPath().equals("/")) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND);
            return;
        }
        response.setContentType("text/html;charset=utf-8");
        response.setHeader("Content-Security-Policy", "default-src 'none'; form-action 'self'");
        Session session = Sessions.current(request);
        String user = session.userId();
        PrintWriter page = response.getWriter();
        page.println("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Notes</title><h1>Notes</h1>");
        String csrf = "<input type=\"hidden\" name=\"csrf\" value=\"" + session.csrfToken() + "\">";
        if (user == null) {
            page.println(
                    "<form method=\"post\" action=\"/sign-in\">" + csrf
                            + "<label>Your name <input name=\"user\" required maxlength=\"32\"></label> <button>Sign in</button></form>");
            return;
        }
        page.println("<p>Signed in as <strong>" + escaped(user) + "</strong></p><dl>");
        for (String key : new TreeSet<>(session.keys())) {
            if (key.startsWith(PREFIX)) {
                String name = key.substring(PREFIX.length());
                page.println("<dt>" + escaped(name) + "</dt><dd>" + escaped(session.get(note(name))) + "</dd>");
            }
        }
        page.println("</dl><form method=\"post\" action=\"/notes\">" + csrf
                + "<label>Name <input name=\"name\" required pattern=\"[a-z0-9\\-]{1,32}\"></label> "
                + "<label>Text <input name=\"text\" required maxlength=\"1000\"></label> <button>Keep</button></form>"
                + "<form method=\"post\" action=\"/sign-out\">" + csrf + "<button>Sign out</button></form>");
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Session session = Sessions.current(request);
        if (!session.isCsrfValid(request.getParameter("csrf"))) {
            response.sendError(
                    HttpServletResponse.SC_FORBIDDEN, "This form is from another session: load the page again");
            return;
        }
        switch (request.getServletPath()) {
            case "/sign-in" -> signIn(session, request, response);
            case "/notes" -> keep(session, request, response);
            case "/sign-out" -> {
                session.logout();
                response.sendRedirect("/");
            }
            default -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
        }
    }

    private static void signIn(Session session, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String user = request.getParameter("user");
        if (user == null || !NAME.matcher(user).matches()) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST, "A name has 1 to 32 of a-z, 0-9 and -");
            return;
        }
        session.login(user);
        response.sendRedirect("/");
    }

    private static void keep(Session session, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String name = request.getParameter("name");
        String text = request.getParameter("text");
        if (session.userId() == null) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "Sign in first");
        } else if (name == null || !NAME.matcher(name).matches() || text == null || text.length() > MAX_TEXT) {
            response.sendError(
                    HttpServletResponse.SC_BAD_REQUEST,
                    "A note has a name of 1 to 32 of a-z, 0-9 and -, and a text of " + MAX_TEXT
                            + " characters at most");
        } else {
            session.set(note(name), text);
            response.sendRedirect("/");
        }
    }

    private static String escaped(@Nullable String text) {
        return text == null
                ? ""
                : text.replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("\"", "&quot;");
    }
}
