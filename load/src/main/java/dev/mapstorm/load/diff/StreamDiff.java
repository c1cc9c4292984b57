package dev.mapstorm.load.diff;

import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * Finds the first event in which two streams differ. Equal batches are passed by their hash, or by
 * their bytes where the chains began with different seeds; all else event by event, wherever the
 * batches were cut. Not thread-safe.
 */
public final class StreamDiff {
  private final StreamCursor left;
  private final StreamCursor right;
  private final int context;
  private final CommonPast past;

  /**
   * A comparison.
   *
   * @param host whose streams they are
   * @param context events to show of the common past and of each continuation, at least 1
   * @param eventsBefore events of both streams in front of the first batches
   * @param sumsOfLocks whether {@code lock-used} counts: these sums are written where batches are
   *     cut, so streams that were cut in different places differ in them and in nothing else
   */
  public StreamDiff(
      int host,
      BatchSource left,
      BatchSource right,
      int context,
      long eventsBefore,
      boolean sumsOfLocks) {
    Predicate<Event> counts = event -> sumsOfLocks || !(event instanceof Event.LockUsed);
    this.left = new StreamCursor(host, left, counts, eventsBefore);
    this.right = new StreamCursor(host, right, counts, eventsBefore);
    this.context = context;
    past = new CommonPast(host, context, counts);
  }

  /**
   * Compares up to the first difference.
   *
   * @param progress hears how many events of the left stream were equal so far
   * @return where they part; empty if they do not
   */
  public Optional<Divergence> find(LongConsumer progress) {
    while (true) {
      EventBatch a = left.batch();
      EventBatch b = right.batch();
      if (a != null && b != null && areEqual(a, b)) {
        past.add(left.number(), a);
        left.passBatch();
        right.passBatch();
        progress.accept(left.number());
        continue;
      }
      Event e = left.event();
      Event f = right.event();
      if (e == null && f == null) {
        return Optional.empty();
      }
      if (e == null || !e.equals(f)) {
        return Optional.of(new Divergence(past.events(), left.take(context), right.take(context)));
      }
      past.add(left.number(), e);
      left.passEvent();
      right.passEvent();
    }
  }

  /** Events of the left stream that were passed. */
  public long events() {
    return left.number();
  }

  private static boolean areEqual(EventBatch a, EventBatch b) {
    return Arrays.equals(a.hash(), b.hash())
        || a.count() == b.count() && Arrays.equals(a.payload(), b.payload());
  }
}
