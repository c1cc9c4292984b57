package dev.mapstorm.actors.pekko;

import java.time.Duration;
import java.util.function.Function;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Keeps the writer of one stream going: claims the stream for it, and when its store fails waits as
 * long as a {@link StorePatience} says and claims it anew.
 *
 * @param <M> what the keeper hears
 */
public abstract class StreamKeeper<M> extends AbstractBehavior<M> {
  private final TimerScheduler<M> timers;
  private final String stream;
  private final WriterClaims claims;
  private final StorePatience patience;
  private final M again;
  private int failures;
  private Duration waited = Duration.ZERO;

  /**
   * Made before the first claim.
   *
   * @param stream the id of the stream
   * @param again what the keeper hears when it has waited
   */
  protected StreamKeeper(
      ActorContext<M> context,
      TimerScheduler<M> timers,
      String stream,
      WriterClaims claims,
      StorePatience patience,
      M again) {
    super(context);
    this.timers = timers;
    this.stream = stream;
    this.claims = claims;
    this.patience = patience;
    this.again = again;
  }

  /** The store's claims. */
  protected final WriterClaims claims() {
    return claims;
  }

  /** The keeper's timers. */
  protected final TimerScheduler<M> timers() {
    return timers;
  }

  /** The stream's id. */
  protected final String stream() {
    return stream;
  }

  /** Claims the stream; the keeper hears of the claim, or why there is none. */
  protected final void claim(Function<WriterClaim, M> claimed, Function<Throwable, M> failed) {
    getContext()
        .pipeToSelf(
            claims.claim(stream),
            (claim, failure) -> failure == null ? claimed.apply(claim) : failed.apply(failure));
  }

  /** The store works: its next failure is the first. */
  protected final void storeWorks() {
    failures = 0;
    waited = Duration.ZERO;
  }

  /** Counts a failure of the store, and how long it is to be waited out. */
  protected final Duration storeFailed() {
    Duration delay = patience.delay(++failures);
    waited = waited.plus(delay);
    return delay;
  }

  /** How many times in a row the store has failed. */
  protected final int failures() {
    return failures;
  }

  /** Whether it was waited for longer than the patience lasts. */
  protected final boolean isPatienceOver() {
    return waited.compareTo(patience.total()) > 0;
  }

  /** Lets the keeper hear {@code again} after the delay. */
  protected final void tryAgain(Duration delay) {
    timers.startSingleTimer(again, delay);
  }
}
