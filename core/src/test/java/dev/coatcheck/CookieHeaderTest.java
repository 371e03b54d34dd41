package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows of the cookie header's bad inputs that a parser alone decides. */
class CookieHeaderTest {
    private static final String NAME = "__Host-SID";
    private static final String T = "EAkQ-_token";

    @Test
    void noHeaderHasNoValue() {
        assertThat(find()).isEqualTo(new CookieHeader.Values(List.of(), 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                " \t ",
                ";",
                "; ;;",
                "=",
                "==",
                "__Host-SID",
                "__Host-SID;",
                "=__Host-SID=T",
                " = __Host-SID=T",
                "__host-sid=T",
                "__HOST-SID=T",
                "__Host-sid=T",
                "%5F_Host-SID=T",
                "%5f%5fHost-SID=T",
                "\"__Host-SID\"=T",
                "__Host-SID\u0000=T",
                "\u0000__Host-SID=T",
                "__Host-SID\n=T",
                "__Host-SID\u00a0=T",
                "__Host SID=T",
                "x__Host-SID=T",
                "__Host-SIDx=T",
                "a=1,__Host-SID=T",
                "a=__Host-SID=T",
                "$__Host-SID=T",
                "Cookie: __Host-SID=T"
            })
    void whatIsNotExactlyOurNameIsNotOurs(String line) {
        assertThat(values(line)).isEmpty();
    }

    @Test
    void onlySemicolonsAreReadInLinearTime() {
        assertThat(values(";".repeat(10_000))).isEmpty();
        assertThat(values(";".repeat(10_000) + NAME + "=" + T)).containsExactly(T);
    }

    @Test
    void theFirstEqualsSignEndsTheName() {
        assertThat(values("__Host-SID==T")).containsExactly("=T");
        assertThat(values("__Host-SID=a=b")).containsExactly("a=b");
    }

    @Test
    void anEmptyValueIsAValue() {
        assertThat(values("__Host-SID=")).containsExactly("");
        assertThat(values("__Host-SID= \t; a=b")).containsExactly("");
    }

    @Test
    void spaceAndTabAreTrimmedAroundNameAndValueOnly() {
        assertThat(values(" \t__Host-SID\t = \t" + T + "\t ; b=c")).containsExactly(T);
        assertThat(values("__Host-SID=a b\tc")).containsExactly("a b\tc");
    }

    @Test
    void controlsAndOtherBlanksStayInTheValueSoThatItsAlphabetRefusesThem() {
        for (char c = 0; c <= 0xFF; c++) {
            if (c == ';' || c == ' ' || c == '\t') {
                continue;
            }
            assertThat(values("__Host-SID=" + T + c)).containsExactly(T + c);
            assertThat(values("__Host-SID=" + c + T)).containsExactly(c + T);
            assertThat(values("__Host-SID=a" + c + "b")).containsExactly("a" + c + "b");
        }
    }

    @Test
    void quotesAreNotUnwrappedAndBackslashesNotUnescaped() {
        assertThat(values("__Host-SID =\"T\"")).containsExactly("\"T\"");
        assertThat(values("__Host-SID=\"a;b\"")).containsExactly("\"a");
        assertThat(values("__Host-SID=a\\\"b\\;c")).containsExactly("a\\\"b\\");
    }

    @Test
    void aSemicolonSeparatesInsideQuotesToo() {
        assertThat(values("a=\"b; __Host-SID=" + T + "; c\"")).containsExactly(T);
    }

    @Test
    void dollarNamesAreNamesLikeAnyOther() {
        assertThat(values("$Version=1; __Host-SID=" + T + "; $Path=/; $Domain=example.org"))
                .containsExactly(T);
        assertThat(CookieHeader.find(List.of("$Path=/"), "$Path").values()).containsExactly("/");
    }

    @Test
    void aCommaDoesNotSeparate() {
        assertThat(values("__Host-SID=a,__Host-SID=b")).containsExactly("a,__Host-SID=b");
    }

    @Test
    void crumbsOfSeveralLinesAreReadInOrder() {
        assertThat(find("a=b", "", NAME + "=1; c=d", ";", NAME + "=2").values()).containsExactly("1", "2");
    }

    @Test
    void aPairDoesNotGoOnInTheNextLine() {
        assertThat(find("__Host-", "SID=T").values()).isEmpty();
        assertThat(find(NAME, "=T").values()).isEmpty();
    }

    @Test
    void theSameValueTwiceIsShownTwice() {
        assertThat(values(NAME + "=1; " + NAME + "=1")).containsExactly("1", "1");
    }

    @Test
    void unrelatedAndMalformedCookiesDoNotHideOurs() {
        assertThat(values("a; =b; \"; c=\"d; \u0000=\u0000; " + NAME + "=" + T + "; e=\""))
                .containsExactly(T);
        assertThat(values(("n=" + "v".repeat(98) + "; ").repeat(400) + NAME + "=" + T))
                .containsExactly(T);
    }

    @Test
    void ofFiveThousandCookiesOfOurNameEightAreShownAndTheOthersCounted() {
        CookieHeader.Values found = find((NAME + "=x;").repeat(5_000));
        assertThat(found.values()).hasSize(8);
        // 5,000 pairs of 13 octets: all within the limit.
        assertThat(found.more()).isEqualTo(4_992);
    }

    @Test
    void manyLinesAreOneHeader() {
        CookieHeader.Values found = find(Collections.nCopies(9, NAME + "=x").toArray(String[]::new));
        assertThat(found.values()).hasSize(8);
        assertThat(found.more()).isOne();
    }

    @Test
    void nothingIsReadBeyond64KilobytesOfAllLines() {
        String pair = NAME + "=" + T;
        String fits = "a".repeat(CookieHeader.MAX_OCTETS - pair.length() - 1) + ";" + pair;
        assertThat(find(fits).values()).containsExactly(T);
        assertThat(find(fits + ";" + NAME + "=2").values()).containsExactly(T);
        assertThat(find(fits, NAME + "=2").values()).containsExactly(T);
        assertThat(find("", ";", NAME + "=1", "a".repeat(CookieHeader.MAX_OCTETS), pair)
                        .values())
                .containsExactly("1");
    }

    @Test
    void aPairThatTheLimitCutsIsNotReadInPart() {
        String pair = NAME + "=" + T;
        String cut = "a".repeat(CookieHeader.MAX_OCTETS - pair.length()) + ";" + pair;
        assertThat(find(cut).values()).isEmpty();
        String half = "a".repeat(CookieHeader.MAX_OCTETS - pair.length() + 1);
        assertThat(find(half, pair).values()).isEmpty();
    }

    private static List<String> values(String line) {
        return find(line).values();
    }

    private static CookieHeader.Values find(String... lines) {
        return CookieHeader.find(List.of(lines), NAME);
    }
}
