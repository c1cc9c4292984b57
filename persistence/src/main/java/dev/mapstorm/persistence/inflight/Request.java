package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;

/** A request that its client is not done with, from the instant at which a CPU took it up. */
public final class Request extends Numbered {
  /** Stands for a request whose first event was not seen. */
  public static final Request UNKNOWN = new Request();

  /** An instant that is not reached. */
  public static final long NEVER = Long.MIN_VALUE;

  static {
    UNKNOWN.number = -1;
    UNKNOWN.ask(Direction.BIDIRECTIONAL, MapApi.PAGE, 0, 0, 0);
  }

  private Direction direction;
  private MapApi api;
  private long bytes;
  private long requestedAt;
  private int ranges;
  private RequestStage stage;
  private long since;
  int device;
  int cpu;
  int mappings;
  long vectors;
  long listEntries;
  long mappedBytes;
  long firstPages;
  long stallNs;
  long declinedNs;
  long mapCallAt;
  long mappedAt;
  long submittedAt;
  long translatedAt;
  long completedAt;
  long unmapCallAt;
  long unmappedAt;

  Request() {}

  /** A CPU has taken it up. */
  void ask(Direction direction, MapApi api, int ranges, long bytes, long requestedAt) {
    this.ranges = ranges;
    vectors = 0;
    listEntries = 0;
    this.direction = direction;
    this.api = api;
    this.bytes = bytes;
    this.requestedAt = requestedAt;
    stage = api == MapApi.REUSED ? RequestStage.MAPPED : RequestStage.MAPPING;
    since = requestedAt;
    device = -1;
    cpu = -1;
    mappings = 0;
    mappedBytes = 0;
    firstPages = 0;
    stallNs = 0;
    declinedNs = 0;
    mapCallAt = NEVER;
    mappedAt = NEVER;
    submittedAt = NEVER;
    translatedAt = NEVER;
    completedAt = NEVER;
    unmapCallAt = NEVER;
    unmappedAt = NEVER;
  }

  /** A failed request stays one. */
  void become(RequestStage next, long t) {
    if (stage != RequestStage.FAILED && stage != next) {
      stage = next;
      since = t;
    }
  }

  /** Whether no {@code request-done} will follow, and nothing of it is mapped. */
  boolean isOver() {
    // Coherent and kept memory is mapped for no device's request, nor need what the IOMMU API maps.
    boolean mayOnlyMap = api == MapApi.COHERENT || api == MapApi.KEPT || api == MapApi.IOMMU;
    boolean neverDone = stage == RequestStage.FAILED || mayOnlyMap && submittedAt == NEVER;
    return neverDone && mappings == 0;
  }

  /** Physical ranges that it has. */
  public int ranges() {
    return ranges;
  }

  /** DMA vectors that its mappings have given it. */
  public long vectors() {
    return vectors;
  }

  /** Pages in the lists of its memory regions. */
  public long listEntries() {
    return listEntries;
  }

  /** Whether its first event was seen. */
  public boolean isKnown() {
    return owner >= 0;
  }

  /** Whose it is. */
  public int client() {
    return owner;
  }

  /** Its number. */
  public long op() {
    return number;
  }

  /** The way the data goes. */
  public Direction direction() {
    return direction;
  }

  /** The way that was asked for; {@link MapApi#IOVA} may end as {@link MapApi#PAGE}. */
  public MapApi api() {
    return api;
  }

  /** Bytes asked for. */
  public long bytes() {
    return bytes;
  }

  /** When a CPU took it up. */
  public long requestedAt() {
    return requestedAt;
  }

  /** How far it is. */
  public RequestStage stage() {
    return stage;
  }

  /** When it came there. */
  public long since() {
    return since;
  }

  /** Where it was submitted; -1 before. */
  public int device() {
    return device;
  }

  /** The CPU that made its last mapping so far; -1 before the first. */
  public int cpu() {
    return cpu;
  }

  /** Mappings that it holds. */
  public int mappings() {
    return mappings;
  }

  /** Whether all that it asked for was mapped. */
  public boolean isMapped() {
    return mappedBytes >= bytes;
  }

  /** Granules of its first mapping; 0 before. */
  public long firstPages() {
    return firstPages;
  }

  /** Stalls of its translations, in ns. */
  public long stallNs() {
    return stallNs;
  }

  /** When its first mapping call began; {@link #NEVER} before its first mapping. */
  public long mapCallAt() {
    return mapCallAt;
  }

  /** When it had its last mapping so far; {@link #NEVER} before the first. */
  public long mappedAt() {
    return mappedAt;
  }

  /** When it was submitted; {@link #NEVER} before. */
  public long submittedAt() {
    return submittedAt;
  }

  /** When the device last had translations; {@link #NEVER} before. */
  public long translatedAt() {
    return translatedAt;
  }

  /** When the device was done; {@link #NEVER} before. */
  public long completedAt() {
    return completedAt;
  }

  /** When its first unmapping call began; {@link #NEVER} before that call has returned. */
  public long unmapCallAt() {
    return unmapCallAt;
  }

  /** When the last unmapping call so far returned; {@link #NEVER} before the first. */
  public long unmappedAt() {
    return unmappedAt;
  }
}
