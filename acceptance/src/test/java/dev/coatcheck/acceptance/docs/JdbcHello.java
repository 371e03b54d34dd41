package dev.coatcheck.acceptance.docs;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.servlet.SessionFilter;
import dev.coatcheck.servlet.Sessions;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;

public class JdbcHello extends HttpServlet {
    static final SessionKey<Integer> VISITS = SessionKey.of("visits", Integer.class);

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Session session = Sessions.current(request);
        int visits = session.update(VISITS, 0, n -> n + 1);
        response.getWriter().println("Visit number " + visits + " since " + session.createdAt());
    }

    public static void main(String[] args) throws Exception {
        SessionManager sessions = SessionManager.builder()
                .store(args[1]) // jdbc:postgresql://db/app; the table is made at the first start
                .keyRing(KeyRing.parse(System.getenv("COATCHECK_KEYS"))) // the same at all servers
                .absoluteLifetime(Duration.ofDays(30)) // no restart of anything ends a session
                .idleTimeout(Duration.ofDays(7))
                .build();
        ServletContextHandler app = new ServletContextHandler("/");
        app.addFilter(new SessionFilter(sessions), "/*", EnumSet.allOf(DispatcherType.class))
                .setAsyncSupported(true);
        app.addServlet(new JdbcHello(), "/");
        Server server = new Server(Integer.parseInt(args[0]));
        server.setHandler(app);
        server.start();
        System.out.println(server.getURI());
    }
}
