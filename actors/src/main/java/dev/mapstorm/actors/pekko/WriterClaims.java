package dev.mapstorm.actors.pekko;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Makes one incarnation of a stream's writer the only one that can write it, where several
 * processes share a journal. Every incarnation claims its stream before it recovers. The claim has
 * a number, its epoch, which goes into the journal with everything that the incarnation writes; the
 * store refuses what carries any epoch but the newest. So whatever an older incarnation still has
 * on its way, or tries after a pause, is either in the journal before the newer one begins to
 * recover, or never. Thread-safe.
 */
public interface WriterClaims {
  /** For a journal that one process has for itself. */
  WriterClaims NONE =
      new WriterClaims() {
        @Override
        public CompletionStage<WriterClaim> claim(String persistenceId) {
          return CompletableFuture.completedFuture(WriterClaim.NONE);
        }

        @Override
        public boolean refused(Throwable failure) {
          return false;
        }
      };

  /**
   * Claims a stream. From the moment at which the stage completes on, nothing can be written under
   * an earlier claim.
   *
   * @param persistenceId of the stream
   * @return the claim, with an epoch above 0 and above that of every claim before; fails if the
   *     store does
   */
  CompletionStage<WriterClaim> claim(String persistenceId);

  /**
   * Whether a write failed because the stream has been claimed by another incarnation since.
   *
   * @param failure what the journal reported
   */
  boolean refused(Throwable failure);
}
