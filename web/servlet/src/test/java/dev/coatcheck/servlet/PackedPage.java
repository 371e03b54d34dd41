package dev.coatcheck.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;

/** An application that knows of the servlet API alone. */
public class PackedPage extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (request.getServletPath()) {
            case "/in" -> request.getSession().setAttribute("name", "Ann");
            case "/in-async" -> {
                AsyncContext async = request.startAsync();
                async.start(() -> {
                    request.getSession().setAttribute("name", "Ann");
                    async.complete();
                });
            }
            case "/out" -> request.getSession().invalidate();
            case "/told" -> response.getWriter().write("" + getServletContext().getAttribute(PackedListener.TOLD));
            case "/loader" -> {
                ClassLoader loader = request.getClass().getClassLoader();
                response.getWriter()
                        .write(request.getClass().getName() + ", own "
                                + loader.equals(getClass().getClassLoader()) + ", ours "
                                + loader.equals(ClassLoader.getSystemClassLoader()));
            }
            default -> {
                HttpSession session = request.getSession(false);
                response.getWriter().write("name " + (session == null ? null : session.getAttribute("name")));
            }
        }
    }
}
