package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import dev.mapstorm.load.trace.ExecutionLevel;
import dev.mapstorm.load.trace.LiveMaps;
import dev.mapstorm.load.trace.PieceJoin;
import dev.mapstorm.load.trace.PolicyEvidence;
import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.load.trace.TraceEvent.CacheTagFlushAll;
import dev.mapstorm.load.trace.TraceEvent.CacheTagFlushRange;
import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.load.trace.TraceEvent.IommuUnmap;
import dev.mapstorm.load.trace.TraceEvent.QiSubmit;
import dev.mapstorm.load.trace.TraceLine;
import dev.mapstorm.load.trace.TracePolicy;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns the lines of a trace into the operations on its IOVA allocators, each with the lines it
 * lies between. The rules for these are in {@link TraceConformance}. Not thread safe.
 *
 * <p>Three forms are read. With {@code iommu:map}, each run of page-table writes is an allocation,
 * whether a {@code dma:*} event names it or none does (two-step calls, the doorbell page of an
 * SMMU, kernels before 6.12). Without, as in 7.0 or where only {@code dma:*} or the events of Linux
 * 5.10's VT-d driver were on, the addresses of the calls are taken. The same holds for unmaps.
 */
final class HistoryReader {
  /** Lines that are looked at before it is settled whether the trace has a flags column. */
  private static final int LOOK_AHEAD = 4000;

  /** An unmap that no line closes has put its range away within this. */
  private static final long ACT_NS = 50_000;

  private static final int GLOBAL = 1;
  private static final int PAGE_SELECTIVE = 3;

  /** A task or interrupt, and what it is about. */
  private static final class Context {
    /** The device that {@code dma_unmap_sg} or {@code dma_free} named for the next unmap. */
    String named = "";

    /** The allocation whose pieces are being written, or null. */
    Mapping mapping;

    boolean hasMapped;

    /** The last unmap, or null. */
    Operation unmap;

    /** The first granule of what the last line of an unmapping call named. */
    long calledUnmap = Operation.UNKNOWN;

    /** The flush whose descriptor is awaited, or null. */
    Operation flush;

    /** The last flush, and the unit that it was of. */
    Operation lastFlush;

    String lastUnit = "";
    long lastLine;
  }

  /** An allocation and the pieces that were written for it. */
  private static final class Mapping {
    final Operation alloc;
    final List<long[]> pieces;
    final List<long[]> unmapped = new ArrayList<>(0);

    /** Whether the context mapped nothing before it. */
    final boolean first;

    Mapping(Operation alloc, List<long[]> pieces, boolean first) {
      this.alloc = alloc;
      this.pieces = pieces;
      this.first = first;
    }
  }

  /** What a CPU logged last, and what waits for its next line. */
  private static final class Cpu {
    final CpuLines lines = new CpuLines();
    final List<Operation> waiting = new ArrayList<>();
  }

  private final Map<Integer, Cpu> cpus = new HashMap<>();
  private final Map<Long, Context> contexts = new HashMap<>();
  private final Set<Context> mapping = new LinkedHashSet<>();
  private final TreeMap<Long, Mapping> unnamed = new TreeMap<>();
  private final ArrayDeque<Operation> recentUnmaps = new ArrayDeque<>();
  private final LiveMaps lists = new LiveMaps();
  private final List<Operation> pageTableAllocs = new ArrayList<>();
  private final List<Operation> calledAllocs = new ArrayList<>();
  private final List<Operation> pageTableUnmaps = new ArrayList<>();
  private final List<Operation> calledUnmaps = new ArrayList<>();
  private final List<Operation> flushes = new ArrayList<>();

  /** By device, the ranges that calls have unmapped and not mapped since. */
  private final Map<String, Set<Long>> unmappedOf = new HashMap<>();

  private final List<long[]> gaps = new ArrayList<>();
  private final TraceSigns signs = new TraceSigns();
  private final PolicyEvidence policy = new PolicyEvidence();
  private final InvalidationCheck invalidations = new InvalidationCheck();
  private final CallReader calls = new CallReader();
  private final BounceReader bounces = new BounceReader();
  private boolean flagged;
  private boolean cacheTags;
  private long lastLine;

  private HistoryReader() {}

  /** Reads a trace to its end; does not close it. */
  static History read(TraceReader trace) {
    HistoryReader reader = new HistoryReader();
    List<TraceLine> ahead = new ArrayList<>();
    while (ahead.size() < LOOK_AHEAD && trace.hasNext()) {
      TraceLine line = trace.next();
      reader.flagged |= line.level() != ExecutionLevel.PROCESS;
      ahead.add(line);
    }
    ahead.forEach(reader::take);
    while (trace.hasNext()) {
      reader.take(trace.next());
    }
    return reader.history(trace);
  }

  private History history(TraceReader trace) {
    mapping.forEach(context -> addUnnamed(context.mapping));
    List.copyOf(unnamed.values()).forEach(this::separateUnaligned);
    boolean written = policy.hasPageTables();
    List<Operation> allocs =
        pageTableAllocs.isEmpty() && policy.translates() ? calledAllocs : pageTableAllocs;
    List<Operation> unmaps = written || !policy.translates() ? pageTableUnmaps : calledUnmaps;
    List<Operation> operations = new ArrayList<>(allocs);
    operations.addAll(unmaps);
    operations.addAll(flushes);
    operations.sort(Comparator.comparingLong(operation -> operation.line));
    for (Operation operation : operations) {
      operation.ends = operation.ends == Operation.NO_LINE ? lastLine + 1 : operation.ends;
      operation.closes = operation.closes == Operation.NO_LINE ? operation.ends : operation.closes;
      operation.finishes =
          operation.finishes == Operation.NO_LINE ? operation.closes : operation.finishes;
    }
    return new History(
        policy.policy(),
        trace.notes(),
        signs,
        written,
        trace.notes().overwritten() > 0,
        gaps,
        operations,
        policy.policy() == TracePolicy.SWIOTLB ? bounces.calls(lastLine) : calls.calls(lastLine),
        invalidations.conformance());
  }

  private void take(TraceLine read) {
    policy.add(read.event());
    signs.add(read);
    if (read.event() instanceof TraceEvent.Lost) {
      gaps.add(new long[] {read.number(), read.cpu()});
      return;
    }
    if (!concernsDma(read.event())) {
      return;
    }
    TraceLine line = flagged ? read : atLikelyLevel(read);
    lastLine = line.number();
    Cpu cpu = cpus.computeIfAbsent(line.cpu(), key -> new Cpu());
    Context context = contexts.computeIfAbsent(PieceJoin.context(line), key -> new Context());
    endRecentUnmaps(line);
    endWaiting(cpu, line);
    cpu.lines.begin(line);
    calls.add(line, cpu.lines);
    bounces.add(line, cpu.lines);
    takeEvent(line, cpu, context);
    cpu.lines.end(line);
    context.lastLine = line.number();
  }

  private static boolean concernsDma(TraceEvent event) {
    return !(event instanceof TraceEvent.IoPageFault || event instanceof TraceEvent.DeviceGroup);
  }

  /** Without a flags column, most of what unmaps is the interrupt of a completion. */
  private static TraceLine atLikelyLevel(TraceLine line) {
    TraceEvent event = line.event();
    boolean unmaps =
        event instanceof IommuUnmap
            || event instanceof TraceEvent.DmaUnmap
            || event instanceof TraceEvent.DmaUnmapSg
            || event instanceof CacheTagFlushRange
            || event instanceof CacheTagFlushAll
            || event instanceof QiSubmit;
    return unmaps
        ? new TraceLine(
            line.number(),
            line.timeNs(),
            line.cpu(),
            line.pid(),
            line.task(),
            ExecutionLevel.HARDIRQ,
            event)
        : line;
  }

  private void endRecentUnmaps(TraceLine line) {
    while (!recentUnmaps.isEmpty()) {
      Operation first = recentUnmaps.peekFirst();
      boolean closed = first.closes != Operation.NO_LINE;
      if (!closed && line.timeNs() <= first.timeNs + ACT_NS) {
        return;
      }
      recentUnmaps.removeFirst();
      if (!closed && first.ends == Operation.NO_LINE && first.forcedFlush == null) {
        first.ends = line.number();
      }
    }
  }

  /** What waits for the next line of its own or an outer level is over. */
  private static void endWaiting(Cpu cpu, TraceLine line) {
    for (int i = cpu.waiting.size() - 1; i >= 0; i--) {
      Operation operation = cpu.waiting.get(i);
      if (line.level().ordinal() <= operation.level && !belongsTo(operation, line)) {
        operation.ends = operation.ends == Operation.NO_LINE ? line.number() : operation.ends;
        cpu.waiting.remove(i);
      }
    }
  }

  private static boolean belongsTo(Operation operation, TraceLine line) {
    TraceEvent event = line.event();
    if (operation.kind == Kind.FLUSH) {
      return event instanceof QiSubmit && operation.finishes == Operation.NO_LINE;
    }
    return line.level().ordinal() == operation.level
        && line.pid() == operation.pid
        && (event instanceof CacheTagFlushRange
            || event instanceof CacheTagFlushAll
            || event instanceof QiSubmit);
  }

  private void takeEvent(TraceLine line, Cpu cpu, Context context) {
    TraceEvent event = line.event();
    if (event instanceof IommuMap piece) {
      piece(line, cpu, context, piece);
    } else if (event instanceof TraceEvent.DmaMap map) {
      if (!map.failed()) {
        called(line, cpu, context, map.device(), map.dmaAddress(), map.size());
      }
    } else if (event instanceof TraceEvent.DmaAlloc alloc) {
      if (!alloc.failed()) {
        called(line, cpu, context, alloc.device(), alloc.dmaAddress(), alloc.size());
      }
    } else if (event instanceof TraceEvent.IntelMapSegment segment) {
      intelSegment(line, cpu, segment);
    } else if (event instanceof TraceEvent.DmaMapSg list) {
      calledList(line, cpu, context, list);
    } else if (event instanceof TraceEvent.DmaUnmapSg list) {
      context.named = list.device();
      lists
          .remove(list.device(), list.paddrs())
          .ifPresent(index -> unmapCalled(line, context, calledAllocs.get((int) index)));
    } else if (event instanceof TraceEvent.DmaFree free) {
      context.named = free.device();
      long pages = Granule.spanned(free.dmaAddress(), free.size());
      waitForNext(calledUnmap(line, context, free.device(), Granule.pfn(free.dmaAddress()), pages));
    } else if (event instanceof IommuUnmap unmap) {
      if (unmap.unmappedSize() > 0) {
        unmapping(line, cpu, context, unmap);
      }
    } else if (event instanceof TraceEvent.DmaUnmap unmap) {
      unmapped(line, cpu, context, unmap);
    } else if (event instanceof CacheTagFlushRange flush) {
      rangeFlush(line, context, flush);
    } else if (event instanceof CacheTagFlushAll flush) {
      wholeFlush(line, cpu, context, flush);
    } else if (event instanceof QiSubmit submit && submit.type().equals("iotlb_inv")) {
      submitted(line, cpu, context, submit);
    }
  }

  // Allocations.

  private void piece(TraceLine line, Cpu cpu, Context context, IommuMap piece) {
    long pfn = Granule.pfn(piece.iova());
    long pages = Granule.pages(piece.size());
    Mapping open = context.mapping;
    if (open != null && open.alloc.end() == pfn && open.alloc.pid == line.pid()) {
      open.alloc.pages += pages;
      open.pieces.add(new long[] {pfn, line.number(), cpu.lines.before(line)});
      return;
    }
    if (open != null) {
      addUnnamed(open);
    }
    Operation alloc = new Operation(Kind.ALLOC, line, pfn, pages, cpu.lines.before(line));
    alloc.closes = line.number();
    alloc.device = piece.device();
    List<long[]> pieces = new ArrayList<>(2);
    pieces.add(new long[] {pfn, line.number(), alloc.opens});
    context.mapping = new Mapping(alloc, pieces, !context.hasMapped);
    context.hasMapped = true;
    mapping.add(context);
  }

  /** No {@code dma:*} event names it. */
  private void addUnnamed(Mapping found) {
    pageTableAllocs.add(found.alloc);
    unnamed.put(found.alloc.pfn, found);
    for (long[] range : found.unmapped) {
      separateWritten(range[0], range[1]);
    }
  }

  private void called(
      TraceLine line, Cpu cpu, Context context, String device, long address, long bytes) {
    long pfn = Granule.pfn(address);
    Mapping open = context.mapping;
    if (open != null) {
      context.mapping = null;
      mapping.remove(context);
      if (open.alloc.pfn == pfn) {
        open.alloc.device = device;
        pageTableAllocs.add(open.alloc);
      } else {
        addUnnamed(open);
      }
    } else if (pageTableAllocs.isEmpty()) {
      calledAlloc(line, cpu, device, pfn, Granule.spanned(address, Math.max(bytes, 1)));
    }
  }

  private void calledAlloc(TraceLine line, Cpu cpu, String device, long pfn, long pages) {
    Operation alloc = new Operation(Kind.ALLOC, line, pfn, pages, cpu.lines.before(line));
    alloc.closes = line.number();
    alloc.device = device;
    unmappedOf.computeIfAbsent(device, key -> new HashSet<>()).remove(pfn);
    calledAllocs.add(alloc);
  }

  private void calledList(TraceLine line, Cpu cpu, Context context, TraceEvent.DmaMapSg list) {
    int last = list.dmaAddresses().length - 1;
    if (last >= 0) {
      long first = list.dmaAddresses()[0];
      long bytes = list.dmaAddresses()[last] + list.sizes()[last] - first;
      int before = calledAllocs.size();
      called(line, cpu, context, list.device(), first, bytes);
      if (calledAllocs.size() > before) {
        lists.add(list.device(), list.paddrs(), before, gaps.size());
      }
    }
  }

  private void intelSegment(TraceLine line, Cpu cpu, TraceEvent.IntelMapSegment segment) {
    long pages = Granule.spanned(segment.dmaAddress(), segment.size());
    if (segment.number() == 1 || calledAllocs.isEmpty()) {
      calledAlloc(line, cpu, segment.device(), Granule.pfn(segment.dmaAddress()), pages);
    } else {
      Operation list = calledAllocs.get(calledAllocs.size() - 1);
      for (int i = calledAllocs.size() - 2; list.pid != line.pid() && i >= 0; i--) {
        list = calledAllocs.get(i);
      }
      list.pages = Math.max(list.pages, Granule.pfn(segment.dmaAddress()) + pages - list.pfn);
    }
  }

  // Unmaps.

  private void unmapping(TraceLine line, Cpu cpu, Context context, IommuUnmap unmap) {
    long pfn = Granule.pfn(unmap.iova());
    long pages = Granule.pages(unmap.size());
    separate(pfn, pfn + pages);
    Operation queued = new Operation(Kind.QUEUE, line, pfn, pages, line.number());
    queued.device = context.named.isEmpty() ? unmap.device() : context.named;
    context.named = "";
    context.unmap = queued;
    pageTableUnmaps.add(queued);
    cpu.waiting.add(queued);
    recentUnmaps.addLast(queued);
  }

  /**
   * Two allocations of the two-step calls may touch, and then look like one; what is unmapped tells
   * where one ends. Of one that is still being written it is noted: it may be of another domain, as
   * shows when a {@code dma:*} event names it.
   */
  private void separate(long pfn, long end) {
    for (Context context : mapping) {
      Operation open = context.mapping.alloc;
      if (open.pfn <= pfn && pfn < open.end()) {
        context.mapping.unmapped.add(new long[] {pfn, end});
      }
    }
    separateWritten(pfn, end);
  }

  private void separateWritten(long pfn, long end) {
    Map.Entry<Long, Mapping> found = unnamed.floorEntry(pfn);
    if (found == null || found.getValue().alloc.end() <= pfn) {
      completeWritten(pfn, end);
      return;
    }
    Mapping whole = found.getValue();
    if (whole.alloc.pfn < pfn) {
      whole = cut(whole, pfn);
    }
    unnamed.remove(whole.alloc.pfn);
    if (whole.alloc.end() > end) {
      cut(whole, end);
    }
  }

  /**
   * Of what is never unmapped, the addresses tell where two that touch part: a range lies at a
   * multiple of its size, rounded up to a power of two. The first of a context may have begun
   * before the trace, and tells nothing.
   */
  private void separateUnaligned(Mapping found) {
    Mapping whole = found;
    long most = Long.lowestOneBit(whole.alloc.pfn);
    while (!whole.first && most > 0 && whole.alloc.pages > most) {
      Mapping rest = cut(whole, whole.alloc.pfn + most);
      if (rest == whole) {
        return;
      }
      whole = rest;
      most = Long.lowestOneBit(whole.alloc.pfn);
    }
  }

  /** What begins within a range that is unmapped at once began before the trace. */
  private void completeWritten(long pfn, long end) {
    Map.Entry<Long, Mapping> found = unnamed.ceilingEntry(pfn);
    if (found == null || found.getKey() >= end) {
      return;
    }
    Mapping tail = unnamed.remove(found.getKey());
    if (tail.alloc.end() > end) {
      cut(tail, end);
    }
    tail.alloc.pages = tail.alloc.end() - pfn;
    tail.alloc.pfn = pfn;
  }

  /** Cuts where a piece begins; returns the later part, or the whole if none begins there. */
  private Mapping cut(Mapping whole, long at) {
    List<long[]> pieces = whole.pieces;
    int piece = 1;
    while (piece < pieces.size() && pieces.get(piece)[0] != at) {
      piece++;
    }
    if (piece >= pieces.size()) {
      return whole;
    }
    Operation later = new Operation(whole.alloc, pieces.get(piece)[1], at, pieces.get(piece)[2]);
    Mapping rest = new Mapping(later, new ArrayList<>(pieces.subList(piece, pieces.size())), false);
    whole.alloc.pages = at - whole.alloc.pfn;
    pieces.subList(piece, pieces.size()).clear();
    addUnnamed(rest);
    return rest;
  }

  private void unmapped(TraceLine line, Cpu cpu, Context context, TraceEvent.DmaUnmap unmap) {
    Operation open = context.unmap;
    if (open != null
        && open.closes == Operation.NO_LINE
        && open.pfn == Granule.pfn(unmap.dmaAddress())) {
      open.device = unmap.device();
      open.closes = line.number();
    }
    context.unmap = null;
    long pages = Granule.spanned(unmap.dmaAddress(), Math.max(unmap.size(), 1));
    Operation free =
        calledUnmap(line, context, unmap.device(), Granule.pfn(unmap.dmaAddress()), pages);
    free.opens = cpu.lines.before(line);
    free.closes = line.number();
  }

  private void unmapCalled(TraceLine line, Context context, Operation alloc) {
    waitForNext(calledUnmap(line, context, alloc.device, alloc.pfn, alloc.pages));
  }

  /**
   * A list of the VT-d driver's own calls is unmapped in two lines, one after the other. Two lines
   * of different contexts are two unmaps: the range was mapped in between, and the line of the
   * first came late.
   */
  private Operation calledUnmap(
      TraceLine line, Context context, String device, long pfn, long pages) {
    Operation free = new Operation(Kind.QUEUE, line, pfn, pages, line.number());
    free.device = device;
    boolean known = !unmappedOf.computeIfAbsent(device, key -> new HashSet<>()).add(pfn);
    boolean again = known && context.calledUnmap == pfn;
    context.calledUnmap = pfn;
    if (!again && pageTableUnmaps.isEmpty()) {
      calledUnmaps.add(free);
    }
    return free;
  }

  private void waitForNext(Operation operation) {
    cpus.get(operation.cpu).waiting.add(operation);
    recentUnmaps.addLast(operation);
  }

  // Flushes.

  private void rangeFlush(TraceLine line, Context context, CacheTagFlushRange flush) {
    cacheTags = true;
    invalidations.rangeFlush(
        line, PieceJoin.context(line), flush, Optional.ofNullable(context.unmap));
    if (context.unmap != null) {
      context.unmap.kind = Kind.FREE;
      context.unmap.opens = line.number();
      context.unmap.domainId = flush.domainId();
    }
  }

  private void wholeFlush(TraceLine line, Cpu cpu, Context context, CacheTagFlushAll flush) {
    cacheTags = true;
    invalidations.wholeFlush(PieceJoin.context(line), flush);
    if (flush.type().equals(InvalidationCheck.IOTLB)) {
      flush(line, cpu, context, flush.domainId(), flush.iommu());
    }
  }

  private Operation flush(TraceLine line, Cpu cpu, Context context, int domainId, String unit) {
    Operation last = context.lastFlush;
    if (last != null
        && last.domainId == domainId
        && !context.lastUnit.equals(unit)
        && context.lastLine == Math.max(last.line, last.finishes)) {
      // The same flush, on another unit.
      context.flush = last;
      context.lastUnit = unit;
      return last;
    }
    Operation flush = new Operation(Kind.FLUSH, line, 0, 0, cpu.lines.before(line));
    flush.closes = line.number();
    flush.domainId = domainId;
    Operation unmap = context.unmap;
    if (unmap != null && unmap.closes == Operation.NO_LINE && context.lastLine == unmap.line) {
      flush.forced = true;
      unmap.forcedFlush = flush;
    }
    cpu.waiting.add(flush);
    flushes.add(flush);
    context.flush = flush;
    context.lastFlush = flush;
    context.lastUnit = unit;
    return flush;
  }

  private void submitted(TraceLine line, Cpu cpu, Context context, QiSubmit submit) {
    long granularity = submit.qw0() >>> 4 & 3;
    boolean range = granularity == PAGE_SELECTIVE;
    if (cacheTags || granularity == GLOBAL) {
      invalidations.submitted(line, PieceJoin.context(line), submit);
    } else {
      invalidations.untagged(line, submit, Optional.ofNullable(context.unmap), range);
    }
    if (context.flush != null) {
      context.flush.finishes = line.number();
      context.flush = null;
    } else if (context.unmap != null && (context.unmap.kind == Kind.FREE || range && !cacheTags)) {
      context.unmap.kind = Kind.FREE;
      context.unmap.opens = line.number();
    } else if (!cacheTags && !range) {
      flush(line, cpu, context, (int) (submit.qw0() >>> 16 & 0xffff), submit.iommu()).finishes =
          line.number();
      context.flush = null;
    }
  }
}
