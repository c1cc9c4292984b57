package dev.mapstorm.persistence.store;

import java.util.HashSet;
import java.util.Set;

/**
 * The incarnations that wrote a stream, in turn. Pekko's replay filter drops what a writer wrote
 * after another had taken over, so such rows would be missing after a recovery. Not thread-safe.
 */
final class WriterOrder {
  private final Set<String> former = new HashSet<>();
  private String present;

  /**
   * Takes the writer of the next row.
   *
   * @throws FlawedRowException if another took over from it before
   */
  void accept(String writer) {
    if (writer.equals(present)) {
      return;
    }
    if (former.contains(writer)) {
      throw new FlawedRowException(
          "its column writer is '%s', from which another writer had taken over before"
              .formatted(writer));
    }
    if (present != null) {
      former.add(present);
    }
    present = writer;
  }
}
