package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.TraceEvent;

/**
 * A range that a call of the DMA API takes or gives back, as the kernel answered it.
 *
 * @param operation when it took place: an allocation, or a free of what {@code of} took
 * @param kind what was called
 * @param address first address, with the offset in its page; {@link TraceEvent#MAPPING_ERROR} of a
 *     call that failed
 * @param bytes length
 * @param phys physical address of its first byte, or {@link #UNKNOWN}
 * @param segments segments of a list that it may hold, 1 if it is surely one
 * @param before the vector of the same list before it, or null
 */
record DmaCall(
    Operation operation,
    Kind kind,
    long address,
    long bytes,
    long phys,
    int segments,
    DmaCall before) {
  /** What is called. */
  enum Kind {
    /** A page or resource. */
    PAGE,
    /** Coherent memory. */
    COHERENT,
    /** A vector of a list. */
    VECTOR,
    /** The segment of a list that found no bounce slots; those before it took some. */
    FAILED_LIST
  }

  /** A physical address that the trace does not tell. */
  static final long UNKNOWN = -1;

  /** A part of a vector that may be several segments. */
  DmaCall part(long from, long length, DmaCall partBefore) {
    return new DmaCall(
        operation, kind, from, length, from == address ? phys : UNKNOWN, segments - 1, partBefore);
  }

  /** Whether the kernel had no room. */
  boolean failed() {
    return address == TraceEvent.MAPPING_ERROR;
  }

  /** Whether it is an allocation that a line shows the answer of. */
  boolean judged() {
    return allocates() && kind != Kind.FAILED_LIST;
  }

  /** Whether it is an allocation. */
  boolean allocates() {
    return operation.kind == Operation.Kind.ALLOC;
  }
}
