package dev.coatcheck.memcached;

/**
 * What a server said of itself when the connection was made.
 *
 * @param identity which process it is
 * @param version as it is written: {@code 1.6.18}
 * @param maxItemBytes the largest item that it takes, key and header included
 * @param evicts whether it throws old items out when its memory is full; else ({@code -M}) it refuses new ones
 */
public record ServerInfo(ServerIdentity identity, String version, long maxItemBytes, boolean evicts) {}
