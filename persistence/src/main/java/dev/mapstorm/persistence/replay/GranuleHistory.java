package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.text.Units;

/** What is known of one granule of one domain while its life is told. */
final class GranuleHistory {
  /** Where the granule is in its life. */
  enum Stage {
    UNKNOWN,
    ALLOCATED,
    MAPPED,
    CLEARED,
    QUEUED,
    FREE
  }

  Stage stage = Stage.UNKNOWN;
  long first;
  long pages;
  int client = -1;
  long op = -1;
  long mapping = -1;
  private long clearedAt;
  private long clearedEvent;
  long freedAt;
  private long freedEvent;

  /** Whether translations of the granule may be cached although its entry is gone. */
  boolean stale() {
    return stage == Stage.CLEARED || stage == Stage.QUEUED;
  }

  void allocated(long pfn, long count, int by) {
    stage = Stage.ALLOCATED;
    first = pfn;
    pages = count;
    client = by;
    op = -1;
    mapping = -1;
  }

  void mapped(int by, long forOp, long number) {
    stage = Stage.MAPPED;
    client = by;
    op = forOp;
    mapping = number;
  }

  void cleared(long t, long event) {
    stage = Stage.CLEARED;
    clearedAt = t;
    clearedEvent = event;
  }

  void free(long t, long event) {
    stage = Stage.FREE;
    freedAt = t;
    freedEvent = event;
  }

  /** Who held the granule last. */
  String holder() {
    return op < 0 ? "client " + client : "client " + client + " request " + op;
  }

  /** What an access of a device at {@code t} means that found no entry. */
  String verdict(long t) {
    return switch (stage) {
      case UNKNOWN -> "never allocated in this stream";
      case ALLOCATED -> "allocated, not mapped";
      case MAPPED -> "its range is mapped by " + holder();
      case CLEARED, QUEUED ->
          "use after unmap: %s unmapped it %s before (event %d)"
              .formatted(holder(), Units.time(t - clearedAt), clearedEvent);
      case FREE ->
          "use after free: last held by %s, freed %s before (event %d)"
              .formatted(holder(), Units.time(t - freedAt), freedEvent);
    };
  }
}
