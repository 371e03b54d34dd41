package dev.coatcheck.test;

import dev.coatcheck.KeyRing;
import dev.coatcheck.SessionManager;
import dev.coatcheck.SessionStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The model test: several browsers send random requests to one or more nodes, the clock moves, windows are closed, old
 * cookies are stolen, and every answer is compared with that of a model made of plain maps. One request at a time, so the
 * model knows exactly what each browser must see.
 *
 * <pre>{@code
 * FakeClock clock = new FakeClock();
 * SessionStore store = new EmbeddedSessionStore(DEFAULT_MAX_BYTES, clock);
 * new SessionModel(clock, store, store).run(42, 1_000_000);   // two nodes on one store
 * }</pre>
 *
 * <p>The same seed makes the same requests. Not for use by more than one thread.
 */
public final class SessionModel {
    private static final String COOKIE = "__Host-SID";
    private static final int BROWSERS = 4;
    private static final int OLD_TICKETS = 12;
    private static final int REQUESTS_TOLD = 12;
    private static final int BUSY_STEPS = 1_000;
    /** The unit of time: no deadline and no idle timeout falls within two seconds behind a multiple of it. */
    private static final int STEP_SECONDS = 7;

    private final FakeClock clock;
    private final List<SessionStore> stores;
    private boolean leasesFollowTheClock = true;

    /**
     * For stores whose leases run by this clock.
     *
     * @param clock moved by the test; for stores that compare dates with real time, start it at the present
     * @param stores one for each node, all on the same data; the same one may be given more than once. Not closed here
     */
    public SessionModel(FakeClock clock, SessionStore... stores) {
        this.clock = clock;
        this.stores = List.of(stores);
        if (stores.length == 0) {
            throw new IllegalArgumentException("At least one store");
        }
    }

    /** For stores whose leases run in real time, of which next to none passes: idle timeouts are not tested then. */
    public SessionModel withLeasesInRealTime() {
        leasesFollowTheClock = false;
        return this;
    }

    /**
     * Runs.
     *
     * @param seed decides every choice
     * @param steps how many calls of sessions, at least
     * @throws AssertionError when a node and the model differ; it names the seed, the step and the last requests
     */
    public void run(long seed, int steps) {
        KeyRing ring = KeyRing.parse(KeyRing.generate());
        List<SessionManager> nodes =
                stores.stream().map(store -> node(store, ring)).toList();
        try {
            new Run(seed, nodes).run(steps);
        } finally {
            nodes.forEach(SessionManager::close);
        }
    }

    private SessionManager node(SessionStore store, KeyRing ring) {
        return SessionManager.builder()
                .store(store)
                .keyRing(ring)
                .clock(clock)
                .idleTimeout(ModelRecord.IDLE)
                .absoluteLifetime(ModelRecord.LIFETIME)
                .remembered(ModelRecord.REMEMBERED_IDLE, ModelRecord.REMEMBERED_LIFETIME)
                .build();
    }

    /** A browser and what the model says it holds. */
    private static final class Player {
        final TestBrowser browser;
        final List<ModelVisit.CsrfText> csrfTexts = new ArrayList<>();
        ModelTicket ticket = ModelTicket.NONE;

        Player(TestBrowser browser) {
            this.browser = browser;
        }
    }

    /** One run. */
    private final class Run {
        private final long seed;
        private final SplittableRandom random;
        private final List<SessionManager> nodes;
        private final List<Player> players = new ArrayList<>();
        private final List<ModelPlace> places = new ArrayList<>();
        private final Deque<ModelTicket> oldTickets = new ArrayDeque<>();
        private final Deque<String> told = new ArrayDeque<>();
        private StringBuilder telling = new StringBuilder();
        private int step;
        private int csrfSeeds;

        Run(long seed, List<SessionManager> nodes) {
            this.seed = seed;
            this.nodes = nodes;
            random = new SplittableRandom(seed);
            for (int i = 0; i < BROWSERS; i++) {
                players.add(new Player(new TestBrowser(nodes.get(0), clock)));
            }
        }

        void run(int steps) {
            try {
                while (step < steps) {
                    between();
                    request();
                }
            } catch (Throwable thrown) {
                tell("");
                throw new AssertionError(
                        "The model and the sessions differ, seed " + seed + ", step " + step + ": "
                                + thrown.getMessage() + "\nThe last requests:\n" + String.join("\n", told),
                        thrown);
            }
        }

        private void tell(String next) {
            told.add(telling.toString());
            if (told.size() > REQUESTS_TOLD) {
                told.remove();
            }
            telling = new StringBuilder(next);
        }

        /** What happens between two requests. In busy times the clock stands still, so that many meet within a grace. */
        private void between() {
            boolean busy = step / BUSY_STEPS % 2 == 0;
            int which = random.nextInt(1_000);
            long passing = 0;
            if (which < (busy ? 30 : 400)) {
                passing = random.nextInt(1, 4);
            } else if (which < 490) {
                passing = 0;
            } else if (which < 500) {
                signOut(ModelVisit.USERS.get(random.nextInt(ModelVisit.USERS.size())));
            } else if (which < 510) {
                restart(players.get(random.nextInt(BROWSERS)));
            } else if (which < 570) {
                steal(players.get(random.nextInt(BROWSERS)));
            } else if (busy) {
                passing = 0;
            } else if (which < 610) {
                passing = random.nextInt(1, 90);
            } else if (which < 620) {
                passing = random.nextInt(160, 180);
            } else if (which == 620) {
                passing = random.nextInt(6_165, 6_180);
            } else if (which == 621 && random.nextInt(4) == 0) {
                passing = random.nextInt(160_000, 380_000);
            }
            if (passing > 0) {
                clock.advance(Duration.ofSeconds(STEP_SECONDS * passing));
                for (Player player : players) {
                    Instant ends = player.ticket.ends();
                    if (ends != null && !clock.instant().isBefore(ends)) {
                        player.ticket = ModelTicket.NONE;
                    }
                }
            }
        }

        /** Of an idle session it is not known whether it is still there to be ended. */
        private void signOut(String user) {
            tell(clock.instant() + ", sign out " + user);
            SessionManager node = nodes.get(random.nextInt(nodes.size()));
            places.removeIf(place -> place.session == null);
            List<ModelPlace> live = places.stream()
                    .filter(place -> place.isOf(user) && place.find(clock.instant(), leasesFollowTheClock) != null)
                    .toList();
            ModelVisit.check("all devices", node.devices(user).size() >= live.size(), true);
            SessionManager.SignedOut out = node.signOutEverywhere(user);
            ModelVisit.check("all ended", out.ended() >= live.size(), true);
            ModelVisit.check("devices left", node.devices(user).size(), 0);
            places.stream().filter(place -> place.isOf(user)).forEach(ModelPlace::signOut);
        }

        private void restart(Player player) {
            player.browser.restart();
            if (player.ticket.ends() == null) {
                player.ticket = ModelTicket.NONE;
            }
        }

        /** The browser's cookie is now one that some browser had before. */
        private void steal(Player player) {
            if (oldTickets.isEmpty()) {
                return;
            }
            ModelTicket old = List.copyOf(oldTickets).get(random.nextInt(oldTickets.size()));
            player.browser.jar().clear();
            player.browser.setCookie(COOKIE + "=" + old.value() + "; Path=/; Secure");
            player.ticket = new ModelTicket(old.value(), old.place(), old.blankSeed(), null);
        }

        private void request() {
            int number = random.nextInt(BROWSERS);
            int node = random.nextInt(nodes.size());
            boolean isPost = random.nextInt(4) == 0;
            int calls = random.nextInt(7);
            Player player = players.get(number);
            tell("browser " + number + ", node " + node + ", " + clock.instant() + (isPost ? ", POST: " : ": "));
            ModelVisit.check("cookie before", player.browser.cookie(COOKIE), player.ticket.value());
            ModelVisit visit = new ModelVisit(
                    random,
                    () -> new ModelRequest(
                            player.ticket, clock.instant(), leasesFollowTheClock, () -> ++csrfSeeds, places::add),
                    player.csrfTexts,
                    leasesFollowTheClock,
                    isPost,
                    call -> telling.append(call).append("; "));
            TestBrowser browser = player.browser.through(nodes.get(node));
            String id = (isPost ? browser.post() : browser).request(session -> {
                ModelPlace brought = player.ticket.place();
                ModelVisit.check("requested id", session.requestedId(), brought == null ? null : brought.id);
                return visit.run(session, calls);
            });
            step += Math.max(1, calls);
            ModelRequest model = visit.model();
            if (model != null) {
                model.commit(id);
                took(player, model);
            }
            ModelVisit.check("cookie after", player.browser.cookie(COOKIE), player.ticket.value());
        }

        /** What the browser holds after the response. */
        private void took(Player player, ModelRequest model) {
            ModelTicket before = player.ticket;
            String value = player.browser.cookie(COOKIE);
            switch (model.cookie()) {
                case KEPT -> {
                    return;
                }
                case CLEARED -> player.ticket = ModelTicket.NONE;
                case BLANK -> {
                    fresh(before, value);
                    player.ticket = new ModelTicket(value, null, model.blankSeed(), null);
                }
                case SESSION -> {
                    ModelPlace place = model.place();
                    if (place.ticket == null) {
                        fresh(before, value);
                        place.ticket = value;
                    }
                    player.ticket = new ModelTicket(place.ticket, place, null, model.cookieEnd());
                }
            }
            if (before.value() != null) {
                oldTickets.add(before);
                if (oldTickets.size() > OLD_TICKETS) {
                    oldTickets.remove();
                }
            }
        }

        private static void fresh(ModelTicket before, @Nullable String value) {
            ModelVisit.check("a new cookie", value != null && !value.equals(before.value()), true);
        }
    }
}
