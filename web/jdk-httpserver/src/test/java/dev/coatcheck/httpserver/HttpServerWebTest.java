package dev.coatcheck.httpserver;

import com.sun.net.httpserver.HttpHandler;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.WebContract;
import dev.coatcheck.test.WebHandler;
import dev.coatcheck.test.WebServer;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The web contract in the JDK's server. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.coatcheck.httpserver.Threads#all")
class HttpServerWebTest extends WebContract {
    @Parameter
    Threads threads;

    @Override
    protected WebServer start(SessionManager sessions, Map<String, WebHandler> pages) throws Exception {
        Map<String, HttpHandler> handlers = new HashMap<>();
        pages.forEach((path, handler) -> handlers.put(path, exchange -> JdkPage.serve(exchange, handler)));
        return JdkServer.plain(threads.start()).started(new SessionFilter(sessions), handlers);
    }
}
