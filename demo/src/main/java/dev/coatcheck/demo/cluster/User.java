package dev.coatcheck.demo.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who chirps at one of the sites and looks at the other whether the session has counted it. What was acknowledged or seen once must
 * be seen ever after. One thread at a time.
 */
final class User {
    private static final Pattern CHIRPS = Pattern.compile("class=\"chirp-count\">([0-9]+)<");

    private final String name;
    private final List<URI> sites;
    private final Tally tally;
    private Browser browser = new Browser();
    private boolean signedIn;
    private int known;

    User(String name, List<URI> sites, Tally tally) {
        this.name = name;
        this.sites = sites;
        this.tally = tally;
    }

    /** One chirp, or a sign-in when there is no session. */
    void act() {
        int first = ThreadLocalRandom.current().nextInt(sites.size());
        try {
            if (!signedIn) {
                signIn(sites.get(first));
                return;
            }
            HttpResponse<String> page = look(sites.get(first));
            if (page != null) {
                chirp(sites.get(first), page);
                look(sites.get(1 - first));
            }
        } catch (IOException e) {
            tally.unavailable.increment();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void signIn(URI site) throws IOException, InterruptedException {
        browser = new Browser();
        HttpResponse<String> form = browser.get(site.resolve("/sign-in"));
        if (form.statusCode() == 200
                && browser.post(site.resolve("/sign-in"), form, "name", name).statusCode() == 303) {
            signedIn = true;
            known = 0;
            tally.ok.increment();
        } else {
            tally.unavailable.increment();
        }
    }

    /** The page for somebody who is signed in; null when it is another. */
    private @Nullable HttpResponse<String> look(URI site) throws IOException, InterruptedException {
        HttpResponse<String> page = browser.get(site.resolve("/"));
        Matcher chirps = CHIRPS.matcher(page.body());
        if (page.statusCode() != 200 || page.body().contains("The counter rests")) {
            tally.unavailable.increment();
            return null;
        }
        if (!chirps.find()) {
            tally.lost.increment();
            signedIn = false;
            return null;
        }
        int shown = Integer.parseInt(chirps.group(1));
        (shown < known ? tally.stale : tally.ok).increment();
        known = Math.max(known, shown);
        return page;
    }

    private void chirp(URI site, HttpResponse<String> page) throws IOException, InterruptedException {
        HttpResponse<String> answer = browser.post(site.resolve("/chirps"), page, "text", "Number " + (known + 1));
        if (answer.statusCode() == 303) {
            known++;
            tally.ok.increment();
        } else {
            // It may have been counted or not: whatever the next page shows is right.
            tally.unavailable.increment();
        }
    }
}
