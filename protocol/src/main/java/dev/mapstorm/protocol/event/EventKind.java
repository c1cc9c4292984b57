package dev.mapstorm.protocol.event;

import static dev.mapstorm.protocol.event.Column.delta;
import static dev.mapstorm.protocol.event.Column.plain;
import static dev.mapstorm.protocol.event.Column.predicted;

import java.util.List;

/**
 * The kinds of event, one for each method of {@link EventSink}, with the columns of its arguments
 * in order. Codes are part of the journal format: never reuse or change one.
 */
public enum EventKind {
  DMA_REQUESTED(
      Code.DMA_REQUESTED,
      "dma-requested",
      true,
      plain("client"),
      delta("op", 0),
      plain("direction"),
      plain("api"),
      plain("n")),
  RELEASE_REQUESTED(
      Code.RELEASE_REQUESTED,
      "release-requested",
      true,
      plain("client"),
      delta("op", 0),
      plain("cpu")),
  REQUEST_ARRIVED(
      Code.REQUEST_ARRIVED, "request-arrived", true, plain("client"), delta("op", 0), plain("cpu")),
  IOVA_ALLOCATED(
      Code.IOVA_ALLOCATED,
      "iova-allocated",
      false,
      plain("domain"),
      plain("cpu"),
      plain("client"),
      delta("pfn", 2),
      plain("pages"),
      plain("source"),
      plain("walk")),
  IOVA_FREED(
      Code.IOVA_FREED,
      "iova-freed",
      false,
      plain("domain"),
      plain("cpu"),
      delta("pfn", 1),
      plain("pages"),
      plain("destination")),
  IOVA_CACHES_FLUSHED(
      Code.IOVA_CACHES_FLUSHED,
      "iova-caches-flushed",
      false,
      plain("domain"),
      plain("cpu"),
      plain("ranges")),
  DEPOT_TRIMMED(
      Code.DEPOT_TRIMMED, "depot-trimmed", false, plain("domain"), plain("order"), plain("ranges")),
  PTES_MAPPED(
      Code.PTES_MAPPED,
      "ptes-mapped",
      false,
      plain("domain"),
      plain("client"),
      delta("pfn", 1),
      predicted("physPfn", 1),
      plain("pages"),
      plain("pageShift")),
  PTES_CLEARED(
      Code.PTES_CLEARED,
      "ptes-cleared",
      false,
      plain("domain"),
      plain("client"),
      plain("cpu"),
      delta("pfn", 2),
      plain("pages")),
  TABLES_CHANGED(Code.TABLES_CHANGED, "tables-changed", false, plain("domain"), delta("tables", 0)),
  MAPPED(
      Code.MAPPED,
      "mapped",
      false,
      plain("domain"),
      plain("client"),
      delta("op", 1),
      delta("mapping", 1),
      delta("pfn", 1),
      plain("offset"),
      delta("bytes", 1),
      plain("vectors"),
      plain("callNs")),
  MAP_FAILED(
      Code.MAP_FAILED,
      "map-failed",
      false,
      plain("domain"),
      plain("client"),
      delta("op", 1),
      plain("error")),
  UNMAPPED(
      Code.UNMAPPED,
      "unmapped",
      false,
      plain("domain"),
      plain("client"),
      delta("op", 1),
      delta("mapping", 1),
      plain("cpu"),
      plain("callNs")),
  LOCK_WAITED(
      Code.LOCK_WAITED,
      "lock-waited",
      false,
      plain("lock"),
      plain("instance"),
      plain("cpu"),
      plain("holder"),
      plain("waitNs")),
  LOCK_USED(
      Code.LOCK_USED,
      "lock-used",
      false,
      plain("lock"),
      plain("instance"),
      plain("acquisitions"),
      plain("heldNs"),
      plain("waitedNs")),
  INVALIDATION_POSTED(
      Code.INVALIDATION_POSTED,
      "invalidation-posted",
      false,
      plain("iommu"),
      plain("domain"),
      plain("cpu"),
      plain("kind"),
      delta("pfn", 2),
      plain("pages"),
      plain("covered")),
  INVALIDATION_COMPLETED(
      Code.INVALIDATION_COMPLETED,
      "invalidation-completed",
      false,
      plain("iommu"),
      plain("domain"),
      plain("cpu"),
      plain("latencyNs"),
      plain("dropped")),
  FLUSH_QUEUED(
      Code.FLUSH_QUEUED,
      "flush-queued",
      false,
      plain("domain"),
      plain("cpu"),
      delta("pfn", 1),
      plain("pages")),
  FLUSH_STARTED(
      Code.FLUSH_STARTED, "flush-started", false, plain("domain"), plain("cpu"), plain("reason")),
  FLUSH_FINISHED(
      Code.FLUSH_FINISHED, "flush-finished", false, plain("domain"), plain("cpu"), plain("freed")),
  SUBMITTED(Code.SUBMITTED, "submitted", false, plain("device"), plain("client"), delta("op", 1)),
  TRANSLATED(
      Code.TRANSLATED,
      "translated",
      false,
      plain("device"),
      plain("iommu"),
      plain("client"),
      delta("op", 2),
      plain("pages"),
      plain("hits"),
      plain("reads"),
      plain("stallNs")),
  FAULTED(
      Code.FAULTED,
      "faulted",
      false,
      plain("device"),
      plain("client"),
      delta("op", 1),
      delta("pfn", 1),
      plain("error")),
  COMPLETED(Code.COMPLETED, "completed", false, plain("device"), plain("client"), delta("op", 1)),
  REQUEST_DONE(
      Code.REQUEST_DONE,
      "request-done",
      false,
      plain("client"),
      delta("op", 0),
      delta("bytes", 0),
      plain("latencyNs")),
  CPU_STOLEN(Code.CPU_STOLEN, "cpu-stolen", false, plain("cpu"), plain("ns"));

  /**
   * The columns of one element of the list at the end of {@link #DMA_REQUESTED}: granule, offset in
   * it, length. Their key, behind them, is the client of the request; it is not stored again.
   */
  static final List<Column> PHYR =
      List.of(predicted("physPfn", 3), plain("offset"), delta("length", 3));

  /** Index of the key of {@link #PHYR}. */
  static final int PHYR_KEY = 3;

  /** One more than the largest code. */
  public static final int CODES = Code.CPU_STOLEN + 1;

  private static final EventKind[] BY_CODE = new EventKind[CODES];

  static {
    for (EventKind kind : values()) {
      BY_CODE[kind.code] = kind;
    }
  }

  private final int code;
  private final String label;
  private final boolean request;
  private final List<Column> columns;

  EventKind(int code, String label, boolean request, Column... columns) {
    this.code = code;
    this.label = label;
    this.request = request;
    this.columns = List.of(columns);
  }

  /** Its number in the journal, below {@link #CODES}. */
  public int code() {
    return code;
  }

  /** What reports and filters call it. */
  public String label() {
    return label;
  }

  /** Whether it says what was asked for (independent of policy) rather than what came of it. */
  public boolean isRequest() {
    return request;
  }

  /** The arguments behind the instant, in order; {@link #DMA_REQUESTED} has a list behind them. */
  public List<Column> columns() {
    return columns;
  }

  /** The codes as constants, because a switch on them is much faster than one on the kinds. */
  static final class Code {
    static final int DMA_REQUESTED = 1;
    static final int RELEASE_REQUESTED = 2;
    static final int REQUEST_ARRIVED = 3;
    static final int IOVA_ALLOCATED = 10;
    static final int IOVA_FREED = 11;
    static final int IOVA_CACHES_FLUSHED = 12;
    static final int DEPOT_TRIMMED = 13;
    static final int PTES_MAPPED = 20;
    static final int PTES_CLEARED = 21;
    static final int TABLES_CHANGED = 22;
    static final int MAPPED = 30;
    static final int MAP_FAILED = 31;
    static final int UNMAPPED = 32;
    static final int LOCK_WAITED = 40;
    static final int LOCK_USED = 41;
    static final int INVALIDATION_POSTED = 50;
    static final int INVALIDATION_COMPLETED = 51;
    static final int FLUSH_QUEUED = 60;
    static final int FLUSH_STARTED = 61;
    static final int FLUSH_FINISHED = 62;
    static final int SUBMITTED = 70;
    static final int TRANSLATED = 71;
    static final int FAULTED = 72;
    static final int COMPLETED = 73;
    static final int REQUEST_DONE = 80;
    static final int CPU_STOLEN = 81;

    private Code() {}
  }

  /** The kind with this code, or null. */
  public static EventKind of(int code) {
    return code >= 0 && code < CODES ? BY_CODE[code] : null;
  }
}
