package dev.coatcheck;

/**
 * What a {@link SessionManager} has counted since it was built.
 *
 * @param created sessions stored for the first time, at sign-in too
 * @param rotated ids replaced
 * @param loggedOut sessions ended by log-out or {@code invalidate}
 * @param signedOut sessions ended from outside, as one of a user's devices
 * @param expired sessions found past a deadline
 * @param loads times the store was asked for a record
 * @param writes times the store was asked to create or replace one
 * @param absent loads that found nothing
 * @param remembered absences answered without the store, since they were fresh
 * @param conflicts commits that met another's write and were merged
 * @param overwritten attributes that two requests changed at once, so that the later one won
 * @param dropped late changes of ended sessions that were not stored
 * @param rejected cookies of our name that were no ticket of ours
 * @param duplicates requests with two different live sessions
 * @param corrupt stored values that were refused
 * @param undecodable attributes that could not be decoded
 * @param unavailable store calls without an answer
 * @param unconfirmed ends that the store had not confirmed when the request went on
 */
public record SessionStats(
        long created,
        long rotated,
        long loggedOut,
        long signedOut,
        long expired,
        long loads,
        long writes,
        long absent,
        long remembered,
        long conflicts,
        long overwritten,
        long dropped,
        long rejected,
        long duplicates,
        long corrupt,
        long undecodable,
        long unavailable,
        long unconfirmed) {}
