package dev.mapstorm.persistence.store;

import java.util.HashSet;
import java.util.Set;

/**
 * The incarnations that wrote a stream, in turn. Pekko's replay filter drops what a writer wrote
 * after another had taken over, so such rows would be missing after a recovery. Where writers claim
 * their stream, the store lets the newest claim write only, so epochs never go down. Not
 * thread-safe.
 */
final class WriterOrder {
  private final Set<String> former = new HashSet<>();
  private String present;
  private long epoch;

  /**
   * Takes the writer of the next row.
   *
   * @param claim the epoch under which it wrote; 0 for none
   * @throws FlawedRowException if another took over from it before
   */
  void accept(String writer, long claim) {
    if (claim < epoch) {
      throw new FlawedRowException(
          "its column adapter_manifest is %s, and entries before it were written under epoch %d"
              .formatted(claim == 0 ? "empty" : Long.toString(claim), epoch));
    }
    epoch = claim;
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
