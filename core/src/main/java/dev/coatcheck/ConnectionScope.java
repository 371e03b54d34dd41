package dev.coatcheck;

/** What a connection is good for: it decides the cookie's name, so that a cookie of one scope is never read in another. */
enum ConnectionScope {
    /** TLS, here or at a proxy that is known to end it. */
    HTTPS,
    /** Plain HTTP that does not leave this machine. */
    LOCAL_HTTP,
    /** Neither: no session, no cookie. */
    NONE
}
