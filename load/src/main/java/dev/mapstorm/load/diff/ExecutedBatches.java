package dev.mapstorm.load.diff;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.event.StreamPosition;
import java.util.ArrayDeque;

/**
 * Batches that a host writes when it is executed, one each time that one is asked for: the host
 * runs no further than that. Encoded and sealed as a run does it. Not thread-safe.
 */
public final class ExecutedBatches implements BatchSource {
  private final BareLoop loop;
  private final HashChain chain = new HashChain();
  private final ColumnEncoder encoder = new ColumnEncoder();
  private final ArrayDeque<EventBatch> ready = new ArrayDeque<>();
  private byte[] hash;
  private long index;

  /** Executes a host from its beginning. */
  public ExecutedBatches(HostSpec spec) {
    hash = chain.origin(new StreamOpened(spec.host(), spec.seed(), "", ""));
    loop = new BareLoop(spec, this::seal);
  }

  /**
   * Executes a host from a checkpoint on.
   *
   * @param position where in the stream the checkpoint was taken
   */
  public ExecutedBatches(HostSpec spec, byte[] checkpoint, StreamPosition position) {
    hash = position.hash();
    index = position.batches();
    loop = BareLoop.from(checkpoint, spec, this::seal);
  }

  private void seal(EventWords events) {
    EventBatch batch = chain.seal(hash, index++, events, encoder.encode(events));
    hash = batch.hash();
    ready.add(batch);
  }

  @Override
  public EventBatch next() {
    boolean runs = true;
    while (runs && ready.isEmpty()) {
      runs = loop.step();
    }
    return ready.poll();
  }

  /** The instant that the host has reached, in nanoseconds. */
  public long now() {
    return loop.now();
  }

  @Override
  public void close() {
    // The host is forgotten.
    ready.clear();
  }
}
