package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;

/** A request that its client is not done with, from the instant at which a CPU took it up. */
public final class Request {
  /** Stands for a request whose first event was not seen. */
  public static final Request UNKNOWN =
      new Request(-1, -1, Direction.BIDIRECTIONAL, MapApi.PAGE, 0, 0);

  /** An instant that is not reached. */
  public static final long NEVER = Long.MIN_VALUE;

  private final int client;
  private final long op;
  private final Direction direction;
  private final MapApi api;
  private final long bytes;
  private final long requestedAt;
  private RequestStage stage = RequestStage.MAPPING;
  private long since;
  int device = -1;
  int cpu = -1;
  int mappings;
  long mappedBytes;
  long firstPages;
  long stallNs;
  long declinedNs;
  long mapCallAt = NEVER;
  long mappedAt = NEVER;
  long submittedAt = NEVER;
  long translatedAt = NEVER;
  long completedAt = NEVER;
  long unmapCallAt = NEVER;
  long unmappedAt = NEVER;

  Request(int client, long op, Direction direction, MapApi api, long bytes, long requestedAt) {
    this.client = client;
    this.op = op;
    this.direction = direction;
    this.api = api;
    this.bytes = bytes;
    this.requestedAt = requestedAt;
    since = requestedAt;
    if (api == MapApi.REUSED) {
      stage = RequestStage.MAPPED;
    }
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
    boolean neverDone =
        stage == RequestStage.FAILED || api == MapApi.COHERENT || api == MapApi.KEPT;
    return neverDone && mappings == 0;
  }

  /** Whether its first event was seen. */
  public boolean isKnown() {
    return client >= 0;
  }

  /** Whose it is. */
  public int client() {
    return client;
  }

  /** Its number. */
  public long op() {
    return op;
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
