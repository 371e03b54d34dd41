package dev.coatcheck.acceptance.docs;

import dev.coatcheck.servlet.SessionFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import java.io.IOException;
import java.util.EnumSet;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;

public class ServletHello extends HttpServlet implements HttpSessionListener {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(); // Coatcheck's, for all that the servlet knows the container's
        int visits = session.getAttribute("visits") instanceof Integer n ? n + 1 : 1;
        session.setAttribute("visits", visits);
        if (request.getServletPath().equals("/bye")) session.invalidate();
        response.getWriter().println("Visit number " + visits);
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        System.out.println("Gone after " + event.getSession().getAttribute("visits") + " visits");
    }

    public static void main(String[] args) throws Exception {
        ServletHello servlet = new ServletHello();
        ServletContextHandler app = new ServletContextHandler("/");
        app.addEventListener(servlet);
        app.addFilter(SessionFilter.class, "/*", EnumSet.allOf(DispatcherType.class)) // settings as COATCHECK_STORE
                .setAsyncSupported(true);
        app.addServlet(servlet, "/");
        Server server = new Server(Integer.parseInt(args[0]));
        server.setHandler(app);
        server.start();
        System.out.println(server.getURI());
    }
}
