package dev.coatcheck.servlet;

import dev.coatcheck.SessionManager;
import dev.coatcheck.test.WebContract;
import dev.coatcheck.test.WebHandler;
import dev.coatcheck.test.WebServer;
import java.util.Map;
import java.util.Set;

/** The web contract behind the filter, in a container, by stream or by writer. */
abstract class FilterContract extends WebContract {
    private final Container container;
    private final boolean byWriter;

    FilterContract(Container container, boolean byWriter) {
        this.container = container;
        this.byWriter = byWriter;
    }

    @Override
    protected Set<Integer> refusals() {
        return container.refusals();
    }

    @Override
    protected WebServer start(SessionManager sessions, Map<String, WebHandler> pages) throws Exception {
        Container.Application application = new Container.Application().filter(new SessionFilter(sessions));
        pages.forEach((path, handler) -> application.servlet(
                path, (request, response) -> handler.handle(new ServletPage(request, response, byWriter))));
        return container.start(application);
    }
}
