package dev.coatcheck.acceptance.docs;

import dev.coatcheck.KeyRing;
import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import dev.coatcheck.SessionManager;
import dev.coatcheck.TieredSessionStore;
import dev.coatcheck.servlet.SessionFilter;
import dev.coatcheck.servlet.Sessions;
import dev.coatcheck.store.jdbc.JdbcSessionStore;
import dev.coatcheck.store.memcached.MemcachedSessionStore;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;

public class TieredHello extends HttpServlet {
    static final SessionKey<Integer> VISITS = SessionKey.of("visits", Integer.class);
    static final SessionKey<String> GREETING =
            SessionKey.of("greeting", String.class).cacheOnly(); // can be made again, so no database needs it

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Session session = Sessions.current(request);
        int visits = session.update(VISITS, 0, n -> n + 1);
        String greeting = session.get(GREETING);
        if (greeting == null) session.set(GREETING, "Welcome back");
        response.getWriter().println((greeting == null ? "Hello" : greeting) + ", visit number " + visits);
    }

    public static void main(String[] args) throws Exception {
        SessionManager sessions = SessionManager.builder()
                .store(new TieredSessionStore(MemcachedSessionStore.open(args[1]), JdbcSessionStore.open(args[2])))
                .keyRing(KeyRing.parse(System.getenv("COATCHECK_KEYS"))) // the same at all servers
                .build();
        ServletContextHandler app = new ServletContextHandler("/");
        app.addFilter(new SessionFilter(sessions), "/*", EnumSet.allOf(DispatcherType.class))
                .setAsyncSupported(true);
        app.addServlet(new TieredHello(), "/");
        Server server = new Server(Integer.parseInt(args[0]));
        server.setHandler(app);
        server.start();
        System.out.println(server.getURI());
    }
}
