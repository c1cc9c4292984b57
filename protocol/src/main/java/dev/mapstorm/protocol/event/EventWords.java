package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.event.EventKind.Code;
import java.util.Arrays;

/**
 * Events in a flat {@code long[]}: the form in which a lane appends them and in which a decoded
 * batch is read. Appending costs a few stores; everything dearer (columns, hash, disk) happens
 * elsewhere.
 *
 * <p>Layout of an event: a head word with the kind's code in the low 8 bits and the number of
 * following words above, then the instant, then the arguments in the order of {@link
 * EventKind#columns()}; {@link EventKind#DMA_REQUESTED} ends with {@code n} pairs of physical
 * address and length. Not thread-safe: one thread writes, then hands the whole on.
 */
public final class EventWords implements EventSink {
  /** Words before the arguments of an event: head and instant. */
  static final int HEAD_WORDS = 2;

  /** The most words that a buffer can hold. */
  static final int MOST_WORDS = 1 << 30;

  private long[] words;
  private int size;
  private int count;
  private int[] countOfKind = new int[EventKind.CODES];
  private int countedWords;
  private int lastHead;
  private long[] phys = new long[64];
  private int[] length = new int[64];

  /** An empty buffer that grows from {@code capacity} words. */
  public EventWords(int capacity) {
    words = new long[Math.max(capacity, 64)];
  }

  /** Events held. */
  public int count() {
    return count;
  }

  /** Events held of one kind. */
  public int count(EventKind kind) {
    return counts()[kind.code()];
  }

  /** Words used. */
  public int size() {
    return size;
  }

  /** Forgets all events and keeps the memory. */
  public void clear() {
    size = 0;
    count = 0;
    countedWords = 0;
    Arrays.fill(countOfKind, 0);
  }

  /** Appends copies of all events of {@code other}, which keeps them. */
  public void append(EventWords other) {
    reserve(size + other.size);
    System.arraycopy(other.words, 0, words, size, other.size);
    size += other.size;
    count += other.count;
  }

  /** The instant of the last event; 0 when empty. */
  public long lastInstant() {
    if (count == 0) {
      return 0;
    }
    counts();
    return words[lastHead + 1];
  }

  /** The instant of the first event; 0 when empty. */
  public long firstInstant() {
    return count == 0 ? 0 : words[1];
  }

  /** A copy of the number of events of each kind, by {@link EventKind#code()}. */
  public int[] kindCounts() {
    return counts().clone();
  }

  /**
   * The number of events of each kind, by code, for the codec. Counted when asked, since the lane
   * that appends has no time for it.
   */
  int[] counts() {
    for (int p = countedWords; p < size; p += 1 + following(words[p])) {
      countOfKind[code(words[p])]++;
      lastHead = p;
    }
    countedWords = size;
    return countOfKind;
  }

  /** The backing array, valid up to {@link #size()}, for the codec. */
  long[] words() {
    return words;
  }

  /** Makes room for {@code size} words in all. */
  void reserve(int size) {
    if (size > words.length) {
      words = Arrays.copyOf(words, Math.max(size, words.length * 2));
    }
  }

  static int code(long head) {
    return (int) (head & 0xff);
  }

  /** Words behind the head word. */
  static int following(long head) {
    return (int) (head >>> 8);
  }

  /**
   * Appends a head, the instant and room for {@code arguments}; returns the head's index, arguments
   * start at +2.
   */
  int open(long t, int code, int arguments) {
    int p = size;
    int next = p + HEAD_WORDS + arguments;
    reserve(next);
    words[p] = code | ((long) (arguments + 1) << 8);
    words[p + 1] = t;
    size = next;
    count++;
    return p;
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    int p = open(t, Code.DMA_REQUESTED, 5 + 2 * n);
    words[p + 2] = client;
    words[p + 3] = op;
    words[p + 4] = direction;
    words[p + 5] = api;
    words[p + 6] = n;
    for (int i = 0, q = p + 7; i < n; i++, q += 2) {
      words[q] = phys[i];
      words[q + 1] = length[i];
    }
  }

  @Override
  public void releaseRequested(long t, int client, long op, int cpu) {
    int p = open(t, Code.RELEASE_REQUESTED, 3);
    words[p + 2] = client;
    words[p + 3] = op;
    words[p + 4] = cpu;
  }

  @Override
  public void requestArrived(long t, int client, long op, int cpu) {
    int p = open(t, Code.REQUEST_ARRIVED, 3);
    words[p + 2] = client;
    words[p + 3] = op;
    words[p + 4] = cpu;
  }

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    int p = open(t, Code.IOVA_ALLOCATED, 7);
    words[p + 2] = domain;
    words[p + 3] = cpu;
    words[p + 4] = client;
    words[p + 5] = pfn;
    words[p + 6] = pages;
    words[p + 7] = source;
    words[p + 8] = walk;
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    int p = open(t, Code.IOVA_FREED, 5);
    words[p + 2] = domain;
    words[p + 3] = cpu;
    words[p + 4] = pfn;
    words[p + 5] = pages;
    words[p + 6] = destination;
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {
    int p = open(t, Code.IOVA_CACHES_FLUSHED, 3);
    words[p + 2] = domain;
    words[p + 3] = cpu;
    words[p + 4] = ranges;
  }

  @Override
  public void depotTrimmed(long t, int domain, int order, long ranges) {
    int p = open(t, Code.DEPOT_TRIMMED, 3);
    words[p + 2] = domain;
    words[p + 3] = order;
    words[p + 4] = ranges;
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
    int p = open(t, Code.PTES_MAPPED, 6);
    words[p + 2] = domain;
    words[p + 3] = client;
    words[p + 4] = pfn;
    words[p + 5] = physPfn;
    words[p + 6] = pages;
    words[p + 7] = pageShift;
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    int p = open(t, Code.PTES_CLEARED, 5);
    words[p + 2] = domain;
    words[p + 3] = client;
    words[p + 4] = cpu;
    words[p + 5] = pfn;
    words[p + 6] = pages;
  }

  @Override
  public void tablesChanged(long t, int domain, long tables) {
    int p = open(t, Code.TABLES_CHANGED, 2);
    words[p + 2] = domain;
    words[p + 3] = tables;
  }

  @Override
  public void mapped(
      long t,
      int domain,
      int client,
      long op,
      int mapping,
      long pfn,
      int offset,
      long bytes,
      int vectors,
      long callNs) {
    int p = open(t, Code.MAPPED, 9);
    words[p + 2] = domain;
    words[p + 3] = client;
    words[p + 4] = op;
    words[p + 5] = mapping;
    words[p + 6] = pfn;
    words[p + 7] = offset;
    words[p + 8] = bytes;
    words[p + 9] = vectors;
    words[p + 10] = callNs;
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    int p = open(t, Code.MAP_FAILED, 4);
    words[p + 2] = domain;
    words[p + 3] = client;
    words[p + 4] = op;
    words[p + 5] = error;
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    int p = open(t, Code.UNMAPPED, 6);
    words[p + 2] = domain;
    words[p + 3] = client;
    words[p + 4] = op;
    words[p + 5] = mapping;
    words[p + 6] = cpu;
    words[p + 7] = callNs;
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    int p = open(t, Code.LOCK_WAITED, 5);
    words[p + 2] = lock;
    words[p + 3] = instance;
    words[p + 4] = cpu;
    words[p + 5] = holder;
    words[p + 6] = waitNs;
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    int p = open(t, Code.LOCK_USED, 5);
    words[p + 2] = lock;
    words[p + 3] = instance;
    words[p + 4] = acquisitions;
    words[p + 5] = heldNs;
    words[p + 6] = waitedNs;
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    int p = open(t, Code.INVALIDATION_POSTED, 7);
    words[p + 2] = iommu;
    words[p + 3] = domain;
    words[p + 4] = cpu;
    words[p + 5] = kind;
    words[p + 6] = pfn;
    words[p + 7] = pages;
    words[p + 8] = covered;
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    int p = open(t, Code.INVALIDATION_COMPLETED, 5);
    words[p + 2] = iommu;
    words[p + 3] = domain;
    words[p + 4] = cpu;
    words[p + 5] = latencyNs;
    words[p + 6] = dropped;
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    int p = open(t, Code.FLUSH_QUEUED, 4);
    words[p + 2] = domain;
    words[p + 3] = cpu;
    words[p + 4] = pfn;
    words[p + 5] = pages;
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    int p = open(t, Code.FLUSH_STARTED, 3);
    words[p + 2] = domain;
    words[p + 3] = cpu;
    words[p + 4] = reason;
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    int p = open(t, Code.FLUSH_FINISHED, 3);
    words[p + 2] = domain;
    words[p + 3] = cpu;
    words[p + 4] = freed;
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    int p = open(t, Code.SUBMITTED, 3);
    words[p + 2] = device;
    words[p + 3] = client;
    words[p + 4] = op;
  }

  @Override
  public void translated(
      long t,
      int device,
      int iommu,
      int client,
      long op,
      long pages,
      long hits,
      long reads,
      long stallNs) {
    int p = open(t, Code.TRANSLATED, 8);
    words[p + 2] = device;
    words[p + 3] = iommu;
    words[p + 4] = client;
    words[p + 5] = op;
    words[p + 6] = pages;
    words[p + 7] = hits;
    words[p + 8] = reads;
    words[p + 9] = stallNs;
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    int p = open(t, Code.FAULTED, 5);
    words[p + 2] = device;
    words[p + 3] = client;
    words[p + 4] = op;
    words[p + 5] = pfn;
    words[p + 6] = error;
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    int p = open(t, Code.COMPLETED, 3);
    words[p + 2] = device;
    words[p + 3] = client;
    words[p + 4] = op;
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    int p = open(t, Code.REQUEST_DONE, 4);
    words[p + 2] = client;
    words[p + 3] = op;
    words[p + 4] = bytes;
    words[p + 5] = latencyNs;
  }

  @Override
  public void cpuStolen(long t, int cpu, long ns) {
    int p = open(t, Code.CPU_STOLEN, 2);
    words[p + 2] = cpu;
    words[p + 3] = ns;
  }

  /** Calls {@code sink} for every event, in order. */
  public void forEach(EventSink sink) {
    for (int p = 0; p < size; p += 1 + following(words[p])) {
      dispatch(p, sink);
    }
  }

  /** Calls {@code sink} for the event whose head is word {@code p}. */
  void dispatch(int p, EventSink sink) {
    long[] w = words;
    switch (code(w[p])) {
      case Code.DMA_REQUESTED -> dispatchRequest(p, sink);
      case Code.RELEASE_REQUESTED ->
          sink.releaseRequested(w[p + 1], (int) w[p + 2], w[p + 3], (int) w[p + 4]);
      case Code.REQUEST_ARRIVED ->
          sink.requestArrived(w[p + 1], (int) w[p + 2], w[p + 3], (int) w[p + 4]);
      case Code.IOVA_ALLOCATED ->
          sink.iovaAllocated(
              w[p + 1],
              (int) w[p + 2],
              (int) w[p + 3],
              (int) w[p + 4],
              w[p + 5],
              w[p + 6],
              (int) w[p + 7],
              (int) w[p + 8]);
      case Code.IOVA_FREED ->
          sink.iovaFreed(
              w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4], w[p + 5], (int) w[p + 6]);
      case Code.IOVA_CACHES_FLUSHED ->
          sink.iovaCachesFlushed(w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4]);
      case Code.DEPOT_TRIMMED ->
          sink.depotTrimmed(w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4]);
      case Code.PTES_MAPPED ->
          sink.ptesMapped(
              w[p + 1],
              (int) w[p + 2],
              (int) w[p + 3],
              w[p + 4],
              w[p + 5],
              w[p + 6],
              (int) w[p + 7]);
      case Code.PTES_CLEARED ->
          sink.ptesCleared(
              w[p + 1], (int) w[p + 2], (int) w[p + 3], (int) w[p + 4], w[p + 5], w[p + 6]);
      case Code.TABLES_CHANGED -> sink.tablesChanged(w[p + 1], (int) w[p + 2], w[p + 3]);
      case Code.MAPPED ->
          sink.mapped(
              w[p + 1],
              (int) w[p + 2],
              (int) w[p + 3],
              w[p + 4],
              (int) w[p + 5],
              w[p + 6],
              (int) w[p + 7],
              w[p + 8],
              (int) w[p + 9],
              w[p + 10]);
      case Code.MAP_FAILED ->
          sink.mapFailed(w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4], (int) w[p + 5]);
      case Code.UNMAPPED ->
          sink.unmapped(
              w[p + 1],
              (int) w[p + 2],
              (int) w[p + 3],
              w[p + 4],
              (int) w[p + 5],
              (int) w[p + 6],
              w[p + 7]);
      case Code.LOCK_WAITED ->
          sink.lockWaited(
              w[p + 1], (int) w[p + 2], (int) w[p + 3], (int) w[p + 4], (int) w[p + 5], w[p + 6]);
      case Code.LOCK_USED ->
          sink.lockUsed(w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4], w[p + 5], w[p + 6]);
      case Code.INVALIDATION_POSTED ->
          sink.invalidationPosted(
              w[p + 1],
              (int) w[p + 2],
              (int) w[p + 3],
              (int) w[p + 4],
              (int) w[p + 5],
              w[p + 6],
              w[p + 7],
              w[p + 8]);
      case Code.INVALIDATION_COMPLETED ->
          sink.invalidationCompleted(
              w[p + 1], (int) w[p + 2], (int) w[p + 3], (int) w[p + 4], w[p + 5], (int) w[p + 6]);
      case Code.FLUSH_QUEUED ->
          sink.flushQueued(w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4], w[p + 5]);
      case Code.FLUSH_STARTED ->
          sink.flushStarted(w[p + 1], (int) w[p + 2], (int) w[p + 3], (int) w[p + 4]);
      case Code.FLUSH_FINISHED ->
          sink.flushFinished(w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4]);
      case Code.SUBMITTED -> sink.submitted(w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4]);
      case Code.TRANSLATED ->
          sink.translated(
              w[p + 1],
              (int) w[p + 2],
              (int) w[p + 3],
              (int) w[p + 4],
              w[p + 5],
              w[p + 6],
              w[p + 7],
              w[p + 8],
              w[p + 9]);
      case Code.FAULTED ->
          sink.faulted(
              w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4], w[p + 5], (int) w[p + 6]);
      case Code.COMPLETED -> sink.completed(w[p + 1], (int) w[p + 2], (int) w[p + 3], w[p + 4]);
      case Code.REQUEST_DONE ->
          sink.requestDone(w[p + 1], (int) w[p + 2], w[p + 3], w[p + 4], w[p + 5]);
      case Code.CPU_STOLEN -> sink.cpuStolen(w[p + 1], (int) w[p + 2], w[p + 3]);
      default -> throw new IllegalStateException("no event has code " + code(w[p]));
    }
  }

  private void dispatchRequest(int p, EventSink sink) {
    int n = (int) words[p + 6];
    if (n > phys.length) {
      phys = new long[n * 2];
      length = new int[n * 2];
    }
    for (int i = 0, q = p + 7; i < n; i++, q += 2) {
      phys[i] = words[q];
      length[i] = (int) words[q + 1];
    }
    sink.dmaRequested(
        words[p + 1],
        (int) words[p + 2],
        words[p + 3],
        (int) words[p + 4],
        (int) words[p + 5],
        n,
        phys,
        length);
  }
}
