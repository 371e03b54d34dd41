package dev.coatcheck.acceptance.docs;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.servlet.SessionFilter;
import dev.coatcheck.servlet.Sessions;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;

public class Hello extends HttpServlet {
    static final SessionKey<Integer> VISITS = SessionKey.of("visits", Integer.class);

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Session session = Sessions.current(request);
        int visits = session.update(VISITS, 0, n -> n + 1); // merged, never lost; saved before the first byte
        response.getWriter().println("Visit number " + visits);
    }

    public static void main(String[] args) throws Exception {
        ServletContextHandler app = new ServletContextHandler("/");
        app.addFilter(SessionFilter.class, "/*", EnumSet.allOf(DispatcherType.class))
                .setAsyncSupported(true);
        app.addServlet(new ServletHolder(new Hello()), "/");
        Server server = new Server(8080);
        server.setHandler(app);
        server.start();
    }
}
