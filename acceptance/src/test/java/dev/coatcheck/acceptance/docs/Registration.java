package dev.coatcheck.acceptance.docs;

import dev.coatcheck.SessionManager;
import dev.coatcheck.servlet.SessionFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.EnumSet;

/** The filter registered in code, as the guide shows it. */
final class Registration implements ServletContextListener {
    private final SessionManager sessions = SessionManager.builder().build();

    @Override
    public void contextInitialized(ServletContextEvent event) {
        FilterRegistration.Dynamic filter =
                event.getServletContext().addFilter("coatcheck", new SessionFilter(sessions));
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), false, "/*");
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        sessions.close();
    }
}
