package dev.coatcheck.frameworks.faces;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import org.jboss.weld.module.web.servlet.WeldInitialListener;

/**
 * Shows Weld the request that the session's filter passes on. Weld is told of requests by a listener, which the container
 * calls ahead of all filters, so it would keep session beans in a session of the container.
 */
public final class WeldRequests implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        ServletContext context = request.getServletContext();
        ServletRequestListener weld =
                (ServletRequestListener) context.getAttribute(WeldInitialListener.class.getName());
        ServletRequestEvent outer = new ServletRequestEvent(context, unwrapped(request));
        ServletRequestEvent inner = new ServletRequestEvent(context, request);
        weld.requestDestroyed(outer);
        weld.requestInitialized(inner);
        try {
            chain.doFilter(request, response);
        } finally {
            weld.requestDestroyed(inner);
            weld.requestInitialized(outer);
        }
    }

    /** The request that the container told Weld of. */
    private static ServletRequest unwrapped(ServletRequest request) {
        ServletRequest innermost = request;
        while (innermost instanceof ServletRequestWrapper wrapper) {
            innermost = wrapper.getRequest();
        }
        return innermost;
    }
}
