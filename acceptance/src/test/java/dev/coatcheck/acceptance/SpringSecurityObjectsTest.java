package dev.coatcheck.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coatcheck.SerializableTypes;
import dev.coatcheck.SessionManager;
import dev.coatcheck.test.TestBrowser;
import jakarta.servlet.http.Cookie;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.RememberMeAuthenticationToken;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.authority.FactorGrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedGrantedAuthoritiesWebAuthenticationDetails;
import org.springframework.security.web.authentication.switchuser.SwitchUserGrantedAuthority;
import org.springframework.security.web.csrf.DefaultCsrfToken;
import org.springframework.security.web.savedrequest.DefaultSavedRequest;
import org.springframework.security.web.savedrequest.SavedCookie;
import org.springframework.security.web.savedrequest.SimpleSavedRequest;

/** The profile allows what Spring Security itself puts into a session, with its real classes. */
class SpringSecurityObjectsTest extends EmbeddedNodes {
    private static final List<GrantedAuthority> AUTHORITIES =
            AuthorityUtils.createAuthorityList("ROLE_USER", "ROLE_ADMIN");

    record Account(String name) implements Serializable {}

    static List<Object> objects() {
        User user = new User("alice", "secret", AUTHORITIES);
        UsernamePasswordAuthenticationToken password =
                UsernamePasswordAuthenticationToken.authenticated(user, null, AUTHORITIES);
        password.setDetails(new WebAuthenticationDetails("192.0.2.1", "id"));
        password.eraseCredentials();
        PreAuthenticatedAuthenticationToken before = new PreAuthenticatedAuthenticationToken("bob", "n/a", AUTHORITIES);
        Authentication switched = UsernamePasswordAuthenticationToken.authenticated(
                user, null, List.of(new SwitchUserGrantedAuthority("ROLE_PREVIOUS", password)));
        Authentication twoFactors = UsernamePasswordAuthenticationToken.authenticated(
                user,
                null,
                List.of(FactorGrantedAuthority.withAuthority("FACTOR_PASSWORD")
                        .issuedAt(Instant.EPOCH)
                        .build()));
        return List.of(
                new SecurityContextImpl(password),
                new SecurityContextImpl(before),
                new SecurityContextImpl(switched),
                new SecurityContextImpl(twoFactors),
                new SecurityContextImpl(new RememberMeAuthenticationToken("key", user, AUTHORITIES)),
                new SecurityContextImpl(new AnonymousAuthenticationToken("key", "guest", AUTHORITIES)),
                new SimpleGrantedAuthority("ROLE_USER"),
                user,
                new DefaultCsrfToken("X-CSRF-TOKEN", "_csrf", "token"));
    }

    @ParameterizedTest
    @MethodSource("objects")
    void itsContextsUsersAndTokensComeBackEqualOnAnotherNode(Object object) {
        try (SessionManager here = with(SerializableTypes.springSecurity());
                SessionManager there = with(SerializableTypes.parse("profile:spring-security"))) {
            TestBrowser browser = new TestBrowser(here, clock);
            browser.visit(session -> session.untyped().set("SPRING_SECURITY_CONTEXT", object));
            browser.through(there).visit(session -> {
                Object back = session.untyped().get("SPRING_SECURITY_CONTEXT");
                assertThat(back).hasSameClassAs(object);
                assertThat(back).usingRecursiveComparison().isEqualTo(object);
            });
        }
    }

    @Test
    void aSavedRequestComesBackWithItsCookiesAndParameters() {
        Cookie cookie = new Cookie("theme", "dark");
        DefaultSavedRequest saved = new DefaultSavedRequest.Builder()
                .setScheme("https")
                .setServerName("www.example.org")
                .setServerPort(443)
                .setRequestURI("/orders")
                .setMethod("GET")
                .setCookies(List.of(new SavedCookie(cookie)))
                .setHeaders(new TreeMap<>(Map.of("accept", List.of("text/html"))))
                .setLocales(List.of(Locale.GERMANY))
                .setParameters(new TreeMap<>(Map.of("page", new String[] {"2"})))
                .build();
        try (SessionManager here = with(SerializableTypes.springSecurity())) {
            TestBrowser browser = new TestBrowser(here, clock);
            browser.visit(session -> {
                session.untyped().set("SPRING_SECURITY_SAVED_REQUEST", saved);
                session.untyped().set("simple", new SimpleSavedRequest("/orders"));
            });
            browser.visit(session -> {
                DefaultSavedRequest back =
                        (DefaultSavedRequest) session.untyped().get("SPRING_SECURITY_SAVED_REQUEST");
                assertThat(back.getRedirectUrl()).isEqualTo(saved.getRedirectUrl());
                assertThat(back.getCookies()).singleElement().returns("dark", Cookie::getValue);
                assertThat(back.getParameterValues("page")).containsExactly("2");
                assertThat(back.getHeaderValues("accept")).containsExactly("text/html");
                assertThat(back.getLocales()).containsExactly(Locale.GERMANY);
                assertThat(((SimpleSavedRequest) session.untyped().get("simple")).getRedirectUrl())
                        .isEqualTo("/orders");
            });
        }
    }

    @Test
    void detailsThatAnAuthenticationHoldsAreAllowedToo() {
        PreAuthenticatedAuthenticationToken token = new PreAuthenticatedAuthenticationToken("bob", "n/a", AUTHORITIES);
        token.setDetails(List.of(new WebAuthenticationDetails("192.0.2.1", null)));
        try (SessionManager here = with(SerializableTypes.springSecurity())) {
            new TestBrowser(here, clock).visit(session -> session.untyped().set("x", new SecurityContextImpl(token)));
        }
        assertThat(PreAuthenticatedGrantedAuthoritiesWebAuthenticationDetails.class)
                .isAssignableTo(WebAuthenticationDetails.class);
    }

    @Test
    void aContextThatIsChangedInPlaceIsSavedAndAUserOfTheApplicationNeedsALine() {
        try (SessionManager here = with(SerializableTypes.springSecurity())) {
            TestBrowser browser = new TestBrowser(here, clock);
            browser.visit(session -> {
                SecurityContext context = new SecurityContextImpl();
                session.untyped().set("SPRING_SECURITY_CONTEXT", context);
                context.setAuthentication(
                        UsernamePasswordAuthenticationToken.authenticated("alice", null, AUTHORITIES));
            });
            browser.visit(session -> {
                SecurityContext context = (SecurityContext) session.untyped().get("SPRING_SECURITY_CONTEXT");
                assertThat(context.getAuthentication().getName()).isEqualTo("alice");
                Authentication own =
                        UsernamePasswordAuthenticationToken.authenticated(new Account("alice"), null, AUTHORITIES);
                assertThatThrownBy(() -> session.untyped().set("SPRING_SECURITY_CONTEXT", new SecurityContextImpl(own)))
                        .hasMessageContaining("add the line " + Account.class.getName());
            });
        }
    }

    private SessionManager with(SerializableTypes types) {
        return node().serializable(types).build();
    }
}
