package dev.mapstorm.load.conform;

import java.util.Optional;

/**
 * A model of an allocator that finds free areas in a bitmap, as a replay asks it. Not thread safe.
 */
interface AreaSpace {
  /** What {@link #answer} gives if the model has no room. */
  long NO_ROOM = -1;

  /**
   * Does an allocation if the model answers it as the kernel did; else nothing.
   *
   * @return whether it was done
   */
  boolean take(DmaCall alloc);

  /** Address that the model gave in the last {@link #take}, in whole pages, or {@link #NO_ROOM}. */
  long answer();

  /** Adopts what the kernel answered, whatever the model has there. */
  void adopt(DmaCall alloc);

  /**
   * Takes the page that the last {@link #answer} begins with, as the kernel passed it over.
   *
   * @return whether such a page is taken for sure
   */
  boolean passOver();

  /**
   * Takes a range that was mapped before the trace begins, and is freed in it.
   *
   * @return whether it is a range of this space
   */
  boolean occupy(DmaCall range);

  /** Gives a range back; what the model does not know is taken for free from here on. */
  void free(DmaCall free);

  /** Whether the model knows, from this trace, where the search of an allocation begins. */
  boolean knowsStart(DmaCall alloc);

  /**
   * The same as {@link #take}, after what a list leaves behind that found no room; else nothing.
   *
   * @return whether it was done
   */
  boolean takeAfterUnseenFailure(DmaCall alloc);

  /**
   * The same as {@link #take}, in another order with the segments of lists that overlap it; else
   * nothing.
   *
   * @return whether it was done
   */
  boolean takeAmongLists(DmaCall alloc);

  /**
   * Does the first part of an allocation that may be several, up to an address, if the model
   * answers it so; else nothing.
   *
   * @return what is left of it, or empty
   */
  default Optional<DmaCall> takeUpTo(DmaCall alloc, long address) {
    return Optional.empty();
  }
}
