package dev.mapstorm.actors.pekko;

/**
 * The claim to a stream that counts at present, see {@link WriterClaims#standing}.
 *
 * @param epoch its number
 * @param claimant who has it
 * @param renewed when it was made or renewed last, in the store's own time and form: says no more
 *     than whether it has been renewed since it was looked at before
 * @param silentMs for how long it has not been renewed while the store was there, in milliseconds
 *     of the store's clock
 */
public record WriterStanding(long epoch, String claimant, String renewed, long silentMs) {}
