package dev.coatcheck.test;

import java.util.List;

/** Cookie headers of all sorts. */
final class WebCookies {
    private WebCookies() {}

    /** The cookies of which nothing may come, with T for a live ticket. */
    static List<String> bad() {
        return List.of(
                "",
                "   ",
                ";".repeat(2_000),
                "SID",
                "=SID=T",
                "SID==T",
                "sid=T",
                "%53ID=T",
                "SID=\"T\"",
                "a=1,SID=T",
                // Not at the end of the line, where some servers take control characters for blanks.
                "SID=T\u0001; a=b",
                "SID=T\u007f",
                "SID=T T",
                "SID=T=",
                "SID=T+/",
                "SID=Tx",
                "__Host-SID=T",
                "SID=../../etc/passwd",
                "SID=" + "A".repeat(44),
                "SID=" + "_".repeat(60),
                "SID=" + "A".repeat(4_000),
                "SID=\u00ff\u00fe",
                "JSESSIONID=T");
    }

    /** The cookies among which the live ticket T is found. */
    static List<String> good() {
        return List.of(
                "SID=T",
                "SID=T ",
                "a=b; SID=T; c",
                "a=\"b; SID=T; c\"",
                "$Version=1; SID=T; $Path=/",
                "SID=T; SID=T",
                "SID=garbage; SID=T",
                "SID=T; SID=garbage",
                "x=1\r\nCookie: SID=T");
    }
}
