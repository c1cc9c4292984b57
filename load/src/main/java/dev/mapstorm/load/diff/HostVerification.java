package dev.mapstorm.load.diff;

import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.event.StreamPosition;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Executes one host of a run again and holds every batch against the journal. Not thread-safe; once
 * only.
 */
public final class HostVerification {
  private final RecordedRun run;
  private final HostSpec spec;
  private final int context;

  /**
   * What was found.
   *
   * @param host its number
   * @param verified whether the journal holds what the execution gives, as far as it goes
   * @param complete whether the journal has the host's end; otherwise it is the beginning of a run
   * @param fromBatch first batch that was compared
   * @param batches that were compared and are equal
   * @param events in them
   * @param endNs instant up to which they reach
   * @param hash of the last of them; of the opening if there is none
   * @param problem why it is not verified where no event says so; null otherwise
   * @param divergence where journal (left) and execution (right) part; null if they do not
   */
  public record Finding(
      int host,
      boolean verified,
      boolean complete,
      long fromBatch,
      long batches,
      long events,
      long endNs,
      String hash,
      String problem,
      Divergence divergence) {}

  /**
   * A verification of one host.
   *
   * @param spec of the host as the run's scenario gives it
   * @param context events to show around a difference
   */
  public HostVerification(RecordedRun run, HostSpec spec, int context) {
    this.run = run;
    this.spec = spec;
    this.context = context;
  }

  /** A place to begin at: what was journaled before, and the machine as it was there. */
  public record Start(StreamPosition position, byte[] checkpoint) {}

  /**
   * Verifies.
   *
   * @param start where to begin; null for the beginning of the run
   * @param progress hears how many batches were compared, again and again
   * @throws dev.mapstorm.persistence.store.DamagedJournalException if the journal cannot be read
   */
  public Finding find(Start start, LongConsumer progress) {
    StreamOpened opened = run.opened(spec.host());
    if (opened.seed() != spec.seed()) {
      return wrong(
          "the scenario gives the host the seed %d, its journal was opened with %d"
              .formatted(spec.seed(), opened.seed()));
    }
    StreamPosition position = start == null ? StreamPosition.START : start.position();
    try (JournalBatches journal = new JournalBatches(run.journal(), spec.host(), position);
        ExecutedBatches executed =
            start == null
                ? new ExecutedBatches(spec)
                : new ExecutedBatches(spec, start.checkpoint(), position)) {
      CountedBatches counted = new CountedBatches(journal, progress);
      AsFarAs prefix = new AsFarAs(executed, counted);
      StreamDiff diff =
          new StreamDiff(spec.host(), counted, prefix, context, position.events(), true);
      Optional<Divergence> divergence = diff.find(events -> {});
      StreamClosed closed = journal.closed();
      String problem = divergence.isEmpty() && closed != null ? end(closed, executed) : null;
      return new Finding(
          spec.host(),
          divergence.isEmpty() && problem == null,
          closed != null,
          position.batches(),
          counted.batches(),
          diff.events() - position.events(),
          counted.last() == null ? 0 : counted.last().last(),
          HexFormat.of().formatHex(counted.last() == null ? new byte[0] : counted.last().hash()),
          problem,
          divergence.orElse(null));
    }
  }

  private Finding wrong(String problem) {
    return new Finding(spec.host(), false, false, 0, 0, 0, 0, "", problem, null);
  }

  /** Whether the execution ended as the journal's close says; null if so. */
  private static String end(StreamClosed closed, ExecutedBatches executed) {
    return closed.end() == executed.now()
        ? null
        : "the journal says that the host ended at %d ns, executed again it ends at %d ns"
            .formatted(closed.end(), executed.now());
  }

  /** The execution, up to where the journal of an interrupted run ends. */
  private record AsFarAs(ExecutedBatches executed, CountedBatches journal) implements BatchSource {
    @Override
    public EventBatch next() {
      return journal.wasInterrupted() ? null : executed.next();
    }

    @Override
    public void close() {
      executed.close();
    }
  }
}
