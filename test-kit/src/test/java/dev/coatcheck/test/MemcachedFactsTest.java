package dev.coatcheck.test;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store takes for granted about memcached, one fact a test: a release that behaves otherwise is noticed here. */
class MemcachedFactsTest {
    /** Thirty days, the longest that is not read as a date. */
    private static final int LONGEST = 2_592_000;

    private MemcachedServer server;
    private MemcachedTalk talk;

    @BeforeEach
    void start() throws IOException {
        server = MemcachedServer.start("-m", "8");
        talk = server.talk();
    }

    @AfterEach
    void close() throws IOException {
        talk.close();
        server.close();
    }

    private String write(String command) throws IOException {
        return talk.ask(command, new byte[] {'x'});
    }

    /** Stores a byte and returns its CAS. */
    private long store(String key, int lease) throws IOException {
        String reply = write("ms " + key + " 1 F7 T" + lease + " c");
        assertThat(reply).startsWith("HD c");
        return Long.parseLong(reply.substring(4));
    }

    private String read(String command) throws IOException {
        String line = talk.ask(command);
        return line.startsWith("VA ") ? line + " " + new String(talk.data(line), US_ASCII) : line;
    }

    private int left(String key) throws IOException {
        return Integer.parseInt(talk.ask("mg " + key + " t").replaceFirst("^HD t(-?\\d+).*", "$1"));
    }

    /** Whether the server is of this release of 1.6 or a later one. */
    private boolean isAtLeast(int release) {
        int[] version = Arrays.stream(server.stats().get("version").split("[^0-9]+"))
                .mapToInt(Integer::parseInt)
                .toArray();
        return Arrays.compare(version, new int[] {1, 6, release}) >= 0;
    }

    // Reading, renewing, writing.

    @Test
    void oneReadRenewsAndTellsTheLeaseThatWasLeft() throws IOException {
        long cas = store("k", 90);
        assertThat(read("mg k v c f t T1202")).matches("VA 1 c" + cas + " f7 t[6-9]\\d x");
        assertThat(left("k")).isBetween(1100, 1202);
    }

    @Test
    void flagsRunInTheOrderGiven() throws IOException {
        store("k", 90);
        assertThat(talk.ask("mg k T1202 t")).isEqualTo("HD t1202");
        assertThat(talk.ask("mg k t T90")).matches("HD t1[12]\\d\\d");
        assertThat(left("k")).isBetween(60, 90);
    }

    @Test
    void renewingLengthensAndShortensWhateverIsFound() throws IOException {
        store("pointer", 90);
        talk.ask("mg pointer v T1202");
        talk.data(1);
        assertThat(left("pointer")).isBetween(1100, 1202);
        store("tombstone", 43_200);
        talk.ask("mg tombstone T1202");
        assertThat(left("tombstone")).isBetween(1100, 1202);
    }

    @Test
    void renewingDoesNotChangeTheCas() throws IOException {
        long cas = store("k", 90);
        assertThat(talk.ask("mg k T1202 c")).isEqualTo("HD c" + cas);
        assertThat(write("ms k 1 C" + cas + " T15")).isEqualTo("HD");
    }

    @Test
    void aGuardedWriteIsStoredOrFindsAnotherOrNothing() throws IOException {
        long cas = store("k", 60);
        String stored = write("ms k 1 C" + cas + " T60 c");
        assertThat(stored).startsWith("HD c").isNotEqualTo("HD c" + cas);
        assertThat(write("ms k 1 C" + cas + " T60")).isEqualTo("EX");
        assertThat(write("ms none 1 C" + cas + " T60")).isEqualTo("NF");
    }

    @Test
    void aCreationIsRefusedWhereSomethingIs() throws IOException {
        assertThat(write("ms k 1 ME T60")).isEqualTo("HD");
        assertThat(write("ms k 1 ME T60")).isEqualTo("NS");
    }

    @Test
    void aCreationIgnoresTheCasWhereNothingIs() throws IOException {
        assertThat(write("ms k 1 ME C99 T60")).isEqualTo("HD");
    }

    @Test
    void aWriteWithoutClientFlagsSetsThemToZero() throws IOException {
        store("k", 60);
        assertThat(talk.ask("mg k f")).isEqualTo("HD f7");
        assertThat(write("ms k 1 T60")).isEqualTo("HD");
        assertThat(talk.ask("mg k f")).isEqualTo("HD f0");
    }

    @Test
    void aGuardedDeleteWantsTheRightCas() throws IOException {
        long cas = store("k", 60);
        assertThat(talk.ask("md k C" + (cas + 1))).isEqualTo("EX");
        assertThat(talk.ask("md k C" + cas)).isEqualTo("HD");
        assertThat(talk.ask("md k C" + cas)).isEqualTo("NF");
        assertThat(talk.ask("md k")).isEqualTo("NF");
    }

    @Test
    void deletedAndCreatedAgainIsAnotherToAGuardedWriteAlone() throws IOException {
        long cas = store("k", 60);
        talk.ask("md k");
        assertThat(write("ms k 1 MR T60")).as("replace finds nothing").isEqualTo("NS");
        store("k", 60);
        assertThat(write("ms k 1 C" + cas + " T60")).isEqualTo("EX");
        assertThat(write("ms k 1 MR T60")).as("replace takes the new one").isEqualTo("HD");
        talk.ask("md k");
        assertThat(write("ms k 1 T60")).as("a plain write revives").isEqualTo("HD");
    }

    @Test
    void opaqueAndKeyComeBack() throws IOException {
        store("k", 60);
        assertThat(talk.ask("mg k k O123")).isEqualTo("HD kk O123");
        assertThat(write("ms k 1 T60 k O124")).isEqualTo("HD kk O124");
        assertThat(talk.ask("md k k O125")).isEqualTo("HD kk O125");
        assertThat(talk.ask("mg k k O126")).as("with a miss too").isEqualTo("EN kk O126");
        assertThat(talk.ask("md k k O127")).isEqualTo("NF kk O127");
        assertThat(write("ms k 1 C9 k O128")).isEqualTo("NF kk O128");
    }

    @Test
    void aQuietCommandAnswersOnlyWhatIsNotUsual() throws IOException {
        store("k", 60);
        talk.send(
                "mg none q\r\nmg k k q T90\r\nmd k q\r\nmd k q\r\nms k 1 q T60\r\nx\r\nms k 1 q C99 T60\r\nx\r\nmn\r\n");
        assertThat(talk.line()).as("a read that finds").isEqualTo("HD kk");
        assertThat(talk.line()).as("a delete that finds nothing").isEqualTo("NF");
        assertThat(talk.line()).as("a write that finds another CAS").isEqualTo("EX");
        assertThat(talk.line()).isEqualTo("MN");
    }

    // Claims.

    @Test
    void theOrderOfClaimAndRenewalDecidesHowLongAClaimLasts() throws IOException {
        assertThat(talk.ask("mg long t N90 T1202")).isEqualTo("HD t-1 W");
        assertThat(left("long")).isBetween(1100, 1202);
        assertThat(talk.ask("mg short t T1202 N90")).isEqualTo("HD t-1 W");
        assertThat(left("short")).isBetween(30, 90);
        talk.ask("mg short T1202 N90");
        assertThat(left("short")).as("the next reader lengthens it").isBetween(1100, 1202);
    }

    @Test
    void oneOfManyWinsAClaimAndTheOthersSeeIt() throws IOException {
        assertThat(read("mg k v c N5")).matches("VA 0 c\\d+ W ");
        assertThat(read("mg k v c N5")).matches("VA 0 c\\d+ Z ");
    }

    @Test
    void aClaimIsDeadOnceItIsDeletedTakenAgainOrOverwritten() throws IOException {
        long deleted = claim("deleted");
        talk.ask("md deleted");
        assertThat(write("ms deleted 1 C" + deleted + " T60")).isEqualTo("NF");
        long taken = claim("taken");
        talk.ask("md taken");
        claim("taken");
        assertThat(write("ms taken 1 C" + taken + " T60")).isEqualTo("EX");
        long entombed = claim("entombed");
        store("entombed", 60);
        assertThat(write("ms entombed 1 C" + entombed + " T60")).isEqualTo("EX");
        assertThat(write("ms alive 1 C" + claim("alive") + " T60")).isEqualTo("HD");
    }

    private long claim(String key) throws IOException {
        String reply = talk.ask("mg " + key + " c N60");
        assertThat(reply).matches("HD c\\d+ W");
        return Long.parseLong(reply.replaceAll("\\D", ""));
    }

    // Time.

    @Test
    void moreThanThirtyDaysIsGoneAtOnceAndReportedAsStored() throws IOException {
        assertThat(write("ms k 1 T" + (LONGEST + 1))).isEqualTo("HD");
        assertThat(talk.ask("mg k t")).isEqualTo("EN");
        assertThat(write("ms k 1 T" + LONGEST)).isEqualTo("HD");
        assertThat(left("k")).isBetween(LONGEST - 100, LONGEST);
        assertThat(talk.ask("mg k t T" + (LONGEST + 1))).startsWith("HD t");
        assertThat(talk.ask("mg k t")).isEqualTo("EN");
        store("k", 60);
        assertThat(talk.ask("touch k " + (LONGEST + 1))).isEqualTo("TOUCHED");
        assertThat(talk.ask("mg k t")).isEqualTo("EN");
        assertThat(write("set k 0 " + (LONGEST + 1) + " 1")).isEqualTo("STORED");
        assertThat(talk.ask("mg k t")).isEqualTo("EN");
    }

    @Test
    void zeroSecondsLastForEver() throws IOException {
        assertThat(write("ms k 1 T0")).isEqualTo("HD");
        assertThat(left("k")).isEqualTo(-1);
    }

    @Test
    void anItemDiesNoLaterThanItsEndAndUpToOneAndAThirdSecondsEarlier() throws IOException {
        long begun = System.nanoTime();
        store("k", 2);
        AtomicLong lastSeen = new AtomicLong(begun);
        await().pollInterval(Duration.ofMillis(10)).until(() -> {
            long asked = System.nanoTime();
            boolean there = talk.ask("mg k").equals("HD");
            if (there) {
                lastSeen.set(asked);
            }
            return !there;
        });
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(700));
        // Its clock ticks once a second, and late on a machine that is busy.
        assertThat(Duration.ofNanos(lastSeen.get() - begun)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void theMomentAProcessBeganFollowsFromItsStats() {
        Map<String, String> before = server.stats();
        await().pollInterval(Duration.ofMillis(20))
                .until(() -> !server.stats().get("uptime").equals(before.get("uptime")));
        for (int i = 0; i < 20; i++) {
            assertThat(began(server.stats())).isEqualTo(began(before));
        }
    }

    private static long began(Map<String, String> stats) {
        return Long.parseLong(stats.get("time")) - Long.parseLong(stats.get("uptime"));
    }

    // Freezing, restarting.

    @Test
    void aCommandSentToAFrozenServerRunsAfterTheThawThoughItsConnectionHasGone() throws IOException {
        long cas = store("k", 60);
        try (MemcachedTalk gone = server.talk()) {
            gone.ask("mn");
            server.freeze();
            gone.send("ms k 1 C" + cas + " T60\r\ny\r\n");
        }
        server.thaw();
        await().until(() -> server.get("k").orElseThrow()[0] == 'y');
    }

    @Test
    void onlyAnotherCasKillsAWriteThatIsLate() throws IOException {
        long cas = store("k", 60);
        server.freeze();
        talk.send("ms k 1 C" + cas + " T60\r\ny\r\n");
        server.thaw();
        assertThat(talk.line()).isEqualTo("HD");
        cas = store("k", 60);
        try (MemcachedTalk slow = server.talk()) {
            store("k", 60);
            slow.send("ms k 1 C" + cas + " T60\r\ny\r\n");
            assertThat(slow.line()).isEqualTo("EX");
        }
    }

    @Test
    void aFrozenServerAcceptsConnections() throws IOException {
        server.freeze();
        try (MemcachedTalk next =
                MemcachedTalk.open(new InetSocketAddress(server.host(), server.port()), Duration.ofMillis(100))) {
            assertThatThrownBy(() -> next.ask("mn")).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void afterAColdRestartCasStartsAgainAndAnOldTokenIsAccepted() throws IOException {
        long first = store("k", 60); // 1, or 2 in newer servers
        assertThat(store("k", 60)).isEqualTo(first + 1);
        server.restart();
        assertThatThrownBy(() -> talk.ask("mn")).isInstanceOf(IOException.class);
        talk.close();
        talk = server.talk();
        assertThat(store("k", 60)).isEqualTo(first);
        store("other", 60);
        assertThat(write("ms k 1 C" + first + " T60"))
                .as("the token of what the dead process had")
                .isEqualTo("HD");
    }

    @Test
    void afterAWarmRestartCasGoesOnUnderAnotherPid(@TempDir Path folder) throws IOException {
        try (MemcachedServer warm =
                MemcachedServer.start("-e", folder.resolve("items").toString())) {
            long pid = warm.pid();
            long cas;
            try (MemcachedTalk before = warm.talk()) {
                before.ask("ms k 1 T600", new byte[] {'x'});
                cas = Long.parseLong(before.ask("mg k c").substring(4));
            }
            warm.restartWarm();
            assertThat(warm.pid()).isNotEqualTo(pid);
            try (MemcachedTalk after = warm.talk()) {
                assertThat(after.ask("mg k c")).isEqualTo("HD c" + cas);
                String next = after.ask("ms k 1 C" + cas + " T600 c", new byte[] {'y'});
                assertThat(Long.parseLong(next.substring(4))).isGreaterThan(cas);
            }
        }
    }

    // Size and memory.

    @Test
    void aWriteThatIsTooLargeDeletesWhatWasThereWhateverItsCas() throws IOException {
        byte[] large = new byte[(1 << 20) + 1];
        store("k", 60);
        assertThat(talk.ask("ms k " + large.length + " T60", large)).startsWith("SERVER_ERROR object too large");
        assertThat(talk.ask("mg k")).isEqualTo("EN");
        long cas = store("k", 60);
        assertThat(talk.ask("ms k " + large.length + " C" + (cas + 1000) + " T60", large))
                .startsWith("SERVER_ERROR object too large");
        assertThat(talk.ask("mg k")).isEqualTo("EN");
    }

    @Test
    void sessionsAreEvictedWithoutAWord() throws IOException {
        long there = threeThousandSessions(talk);
        assertThat(there).isBetween(300L, 2000L);
        assertThat(Long.parseLong(server.stats().get("evictions"))).isEqualTo(3000 - there);
    }

    @Test
    void withoutEvictionsWritesAreRefusedAndTakeTheOldValueWithThem() throws IOException {
        try (MemcachedServer strict = MemcachedServer.start("-m", "8", "-M");
                MemcachedTalk to = strict.talk()) {
            strict.fill(10_000);
            assertThat(strict.stats()).containsEntry("evictions", "0");
            assertThat(to.ask("ms new 10000 T600", new byte[10_000])).startsWith("SERVER_ERROR out of memory");
            assertThat(to.ask("mg elsewhere:1")).isEqualTo("HD");
            assertThat(to.ask("ms elsewhere:1 10000 T600", new byte[10_000])).startsWith("SERVER_ERROR out of memory");
            assertThat(to.ask("mg elsewhere:1")).isEqualTo("EN");
        }
    }

    /** How many of them are there at the end; all were stored. */
    private static long threeThousandSessions(MemcachedTalk talk) throws IOException {
        for (int i = 0; i < 3000; i++) {
            assertThat(talk.ask("ms session" + i + " 10000 T1202", new byte[10_000]))
                    .isEqualTo("HD");
        }
        String asked = String.join(
                "",
                IntStream.range(0, 3000)
                        .mapToObj(i -> "mg session" + i + " q\r\n")
                        .toList());
        talk.send(asked + "mn\r\n");
        long there = 0;
        for (String line = talk.line(); !line.equals("MN"); line = talk.line()) {
            there++;
        }
        return there;
    }

    // Keys and releases.

    @Test
    void aSpaceMakesTwoKeysOfOne() throws IOException {
        store("alice", 60);
        store("x", 60);
        talk.send("get alice x\r\n");
        assertThat(talk.line()).isEqualTo("VALUE alice 7 1");
        talk.data(1);
        assertThat(talk.line()).isEqualTo("VALUE x 7 1");
        talk.data(1);
        assertThat(talk.line()).isEqualTo("END");
        assertThat(talk.ask("mg alice v t")).as("in a meta command flags").startsWith("VA 1 t");
        talk.data(1);
    }

    @Test
    void aLineBreakInjectsACommand() throws IOException {
        store("victim", 60);
        String key = "k\r\nmd victim";
        talk.send("mg " + key + "\r\n");
        assertThat(talk.line()).isEqualTo("EN");
        assertThat(talk.line()).isEqualTo("HD");
        assertThat(talk.ask("mg victim")).isEqualTo("EN");
    }

    @Test
    void keysHaveTwoHundredAndFiftyBytesAtMost() throws IOException {
        assertThat(write("ms " + "k".repeat(250) + " 1 T60")).isEqualTo("HD");
        assertThat(talk.ask("mg " + "k".repeat(250))).isEqualTo("HD");
        assertThat(talk.ask("mg " + "k".repeat(251))).startsWith("CLIENT_ERROR");
    }

    @Test
    void aCasOfTheClientsChoiceIsTakenSinceRelease27() throws IOException {
        String reply = write("ms k 1 E4294967296123 T60 c");
        if (isAtLeast(27)) {
            assertThat(reply).isEqualTo("HD c4294967296123");
        } else {
            assertThat(reply).startsWith("CLIENT_ERROR invalid flag");
        }
    }

    @Test
    void aDeleteThatKeepsATombstoneIsTakenSinceRelease27() throws IOException {
        store("k", 60);
        String reply = talk.ask("md k x");
        if (isAtLeast(27)) {
            assertThat(reply).isEqualTo("HD");
        } else {
            assertThat(reply).startsWith("CLIENT_ERROR invalid");
        }
    }

    @Test
    void aServerWithUsersTakesASetForASignInAndNothingElse(@TempDir Path folder) throws IOException {
        Path users = folder.resolve("users");
        Files.writeString(users, "coat:check\n");
        try (MemcachedServer closed = MemcachedServer.start("-Y", users.toString());
                MemcachedTalk to = MemcachedTalk.open(
                        new InetSocketAddress(closed.host(), closed.port()), Duration.ofSeconds(10))) {
            assertThat(to.ask("version")).isEqualTo("CLIENT_ERROR unauthenticated");
            assertThat(to.ask("set x 0 0 10", "coat wrong".getBytes(US_ASCII)))
                    .isEqualTo("CLIENT_ERROR authentication failure");
            assertThat(to.ask("set x 0 0 10", "coat check".getBytes(US_ASCII))).isEqualTo("STORED");
            assertThat(to.ask("mg x")).as("the sign-in is not stored").isEqualTo("EN");
        }
    }

    @Test
    void whatIsNoCommandIsAnErrorAndTheConnectionStays() throws IOException {
        assertThat(talk.ask("nonsense")).isEqualTo("ERROR");
        assertThat(talk.ask("mn")).isEqualTo("MN");
        talk.send("quit\r\n");
        assertThatThrownBy(talk::line).isInstanceOf(EOFException.class);
    }

    /** What tells ours from theirs, and evictions from ends. */
    @Test
    void commandsThatCountAreCountedApartAndGetsAreNot() throws IOException {
        store("k", 60);
        read("mg k v T60");
        long gets = Long.parseLong(server.stats().get("cmd_get"));
        assertThat(talk.ask("mg k")).isEqualTo("HD");
        assertThat(server.stats()).containsEntry("cmd_get", String.valueOf(gets + 1));
        assertThat(server.stats()).containsEntry("incr_misses", "0").containsEntry("incr_hits", "0");
        assertThat(talk.ask("incr other 1")).isEqualTo("NOT_FOUND");
        assertThat(server.stats()).containsEntry("incr_misses", "1");
    }

    @Test
    void anItemThatHasExpiredIsNoEviction() throws IOException {
        assertThat(server.fill(10_000)).isPositive();
        long evictions = Long.parseLong(server.stats().get("evictions"));
        server.flush();
        server.fill(10_000, 100);
        assertThat(server.stats()).containsEntry("evictions", String.valueOf(evictions));
    }

    @Test
    void aFewKeysOfASizeAreShown() throws IOException {
        store("k", 60);
        await().until(() -> {
            talk.send("stats cachedump 1 20\r\n");
            String line = talk.line();
            if (line.equals("END")) {
                return false; // the server has not yet looked at what is new
            }
            assertThat(line).matches("ITEM k \\[1 b; [0-9]+ s]");
            return talk.line().equals("END");
        });
    }

    @Test
    void aRefusalForWantOfMemoryIsCounted() throws IOException {
        try (MemcachedServer full = MemcachedServer.start("-M", "-m", "8")) {
            full.fill(10_000);
            assertThat(Long.parseLong(full.stats().get("store_no_memory"))).isPositive();
            assertThat(full.stats()).containsEntry("evictions", "0");
        }
    }
}
