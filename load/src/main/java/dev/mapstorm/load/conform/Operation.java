package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.TraceLine;
import dev.mapstorm.protocol.Granule;
import java.util.Locale;

/**
 * One act on the IOVA allocator of a domain, and the lines of the trace between which it took
 * place.
 *
 * <p>Positions are line numbers. The act came after line {@link #opens} was logged and before line
 * {@link #closes} was; nothing more is known of its instant. See {@link TraceConformance} for which
 * lines these are. Written by {@link HistoryReader}, only read from then on.
 */
final class Operation {
  /** What is done. */
  enum Kind {
    /** A range is allocated. */
    ALLOC,
    /** A range is freed, after its invalidation. */
    FREE,
    /** An unmapped range is put on the flush queue. */
    QUEUE,
    /** A flush of the whole domain is counted as started. */
    FLUSH_START,
    /** A flush is finished; if the timer ran it, all rings are then reclaimed. */
    FLUSH_END
  }

  /** Where {@link #closes} is not known: the trace ends before. */
  static final long OPEN_END = Long.MAX_VALUE;

  /** Not known. */
  static final int UNKNOWN = -1;

  final int cpu;
  final int level;
  final long pfn;
  final long pages;
  final long line;
  final long timeNs;
  Kind kind;
  long opens;
  long closes = OPEN_END;

  /** The device, empty for a flush. */
  String device = "";

  /** The domain id that its flush named. */
  int domainId = UNKNOWN;

  /** Of a flush: whether a full ring forced it, not the timer. */
  boolean forced;

  /** Of a queued range: the CPU that allocates it next. */
  int nextCpu = UNKNOWN;

  /** Its place in the {@link Schedule}. */
  int index;

  Operation(Kind kind, TraceLine line, long pfn, long pages, long opens) {
    this.kind = kind;
    this.cpu = line.cpu();
    this.level = line.level().ordinal();
    this.line = line.number();
    this.timeNs = line.timeNs();
    this.pfn = pfn;
    this.pages = pages;
    this.opens = opens;
  }

  /** First address of the range. */
  long iova() {
    return pfn << Granule.SHIFT;
  }

  @Override
  public String toString() {
    String end = closes == OPEN_END ? "the end" : Long.toString(closes);
    String range = pages == 0 ? "" : " of %d pages at 0x%x".formatted(pages, iova());
    return "%s%s on CPU %d, between lines %d and %s"
        .formatted(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '), range, cpu, opens, end);
  }
}
