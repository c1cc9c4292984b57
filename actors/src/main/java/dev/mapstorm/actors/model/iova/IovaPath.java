package dev.mapstorm.actors.model.iova;

import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;

/** Where the last operation took a range from, or put it. */
public enum IovaPath {
  /** The loaded magazine of the CPU. */
  LOADED,
  /** The previous magazine of the CPU, which became the loaded one. */
  PREV,
  /** The depot: a full magazine was popped from it, or pushed to it. */
  DEPOT,
  /** The tree. */
  TREE,
  /** The tree, after all caches were flushed into it. */
  FLUSHED_TREE,
  /** Nowhere: the step found no range, or changed nothing. */
  NONE;

  /**
   * What the journal calls this path of an allocation.
   *
   * @throws IllegalStateException if nothing was allocated
   */
  public IovaSource source() {
    return switch (this) {
      case LOADED, PREV -> IovaSource.MAGAZINE;
      case DEPOT -> IovaSource.DEPOT;
      case TREE -> IovaSource.TREE;
      case FLUSHED_TREE -> IovaSource.FLUSHED_TREE;
      case NONE -> throw new IllegalStateException("no range was allocated");
    };
  }

  /**
   * What the journal calls this path of a free.
   *
   * @throws IllegalStateException if nothing was freed
   */
  public IovaDestination destination() {
    return switch (this) {
      case LOADED, PREV -> IovaDestination.MAGAZINE;
      case DEPOT -> IovaDestination.DEPOT;
      case TREE -> IovaDestination.TREE;
      case FLUSHED_TREE, NONE -> throw new IllegalStateException("no range was freed");
    };
  }
}
