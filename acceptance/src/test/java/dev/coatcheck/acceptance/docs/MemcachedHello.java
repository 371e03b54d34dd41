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
import java.util.EnumSet;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;

public class MemcachedHello extends HttpServlet {
    static final SessionKey<Integer> VISITS = SessionKey.of("visits", Integer.class);
    private final SessionManager sessions;

    MemcachedHello(SessionManager sessions) {
        this.sessions = sessions;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Session session = Sessions.current(request);
        if (!session.isAvailable()) { // its node is away: the cookie stays good, nobody is signed out
            response.setStatus(503);
            response.getWriter().println(sessions.health());
            return;
        }
        int visits = session.update(VISITS, 0, n -> n + 1);
        response.getWriter().println("Visit number " + visits + " at all servers together");
    }

    public static void main(String[] args) throws Exception {
        SessionManager sessions = SessionManager.builder()
                .store(args[1]) // memcached://mc1:11211,mc2:11211,mc3:11211?copies=2
                .keyRing(KeyRing.parse(System.getenv("COATCHECK_KEYS"))) // the same at all servers
                .build();
        ServletContextHandler app = new ServletContextHandler("/");
        app.addFilter(new SessionFilter(sessions), "/*", EnumSet.allOf(DispatcherType.class))
                .setAsyncSupported(true);
        app.addServlet(new MemcachedHello(sessions), "/");
        Server server = new Server(Integer.parseInt(args[0]));
        server.setHandler(app);
        server.start();
        System.out.println(server.getURI());
    }
}
