package dev.coatcheck.servlet;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SessionFilter} that steps aside where the application's listeners have registered one meanwhile: filters are
 * initialized after the listeners, and the settings of the application go before those of the environment.
 */
final class StandInFilter implements Filter {
    private final SessionFilter filter;
    private boolean aside;

    StandInFilter(UnaryOperator<@Nullable String> environment) {
        filter = new SessionFilter(environment);
    }

    @Override
    public void init(FilterConfig config) throws ServletException {
        ServletContext context = config.getServletContext();
        String own = SessionInitializer.own(context);
        aside = own != null;
        if (aside) {
            context.log("Coatcheck: the application's own filter '" + own + "' is used");
        } else {
            filter.init(config);
        }
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (aside) {
            chain.doFilter(request, response);
        } else {
            filter.doFilter(request, response, chain);
        }
    }

    @Override
    public void destroy() {
        filter.destroy();
    }
}
