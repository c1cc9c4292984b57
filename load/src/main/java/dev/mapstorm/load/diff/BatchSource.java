package dev.mapstorm.load.diff;

import dev.mapstorm.protocol.event.EventBatch;

/** The batches of one host, one after the other. Not thread-safe. */
public interface BatchSource extends AutoCloseable {
  /** The next batch, or null behind the last. */
  EventBatch next();

  @Override
  void close();
}
