package dev.coatcheck.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coatcheck.servlet.Container.Application;
import dev.coatcheck.test.WebClient;
import dev.coatcheck.test.WebReply;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Two applications of one host: each has a session of its own, through dispatches from one to the other too. */
abstract class ContextsContract extends ServletFixture {
    private final List<String> log = new CopyOnWriteArrayList<>();

    ContextsContract(Container container) {
        super(container);
    }

    private static final Page READ_BOTH = (request, response) ->
            response.getWriter().write("name " + request.getSession().getAttribute("name"));

    private Application own() {
        Application application = new Application();
        application.filterParameters.putAll(settings());
        return application
                .filter(new SessionFilter())
                .servlet("/in", (request, response) -> {
                    String name = request.getServletContext().getContextPath() + "!";
                    request.getSession().setAttribute("name", name);
                    log.add(request.getSession().getServletContext().getContextPath() + " "
                            + Sessions.current(request).get(NAME));
                })
                .servlet("/read", READ_BOTH);
    }

    private static RequestDispatcher toShop(HttpServletRequest request, String path) {
        ServletContext shop = request.getServletContext().getContext("/shop");
        return shop.getRequestDispatcher(path);
    }

    @Test
    void neitherOverwritesTheOthersTicketOrSeesItsData() throws Exception {
        WebClient client = client(own().beside("/shop", own()));

        client.get("/in");
        client.get("/shop/in");

        assertThat(client.jar()).hasSize(2);
        assertThat(client.get("/read").body()).isEqualTo("name !");
        assertThat(client.get("/shop/read").body()).isEqualTo("name /shop!");
    }

    @Test
    void theTicketOfOneIsWorthNothingAtTheOther() throws Exception {
        WebClient client = client(own().beside("/shop", own()));
        client.get("/in");
        String ticket = client.jar().remove("SID");
        client.get("/shop/in");
        String name = client.jar().keySet().iterator().next();
        client.jar().put(name, ticket);

        assertThat(client.get("/shop/read").body()).isEqualTo("name null");
    }

    @Test
    void anIncludeFromOneToTheOtherHasTheOthersSession() throws Exception {
        WebClient client = client(own().servlet("/both", (request, response) -> {
                    toShop(request, "/in").include(request, response);
                    request.getSession().setAttribute("name", "root's");
                    log.add("after " + Sessions.current(request).get(NAME));
                })
                .beside("/shop", own()));

        WebReply reply = client.get("/both");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.cookies()).hasSize(2);
        assertThat(log).containsExactly("/shop /shop!", "after root's");
        assertThat(client.get("/read").body()).isEqualTo("name root's");
        assertThat(client.get("/shop/read").body()).isEqualTo("name /shop!");
    }

    @Test
    void aForwardFromOneToTheOtherHasTheOthersSession() throws Exception {
        WebClient client = client(own().servlet("/on", (request, response) -> {
                    request.getSession().setAttribute("name", "root's");
                    toShop(request, "/in").forward(request, response);
                })
                .beside("/shop", own()));

        assertThat(client.get("/on").cookies()).hasSize(2);
        assertThat(client.get("/read").body()).isEqualTo("name root's");
        assertThat(client.get("/shop/read").body()).isEqualTo("name /shop!");
    }

    @Test
    void aResponseThatIsTakenBackKeepsTheTicketsOfBoth() throws Exception {
        WebClient client = client(own().servlet("/both", (request, response) -> {
                    request.getSession().setAttribute("name", "root's");
                    toShop(request, "/in").include(request, response);
                    response.getWriter().write("is taken back");
                    response.reset();
                    response.getWriter().write("text");
                })
                .beside("/shop", own()));

        WebReply reply = client.get("/both");

        assertThat(reply.body()).isEqualTo("text");
        assertThat(reply.cookies()).hasSize(2);
        assertThat(client.get("/read").body()).isEqualTo("name root's");
        assertThat(client.get("/shop/read").body()).isEqualTo("name /shop!");
    }
}
