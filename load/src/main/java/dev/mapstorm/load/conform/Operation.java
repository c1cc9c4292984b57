package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.TraceLine;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Granule;
import java.util.BitSet;
import java.util.Locale;

/**
 * One act on the IOVA allocator of a domain, and the lines of the trace between which it took
 * place.
 *
 * <p>Positions are line numbers. The act came after line {@link #opens} was logged and before line
 * {@link #closes} was; nothing more is known of its instant. See {@link TraceConformance} for which
 * lines these are. Written by {@link HistoryReader} and {@link Schedule}, only read from then on.
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
    /** The whole domain is flushed; then the rings are reclaimed. */
    FLUSH
  }

  /** Not known. */
  static final int UNKNOWN = -1;

  /** log2 of the unit that {@link #pfn} and {@link #pages} are read in. */
  static final int SHIFT = Granule.SHIFT;

  /** A line that is not known yet, or never comes. */
  static final long NO_LINE = -1;

  Kind kind;
  final int cpu;
  final int level;
  final int pid;
  final long line;
  final long timeNs;

  /** First granule and granules; 0 of a flush. */
  long pfn;

  long pages;
  long opens;
  long closes = NO_LINE;

  /** The device; empty where no line names it. */
  String device = "";

  /** The device among those of its domain. */
  int deviceNumber;

  /** The domain id that its flush named. */
  int domainId = UNKNOWN;

  /** Of a flush: whether a full ring forced it, not the timer. */
  boolean forced;

  /** Of a flush that is inferred: CPUs that free their own ring before the timer comes to it. */
  final BitSet freeThemselves = new BitSet();

  /** Of a range that is unmapped: the flush that it forced as its ring was full, else null. */
  Operation forcedFlush;

  /** Of a flush: the line after which it is finished. */
  long finishes = NO_LINE;

  /** The next line of its context: what it does is over. */
  long ends = NO_LINE;

  /** Its place in the {@link Schedule}, and the CPU among those that the schedule knows. */
  int index;

  int place;

  Operation(Kind kind, TraceLine line, long pfn, long pages, long opens) {
    this.kind = kind;
    this.cpu = line.cpu();
    this.level = line.level().ordinal();
    this.pid = line.pid();
    this.line = line.number();
    this.timeNs = line.timeNs();
    this.pfn = pfn;
    this.pages = pages;
    this.opens = opens;
  }

  /** The later part of an allocation that turned out to be two which touch. */
  Operation(Operation whole, long line, long pfn, long opens) {
    kind = Kind.ALLOC;
    cpu = whole.cpu;
    level = whole.level;
    pid = whole.pid;
    this.line = line;
    timeNs = whole.timeNs;
    this.pfn = pfn;
    pages = whole.end() - pfn;
    this.opens = opens;
    closes = line;
    device = whole.device;
  }

  private Operation(int cpu, long line, long timeNs) {
    kind = Kind.FLUSH;
    this.cpu = cpu;
    level = 1;
    pid = 0;
    this.line = line;
    this.timeNs = timeNs;
    opens = line;
    closes = line;
    finishes = line;
    ends = line + 1;
  }

  /** A flush that no line shows, at an instant before a line. */
  static Operation inferredFlush(int cpu, long line, long timeNs) {
    return new Operation(cpu, line, timeNs);
  }

  /** Counts in granules that are larger than 4 KiB. */
  void inGranules(int granuleShift) {
    long end = end();
    pfn >>>= granuleShift - SHIFT;
    pages = kind == Kind.FLUSH ? 0 : Math.max(1, (end >>> granuleShift - SHIFT) - pfn);
  }

  /** First granule behind the range. */
  long end() {
    return pfn + pages;
  }

  @Override
  public String toString() {
    String range =
        pages == 0 ? "" : " of %s at granule 0x%x".formatted(Units.things(pages, "page"), pfn);
    return "%s%s on CPU %d, between lines %d and %d"
        .formatted(kind.name().toLowerCase(Locale.ROOT), range, cpu, opens, closes);
  }
}
