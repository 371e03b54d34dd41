package dev.coatcheck.memcached;

/**
 * One process of a memcached server. CAS numbers are good only for the process that gave them: a new one starts to count
 * anew and would take an old number for its own.
 *
 * @param pid its process id
 * @param startedAt when it started, in seconds of the epoch by its own clock
 */
public record ServerIdentity(long pid, long startedAt) {}
