package dev.mapstorm.persistence.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Which checkpoints of a stream are kept, however many are taken: the newest, and of the others
 * enough to begin near any instant. They are thinned out evenly, so that the distance between two
 * grows with the run.
 */
final class CheckpointThinning {
  /** Checkpoints of a stream that are kept at most. */
  static final int KEPT = 24;

  /** Of these the newest that stay: should the last one be wrong, the one before it is near. */
  private static final int NEWEST = 3;

  private CheckpointThinning() {}

  /**
   * Those to remove: as long as there are too many, the one whose neighbours are the closest
   * together.
   *
   * @param entries after which there are checkpoints, in any order
   */
  static List<Long> goes(List<Long> entries) {
    List<Long> kept = new ArrayList<>(entries);
    Collections.sort(kept);
    List<Long> goes = new ArrayList<>();
    while (kept.size() > KEPT) {
      goes.add(kept.remove(leastMissed(kept)));
    }
    return goes;
  }

  private static int leastMissed(List<Long> kept) {
    int least = 0;
    long narrowest = Long.MAX_VALUE;
    for (int i = 0; i < kept.size() - NEWEST; i++) {
      long gap = kept.get(i + 1) - (i == 0 ? 0 : kept.get(i - 1));
      if (gap < narrowest) {
        narrowest = gap;
        least = i;
      }
    }
    return least;
  }
}
