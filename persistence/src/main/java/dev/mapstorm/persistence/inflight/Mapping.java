package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.CallKind;

/** A mapping in a client's hands. */
public final class Mapping extends Numbered {
  /** Stands for a mapping whose making was not seen. */
  public static final Mapping UNKNOWN = new Mapping();

  static {
    UNKNOWN.number = -1;
  }

  private CallKind what = CallKind.MAP_PAGE;
  private int client = -1;
  private long op = -1;
  private long pfn = -1;
  private long pages;
  private int offset;
  private long bytes;
  private int vectors;
  private long since;
  private long callNs;

  Mapping() {}

  /** A call has handed it out. */
  void hand(
      Call by, long pfn, long pages, int offset, long bytes, int vectors, long since, long callNs) {
    what = by.what();
    client = by.client();
    op = by.op();
    this.pfn = pfn;
    this.pages = pages;
    this.offset = offset;
    this.bytes = bytes;
    this.vectors = vectors;
    this.since = since;
    this.callNs = callNs;
  }

  /** Whether its beginning was seen. */
  public boolean isKnown() {
    return owner >= 0;
  }

  /** The domain that it is in. */
  public int domain() {
    return owner;
  }

  /** The call that made it. */
  public long id() {
    return number;
  }

  /** What kind of call that was. */
  public CallKind what() {
    return what;
  }

  /** Whose it is; -1 if the call was not seen. */
  public int client() {
    return client;
  }

  /** The request that it is for; -1 if the call was not seen. */
  public long op() {
    return op;
  }

  /** Granule of its first DMA vector. */
  public long pfn() {
    return pfn;
  }

  /** Granules mapped. */
  public long pages() {
    return pages;
  }

  /** Offset of the first DMA vector in its granule, in bytes. */
  public int offset() {
    return offset;
  }

  /** Sum of its DMA vectors, in bytes. */
  public long bytes() {
    return bytes;
  }

  /** Number of its DMA vectors. */
  public int vectors() {
    return vectors;
  }

  /** When the client had it. */
  public long since() {
    return since;
  }

  /** Time of the calls that led to it in nanoseconds, those that were declined included. */
  public long callNs() {
    return callNs;
  }
}
