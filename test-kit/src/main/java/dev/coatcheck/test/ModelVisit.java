package dev.coatcheck.test;

import dev.coatcheck.Session;
import dev.coatcheck.SessionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One request of the model test: random calls of a session, each compared with what the model says. */
final class ModelVisit {
    private static final List<SessionKey<String>> TEXTS = List.of(
            SessionKey.of("a", String.class),
            SessionKey.of("b", String.class),
            SessionKey.of("c", String.class),
            SessionKey.of(ModelRecord.GUARDED, String.class).guarded());
    private static final List<String> TEXT_NAMES = List.of("a", "b", "c", ModelRecord.GUARDED);
    private static final SessionKey<Integer> COUNT = SessionKey.of("count", Integer.class);
    private static final SessionKey<List<String>> LIST = SessionKey.listOf("list", String.class);
    static final List<String> USERS = List.of("alice", "bob", "carol");
    private static final List<String> KINDS = List.of("info", "error");
    private static final Duration STEP_UP = Duration.ofMinutes(5);

    private final SplittableRandom random;
    private final Supplier<ModelRequest> loading;
    private final List<CsrfText> csrfTexts;
    private final boolean leasesFollowTheClock;
    private final boolean isPost;
    private final Consumer<String> log;
    private @Nullable ModelRequest model;

    /** A text that a form was given, and the seed that it stands for. */
    record CsrfText(String text, int seed) {}

    ModelVisit(
            SplittableRandom random,
            Supplier<ModelRequest> loading,
            List<CsrfText> csrfTexts,
            boolean leasesFollowTheClock,
            boolean isPost,
            Consumer<String> log) {
        this.random = random;
        this.loading = loading;
        this.csrfTexts = csrfTexts;
        this.leasesFollowTheClock = leasesFollowTheClock;
        this.isPost = isPost;
        this.log = log;
    }

    /** What the model made of the request; null when nothing touched the session. */
    @Nullable
    ModelRequest model() {
        return model;
    }

    private ModelRequest touch() {
        ModelRequest touched = model;
        if (touched == null) {
            touched = loading.get();
            model = touched;
        }
        return touched;
    }

    /** Makes so many calls and returns the id that the session has at the end; null for none or an untouched session. */
    @Nullable
    String run(Session session, int calls) {
        for (int i = 0; i < calls; i++) {
            call(session);
        }
        return model == null ? null : id(session);
    }

    private @Nullable String id(Session session) {
        ModelRequest touched = touch();
        String id = session.id();
        check("a session", id != null, touched.hasSession());
        String kept = touched.keptId();
        if (kept != null) {
            check("id", id, kept);
        }
        return id;
    }

    private void call(Session session) {
        int which = random.nextInt(100);
        if (which < 30) {
            read(session);
        } else if (which < 68) {
            change(session);
        } else if (which < 78) {
            messages(session);
        } else if (which < 84) {
            csrf(session);
        } else {
            rule(session);
        }
    }

    private void read(Session session) {
        int text = random.nextInt(TEXTS.size());
        SessionKey<String> key = TEXTS.get(text);
        String name = TEXT_NAMES.get(text);
        switch (random.nextInt(9)) {
            case 0, 1 -> {
                log.accept("get " + name);
                check(name, session.get(key), view().attributes.get(name));
            }
            case 2 -> {
                log.accept("find count");
                check(
                        "count",
                        session.find(COUNT).orElse(null),
                        view().attributes.get("count"));
            }
            case 3 -> {
                log.accept("has " + name);
                check("has " + name, session.has(key), view().attributes.containsKey(name));
            }
            case 4 -> {
                log.accept("keys");
                check("keys", session.keys(), view().names());
            }
            case 5 -> {
                log.accept("user");
                ModelRecord view = view();
                check("user", session.userId(), view.user);
                boolean recent =
                        view.user != null && !view.authenticatedAt.plus(STEP_UP).isBefore(touch().now);
                check("authenticated within 5 min", session.authenticatedWithin(STEP_UP), recent);
            }
            case 6 -> times(session);
            case 7 -> {
                log.accept("untyped " + name);
                check(
                        "untyped " + name,
                        session.untyped().get(name),
                        view().attributes.get(name));
            }
            default -> {
                log.accept("get list");
                check("list", session.get(LIST), view().attributes.get("list"));
            }
        }
    }

    private void times(Session session) {
        log.accept("times");
        ModelRequest touched = touch();
        check("new", session.isNew(), touched.isNew());
        check("created", session.createdAt(), touched.view().created);
        check("expires", session.expiresAt(), touched.view().expiresAt(touched.now));
        if (leasesFollowTheClock) {
            check("last access", session.lastAccessedAt(), touched.lastAccess());
        }
        check("available", session.isAvailable(), true);
    }

    private void change(Session session) {
        int text = random.nextInt(TEXTS.size());
        SessionKey<String> key = TEXTS.get(text);
        String name = TEXT_NAMES.get(text);
        boolean plain = text < TEXTS.size() - 1;
        String value = "v" + random.nextInt(1_000);
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> {
                log.accept("set " + name + " " + value);
                session.set(key, value);
                touch().put(name, value);
            }
            case 3 -> {
                log.accept("set " + name + " null");
                session.set(key, null);
                touch().put(name, null);
            }
            case 4, 5 -> {
                log.accept("update count");
                int count = view().attributes.get("count") instanceof Integer number ? number : 0;
                check("count", session.update(COUNT, 0, number -> number + 1), count + 1);
                touch().put("count", count + 1);
            }
            case 6 -> {
                if (plain) {
                    log.accept("toggle " + name);
                    String next = view().attributes.containsKey(name) ? null : "on";
                    check(name, session.update(key, old -> old == null ? "on" : null), next);
                    touch().put(name, next);
                }
            }
            case 7 -> {
                log.accept("take " + name);
                check(name, session.take(key), view().attributes.get(name));
                touch().put(name, null);
            }
            case 8 -> {
                log.accept("remove " + name);
                session.remove(key);
                touch().put(name, null);
            }
            case 9 -> {
                if (plain) {
                    log.accept("untyped set " + name + " " + value);
                    session.untyped().set(name, value);
                    touch().put(name, value);
                }
            }
            case 10 -> {
                log.accept("set list " + value);
                session.set(LIST, new ArrayList<>(List.of(value)));
                touch().put("list", new ArrayList<>(List.of(value)));
            }
            default -> growList(session, value);
        }
    }

    /** In place, with no call of {@code set}. */
    private void growList(Session session, String value) {
        log.accept("add to list " + value);
        List<String> list = session.get(LIST);
        check("list", list, view().attributes.get("list"));
        if (list != null && list.size() < 5) {
            list.add(value);
            touch().put("list", new ArrayList<>(list));
        }
    }

    private void messages(Session session) {
        String kind = KINDS.get(random.nextInt(KINDS.size()));
        switch (random.nextInt(4)) {
            case 0, 1 -> {
                if (view().messages.size() < 5) {
                    String text = "m" + random.nextInt(1_000);
                    log.accept("flash " + kind + " " + text);
                    session.flash(kind, text);
                    view().messages.add(new ModelRecord.Message(kind, text));
                }
            }
            case 2 -> {
                log.accept("take flash");
                check("messages", session.takeFlash(), texts(view().messages));
                view().messages.clear();
            }
            default -> {
                log.accept("take flash " + kind);
                List<ModelRecord.Message> taken = view().messages.stream()
                        .filter(message -> message.kind().equals(kind))
                        .toList();
                check("messages", session.takeFlash(kind), texts(taken));
                view().messages.removeAll(taken);
            }
        }
    }

    private static List<String> texts(List<ModelRecord.Message> messages) {
        return messages.stream().map(ModelRecord.Message::text).toList();
    }

    private void csrf(Session session) {
        if (isPost && !csrfTexts.isEmpty()) {
            CsrfText known = csrfTexts.get(random.nextInt(csrfTexts.size()));
            log.accept("check csrf of seed " + known.seed);
            check("csrf", session.isCsrfValid(known.text), view().seed == known.seed);
        } else {
            int seed = touch().formSeed();
            log.accept("csrf of seed " + seed);
            csrfTexts.add(new CsrfText(session.csrfToken(), seed));
            if (csrfTexts.size() > 8) {
                csrfTexts.remove(0);
            }
        }
    }

    private void rule(Session session) {
        ModelRequest touched = touch();
        switch (random.nextInt(18)) {
            case 0, 1, 2 -> {
                String user = USERS.get(random.nextInt(USERS.size()));
                log.accept("login " + user);
                session.login(user);
                touched.login(user);
            }
            case 3 -> {
                log.accept("logout");
                check("confirmed", session.logout(), true);
                touched.logout();
            }
            case 4, 5, 6, 16, 17 -> {
                log.accept("rotate");
                session.rotate();
                touched.rotate();
            }
            case 7 -> {
                log.accept("change id");
                session.changeId();
                touched.changeId();
            }
            case 8 -> {
                log.accept("clear");
                session.clear();
                touched.clear();
            }
            case 9 -> {
                log.accept("discard");
                session.discard();
                touched.discard();
            }
            case 10, 11 -> {
                log.accept("commit");
                String before = id(session);
                session.commit();
                touched.commit(before);
                if (touched.hasSession()) {
                    check("id after commit", session.id(), before);
                }
            }
            case 12 -> {
                log.accept("require");
                session.untyped().require();
                touched.require();
            }
            default -> timeouts(session, touched);
        }
    }

    private void timeouts(Session session, ModelRequest touched) {
        switch (random.nextInt(3)) {
            case 0 -> {
                log.accept("remember");
                session.rememberMe();
                touched.timeout(ModelRecord::remember);
            }
            case 1 -> {
                log.accept("short idle timeout");
                session.idleTimeout(ModelRequest.shortIdle());
                touched.timeout(record -> record.ownIdle = ModelRequest.shortIdle());
            }
            default -> {
                int seconds = 60 + 600 * random.nextInt(3);
                log.accept("expire in " + seconds);
                session.expireIn(Duration.ofSeconds(seconds));
                touched.timeout(record -> record.endAt(touched.now.plusSeconds(seconds)));
            }
        }
    }

    private ModelRecord view() {
        return touch().view();
    }

    static void check(String what, @Nullable Object actual, @Nullable Object expected) {
        if (!Objects.equals(actual, expected)) {
            throw new AssertionError(what + ": expected <" + expected + ">, but was <" + actual + ">");
        }
    }
}
