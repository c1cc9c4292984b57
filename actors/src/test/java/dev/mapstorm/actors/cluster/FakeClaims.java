package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.actors.pekko.WriterStanding;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Claims that succeed with one epoch after the other, unless it is said how the next ones end. */
final class FakeClaims implements WriterClaims {
  final AtomicLong epoch = new AtomicLong();
  final Queue<CompletableFuture<WriterClaim>> next = new ConcurrentLinkedQueue<>();
  volatile boolean refusing;

  /** What is seen of other claims, one after the other; then none. */
  final Queue<WriterStanding> standing = new ConcurrentLinkedQueue<>();

  /** Who has claimed the stream since. */
  volatile Optional<String> follower = Optional.empty();

  final AtomicLong renewals = new AtomicLong();

  static WriterClaim claim(long epoch) {
    return new WriterClaim(epoch, "", WriterClaim.NOTHING_WRITTEN);
  }

  @Override
  public CompletionStage<WriterClaim> claim(String persistenceId) {
    long mine = epoch.incrementAndGet();
    CompletableFuture<WriterClaim> planned = next.poll();
    return planned != null ? planned : CompletableFuture.completedFuture(claim(mine));
  }

  @Override
  public CompletionStage<Optional<WriterStanding>> standing(String persistenceId) {
    return CompletableFuture.completedFuture(Optional.ofNullable(standing.poll()));
  }

  @Override
  public CompletionStage<Optional<String>> renew(String persistenceId, long epoch) {
    renewals.incrementAndGet();
    return CompletableFuture.completedFuture(follower);
  }

  @Override
  public boolean refused(Throwable failure) {
    return refusing;
  }
}
