package dev.mapstorm.actors.pekko;

import java.util.Optional;
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
        public CompletionStage<Optional<WriterStanding>> standing(String persistenceId) {
          return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public CompletionStage<Optional<String>> renew(String persistenceId, long epoch) {
          return CompletableFuture.completedFuture(Optional.empty());
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
   * The claim to a stream that counts at present.
   *
   * @return empty if nobody has claimed it; fails if the store does
   */
  CompletionStage<Optional<WriterStanding>> standing(String persistenceId);

  /**
   * Shows everybody else that the writer of a stream is there. Nobody has to: a claim counts until
   * there is a newer one.
   *
   * @param epoch of the writer's claim
   * @return empty if the claim counts; otherwise who has claimed the stream since, or an empty text
   *     if its claim is gone from the store. Fails if the store does
   */
  CompletionStage<Optional<String>> renew(String persistenceId, long epoch);

  /**
   * Whether a write failed because the stream has been claimed by another incarnation since.
   *
   * @param failure what the journal reported
   */
  boolean refused(Throwable failure);
}
