package dev.mapstorm.actors.pekko;

/**
 * A claim to a stream, see {@link WriterClaims}.
 *
 * @param epoch its number; {@link #NO_EPOCH} where nobody else can write
 * @param before who claimed the stream before; empty if nobody did
 * @param lastWrittenMs when the newest entry was written, as its writer's wall clock told the time,
 *     in milliseconds of the Unix epoch; {@link #NOTHING_WRITTEN} if there is none. Never more than
 *     a figure for people
 */
public record WriterClaim(long epoch, String before, long lastWrittenMs) {
  /** The epoch where nobody else can write: it is not written down. */
  public static final long NO_EPOCH = 0;

  /** The stream is empty. */
  public static final long NOTHING_WRITTEN = -1;

  /** Of a journal that one process has for itself. */
  static final WriterClaim NONE = new WriterClaim(NO_EPOCH, "", NOTHING_WRITTEN);
}
