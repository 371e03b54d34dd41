package dev.coatcheck.javax.docs;

import dev.coatcheck.SessionKey;
import dev.coatcheck.servlet.SessionFilter;
import dev.coatcheck.servlet.Sessions;
import java.io.IOException;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import javax.servlet.FilterRegistration;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;

public class JavaxHello extends HttpServlet {
    static final SessionKey<Integer> VISITS = SessionKey.of("visits", Integer.class);

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int visits = Sessions.current(request).update(VISITS, 0, n -> n + 1);
        response.getWriter()
                .println("Visit number " + visits + ", of "
                        + request.getSession().getId());
    }

    static Tomcat start(int port) throws LifecycleException {
        Tomcat tomcat = new Tomcat(); // 9, of javax.servlet
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
        tomcat.setPort(port);
        Context app = tomcat.addContext("", null);
        app.addServletContainerInitializer(
                (classes, context) -> {
                    FilterRegistration.Dynamic filter = context.addFilter("coatcheck", SessionFilter.class);
                    filter.setAsyncSupported(true);
                    filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), false, "/*");
                },
                null);
        Tomcat.addServlet(app, "hello", new JavaxHello()).addMapping("/");
        tomcat.getConnector();
        tomcat.start();
        return tomcat;
    }

    public static void main(String[] args) throws LifecycleException {
        start(Integer.parseInt(args[0])).getServer().await();
    }
}
