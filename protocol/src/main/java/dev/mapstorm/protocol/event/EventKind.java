package dev.mapstorm.protocol.event;

import static dev.mapstorm.protocol.event.Column.delta;
import static dev.mapstorm.protocol.event.Column.plain;
import static dev.mapstorm.protocol.event.Column.predicted;

import dev.mapstorm.protocol.event.Column.Context;
import java.util.List;

/**
 * The kinds of event, one for each method of {@link EventSink}, with the columns of its arguments
 * in order. Codes are part of the journal format: never reuse or change one.
 */
public enum EventKind {
  DMA_REQUESTED(
      1,
      "dma-requested",
      true,
      plain("client"),
      delta("op", Context.OP, 0),
      plain("direction"),
      plain("api"),
      plain("n")),
  RELEASE_REQUESTED(
      2, "release-requested", true, plain("client"), delta("op", Context.OP, 0), plain("cpu")),
  IOVA_ALLOCATED(
      10,
      "iova-allocated",
      false,
      plain("domain"),
      plain("cpu"),
      plain("client"),
      delta("pfn", Context.IOVA_OF_CLIENT, 2),
      plain("pages"),
      plain("source"),
      plain("walk")),
  IOVA_FREED(
      11,
      "iova-freed",
      false,
      plain("domain"),
      plain("cpu"),
      delta("pfn", Context.IOVA_OF_CPU, 1),
      plain("pages"),
      plain("destination")),
  IOVA_CACHES_FLUSHED(
      12, "iova-caches-flushed", false, plain("domain"), plain("cpu"), plain("ranges")),
  DEPOT_TRIMMED(13, "depot-trimmed", false, plain("domain"), plain("order"), plain("ranges")),
  PTES_MAPPED(
      20,
      "ptes-mapped",
      false,
      plain("domain"),
      plain("client"),
      delta("pfn", Context.IOVA_OF_CLIENT, 1),
      predicted("physPfn", Context.PHYS_MAPPED, 1),
      plain("pages"),
      plain("pageShift")),
  PTES_CLEARED(
      21,
      "ptes-cleared",
      false,
      plain("domain"),
      plain("client"),
      plain("cpu"),
      delta("pfn", Context.IOVA_OF_CPU, 2),
      plain("pages")),
  TABLES_CHANGED(22, "tables-changed", false, plain("domain"), delta("tables", Context.TABLES, 0)),
  MAPPED(
      30,
      "mapped",
      false,
      plain("domain"),
      plain("client"),
      delta("op", Context.OP, 1),
      delta("mapping", Context.MAPPING, 1),
      delta("pfn", Context.IOVA_OF_CLIENT, 1),
      plain("offset"),
      delta("bytes", Context.BYTES, 1),
      plain("vectors"),
      plain("callNs")),
  MAP_FAILED(
      31,
      "map-failed",
      false,
      plain("domain"),
      plain("client"),
      delta("op", Context.OP, 1),
      plain("error")),
  UNMAPPED(
      32,
      "unmapped",
      false,
      plain("domain"),
      plain("client"),
      delta("op", Context.OP, 1),
      delta("mapping", Context.MAPPING, 1),
      plain("cpu"),
      plain("callNs")),
  LOCK_WAITED(
      40,
      "lock-waited",
      false,
      plain("lock"),
      plain("instance"),
      plain("cpu"),
      plain("holder"),
      plain("waitNs")),
  LOCK_USED(
      41,
      "lock-used",
      false,
      plain("lock"),
      plain("instance"),
      plain("acquisitions"),
      plain("heldNs"),
      plain("waitedNs")),
  INVALIDATION_POSTED(
      50,
      "invalidation-posted",
      false,
      plain("iommu"),
      plain("domain"),
      plain("cpu"),
      plain("kind"),
      delta("pfn", Context.IOVA_OF_CPU, 2),
      plain("pages"),
      plain("covered")),
  INVALIDATION_COMPLETED(
      51,
      "invalidation-completed",
      false,
      plain("iommu"),
      plain("domain"),
      plain("cpu"),
      plain("latencyNs"),
      plain("dropped")),
  FLUSH_QUEUED(
      60,
      "flush-queued",
      false,
      plain("domain"),
      plain("cpu"),
      delta("pfn", Context.IOVA_OF_CPU, 1),
      plain("pages")),
  FLUSH_STARTED(61, "flush-started", false, plain("domain"), plain("cpu"), plain("reason")),
  FLUSH_FINISHED(62, "flush-finished", false, plain("domain"), plain("cpu"), plain("freed")),
  SUBMITTED(70, "submitted", false, plain("device"), plain("client"), delta("op", Context.OP, 1)),
  TRANSLATED(
      71,
      "translated",
      false,
      plain("device"),
      plain("iommu"),
      plain("client"),
      delta("op", Context.OP, 2),
      plain("pages"),
      plain("hits"),
      plain("reads"),
      plain("stallNs")),
  FAULTED(
      72,
      "faulted",
      false,
      plain("device"),
      plain("client"),
      delta("op", Context.OP, 1),
      delta("pfn", Context.IOVA_OF_CLIENT, 1),
      plain("error")),
  COMPLETED(73, "completed", false, plain("device"), plain("client"), delta("op", Context.OP, 1)),
  REQUEST_DONE(
      80,
      "request-done",
      false,
      plain("client"),
      delta("op", Context.OP, 0),
      delta("bytes", Context.BYTES, 0),
      plain("latencyNs")),
  CPU_STOLEN(81, "cpu-stolen", false, plain("cpu"), plain("ns"));

  /**
   * The columns of one element of the list at the end of {@link #DMA_REQUESTED}: granule, offset in
   * it, length.
   */
  static final List<Column> PHYR =
      List.of(
          predicted("physPfn", Context.PHYS_REQUESTED, 0),
          plain("offset"),
          delta("length", Context.LENGTH, 0));

  /** One more than the largest code. */
  public static final int CODES = 82;

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

  /** The kind with this code, or null. */
  public static EventKind of(int code) {
    return code >= 0 && code < CODES ? BY_CODE[code] : null;
  }
}
