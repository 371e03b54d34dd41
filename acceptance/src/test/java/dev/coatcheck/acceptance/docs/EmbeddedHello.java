package dev.coatcheck.acceptance.docs;

import dev.coatcheck.EmbeddedSessionStore;
import dev.coatcheck.SessionEvent;
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

public class EmbeddedHello extends HttpServlet {
    static final SessionKey<Integer> VISITS = SessionKey.of("visits", Integer.class);

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int visits = Sessions.current(request).update(VISITS, 0, n -> n + 1);
        response.getWriter().println("Visit number " + visits + " since the last start");
    }

    public static void main(String[] args) throws Exception {
        SessionManager sessions = SessionManager.builder()
                .store(new EmbeddedSessionStore(128 << 20)) // 128 MB; by URL: embedded:?maxBytes=134217728
                .listener(event -> {
                    if (event.kind() == SessionEvent.Kind.EVICTED) System.err.println("128 MB are too little");
                })
                .build();
        ServletContextHandler app = new ServletContextHandler("/");
        app.addFilter(new SessionFilter(sessions), "/*", EnumSet.allOf(DispatcherType.class))
                .setAsyncSupported(true);
        app.addServlet(new EmbeddedHello(), "/");
        Server server = new Server(Integer.parseInt(args[0]));
        server.setHandler(app);
        server.start();
        System.out.println(server.getURI());
    }
}
