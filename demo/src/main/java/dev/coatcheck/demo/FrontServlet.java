package dev.coatcheck.demo;

import dev.coatcheck.Session;
import dev.coatcheck.SessionConflictException;
import dev.coatcheck.SessionException;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionUnavailableException;
import dev.coatcheck.StoreHealth;
import dev.coatcheck.demo.SignOutDevicesPage.Which;
import dev.coatcheck.servlet.Sessions;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads a request to its page, and the page's reply to the browser. No form gets past it without its CSRF token, and no
 * error without a page.
 */
final class FrontServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger log = LoggerFactory.getLogger(FrontServlet.class);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final Reply RUNNING = new Reply.Plain(TEXT, "ok\n".getBytes(StandardCharsets.US_ASCII));

    private final transient SessionManager sessions;
    private final transient Map<String, Page> pages;
    private final transient Assets assets = new Assets();
    private final transient Templates templates;

    FrontServlet(SessionManager sessions, Timeline timeline, Clock clock, Templates templates) {
        this.sessions = sessions;
        this.templates = templates;
        TimelinePage timelinePage = new TimelinePage(timeline, clock);
        pages = Map.of(
                "/", timelinePage,
                "/sign-in", new SignInPage(),
                "/chirps", new ChirpsPage(timeline, timelinePage, clock),
                "/sign-out", new SignOutPage(),
                "/devices", new DevicesPage(sessions, clock),
                "/devices/sign-out", new SignOutDevicesPage(sessions, Which.ONE),
                "/devices/sign-out-others", new SignOutDevicesPage(sessions, Which.OTHERS),
                "/devices/sign-out-everywhere", new SignOutDevicesPage(sessions, Which.EVERYWHERE));
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        PageHeaders.ALL.forEach(response::setHeader);
        try {
            send(answer(request, response), request, response, true);
        } catch (SessionException e) {
            // The filter would answer these too, in plain text.
            if (response.isCommitted()) {
                throw e;
            }
            problem(e, request, response);
        }
    }

    private void problem(SessionException e, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        // The browser is told to try again, so nothing of this try may be stored.
        Sessions.current(request).discard();
        response.reset();
        PageHeaders.ALL.forEach(response::setHeader);
        int status = 500;
        if (e instanceof SessionUnavailableException) {
            status = HttpServletResponse.SC_SERVICE_UNAVAILABLE;
            response.setHeader("Retry-After", "1");
        } else if (e instanceof SessionConflictException) {
            status = HttpServletResponse.SC_CONFLICT;
        } else {
            log.error("{} {} failed", request.getMethod(), request.getServletPath(), e);
        }
        send(Reply.problem(status), request, response, false);
    }

    private Reply answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getDispatcherType() == DispatcherType.ERROR) {
            return Reply.problem(
                    request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer status ? status : 500);
        }
        try {
            return reply(request, response);
        } catch (Refusal refusal) {
            return Reply.problem(refusal.status());
        } catch (SessionException e) {
            throw e;
        } catch (RuntimeException e) {
            log.error("{} {} failed", request.getMethod(), request.getServletPath(), e);
            return Reply.problem(500);
        }
    }

    private Reply reply(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getServletPath();
        String method = request.getMethod();
        Reply plain = path.equals("/healthz") ? RUNNING : assets.at(path);
        Page page = pages.get(path);
        if (plain != null || path.equals("/health")) {
            takes(List.of("GET", "HEAD"), method, response);
            return plain == null ? health() : plain;
        }
        if (page == null) {
            throw new Refusal(404);
        }
        takes(page.methods(), method, response);
        Session session = Sessions.current(request);
        if (!method.equals("POST")) {
            return page.get(session);
        }
        Form form = Form.read(request);
        if (!session.isCsrfValid(form.get("_csrf"))) {
            throw new Refusal(403);
        }
        return page.post(session, form);
    }

    /** Of the store; a load balancer goes by the status alone. */
    private Reply health() {
        StoreHealth health = sessions.health();
        int status = health.state() == StoreHealth.State.DOWN ? HttpServletResponse.SC_SERVICE_UNAVAILABLE : 200;
        return new Reply.Text(status, health + "\n");
    }

    private static void takes(List<String> methods, String method, HttpServletResponse response) {
        if (!methods.contains(method)) {
            response.setHeader("Allow", String.join(", ", methods));
            throw new Refusal(405);
        }
    }

    private void send(Reply reply, HttpServletRequest request, HttpServletResponse response, boolean takesFlash)
            throws IOException {
        if (reply instanceof Reply.SeeOther seeOther) {
            response.sendRedirect(seeOther.path(), HttpServletResponse.SC_SEE_OTHER);
        } else if (reply instanceof Reply.Plain plain) {
            response.setHeader("Cache-Control", "no-cache");
            body(response, plain.contentType(), plain.body());
        } else if (reply instanceof Reply.Text text) {
            response.setHeader("Cache-Control", "no-store");
            response.setStatus(text.status());
            body(response, TEXT, text.text().getBytes(StandardCharsets.UTF_8));
        } else if (reply instanceof Reply.Shown shown) {
            Frame frame = Frame.of(shown.title(), Sessions.current(request), takesFlash);
            // Past a sign-out, the way back shows no page of the user who left.
            response.setHeader("Cache-Control", "no-store");
            response.setStatus(shown.status());
            body(response, "text/html; charset=utf-8", templates.render(shown, frame));
        }
    }

    private static void body(HttpServletResponse response, String contentType, byte[] body) throws IOException {
        response.setContentType(contentType);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
