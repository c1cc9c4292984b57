package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import dev.mapstorm.load.trace.LiveMaps;
import dev.mapstorm.load.trace.PieceGroup;
import dev.mapstorm.load.trace.PieceJoin;
import dev.mapstorm.load.trace.PolicyEvidence;
import dev.mapstorm.load.trace.ReadingNotes;
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
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns the lines of a trace into the operations on its IOVA allocators, each with the lines it
 * lies between. The rules for these are in {@link TraceConformance}. Not thread safe.
 */
final class HistoryReader {
  /** What {@code dma_unmap_sg} or {@code dma_free} said of the unmap that follows. */
  private record Named(String device, long pfn) {}

  /** A task or interrupt, and what it is about. */
  private static final class Context {
    final ArrayDeque<Named> named = new ArrayDeque<>();
    Optional<Operation> unmap = Optional.empty();
    Optional<Operation> flush = Optional.empty();
  }

  private final CpuLines cpuLines = new CpuLines();
  private final Map<Long, Context> contexts = new HashMap<>();
  private final PieceJoin pieces = new PieceJoin();
  private final Map<Long, Long> opensOfPiece = new HashMap<>();
  private final LiveMaps lists = new LiveMaps();
  private final PolicyEvidence policy = new PolicyEvidence();
  private final InvalidationCheck invalidations = new InvalidationCheck();
  private final List<Operation> operations = new ArrayList<>();
  private long unmatchedUnmaps;
  private long gaps;

  private HistoryReader() {}

  /** Reads a trace to its end; does not close it. */
  static History read(TraceReader trace) {
    HistoryReader reader = new HistoryReader();
    while (trace.hasNext()) {
      reader.take(trace.next());
    }
    return reader.history(trace.notes());
  }

  private History history(ReadingNotes reading) {
    TracePolicy found = policy.policy();
    if (found != TracePolicy.LAZY) {
      for (Operation operation : operations) {
        operation.kind = operation.kind == Kind.QUEUE ? Kind.FREE : operation.kind;
      }
    }
    boolean translated = found != TracePolicy.SWIOTLB && found != TracePolicy.DIRECT;
    DomainSplit split = new DomainSplit(operations);
    return new History(
        found,
        cpuLines.cpus(),
        reading,
        gaps,
        split.domains(),
        translated ? unmatchedUnmaps : 0,
        split.unassigned(),
        invalidations.conformance());
  }

  private void take(TraceLine line) {
    policy.add(line.event());
    if (line.event() instanceof TraceEvent.Lost) {
      gaps++;
      return;
    }
    cpuLines.before(line);
    takeEvent(line, line.event());
    cpuLines.after(line);
  }

  private void takeEvent(TraceLine line, TraceEvent event) {
    if (event instanceof IommuMap piece) {
      opensOfPiece.put(line.number(), cpuLines.lastOutside(line));
      pieces.add(line, piece);
    } else if (event instanceof TraceEvent.DmaMap map) {
      allocated(line, map.device(), map.dmaAddress());
    } else if (event instanceof TraceEvent.DmaAlloc alloc) {
      allocated(line, alloc.device(), alloc.dmaAddress());
    } else if (event instanceof TraceEvent.DmaMapSg list) {
      allocatedList(line, list);
    } else if (event instanceof TraceEvent.DmaUnmapSg list) {
      lists
          .remove(list.device(), list.paddrs())
          .ifPresent(pfn -> context(line).named.addLast(new Named(list.device(), pfn)));
    } else if (event instanceof TraceEvent.DmaFree free) {
      context(line).named.addLast(new Named(free.device(), Granule.pfn(free.dmaAddress())));
    } else if (event instanceof IommuUnmap unmap) {
      unmapping(line, unmap);
    } else if (event instanceof TraceEvent.DmaUnmap unmap) {
      unmapped(line, unmap);
    } else if (event instanceof CacheTagFlushRange flush) {
      rangeFlush(line, flush);
    } else if (event instanceof CacheTagFlushAll flush) {
      wholeFlush(line, flush);
    } else if (event instanceof QiSubmit submit && submit.type().equals("iotlb_inv")) {
      submitted(line, submit);
    }
  }

  private void allocatedList(TraceLine line, TraceEvent.DmaMapSg list) {
    if (list.dmaAddresses().length > 0) {
      long first = list.dmaAddresses()[0];
      lists.add(list.device(), list.paddrs(), Granule.pfn(first), gaps);
      allocated(line, list.device(), first);
    }
  }

  private void allocated(TraceLine line, String device, long dmaAddress) {
    Optional<PieceGroup> group = pieces.claim(line, dmaAddress);
    if (group.isEmpty()) {
      return;
    }
    TraceLine first = group.get().firstLine();
    long start = group.get().start();
    long pages = Granule.pfn(group.get().end() - start);
    long opens = opensOfPiece.remove(first.number());
    Operation alloc = new Operation(Kind.ALLOC, first, Granule.pfn(start), pages, opens);
    alloc.closes = first.number();
    alloc.device = device;
    operations.add(alloc);
  }

  private void unmapping(TraceLine line, IommuUnmap unmap) {
    Context context = context(line);
    long pfn = Granule.pfn(unmap.iova());
    Operation free =
        new Operation(Kind.QUEUE, line, pfn, Granule.pages(unmap.size()), line.number());
    context.unmap = Optional.of(free);
    for (Iterator<Named> named = context.named.iterator(); named.hasNext(); ) {
      Named next = named.next();
      if (next.pfn() == pfn) {
        named.remove();
        free.device = next.device();
        operations.add(free);
        cpuLines.closeAtNext(free);
        return;
      }
    }
  }

  private void unmapped(TraceLine line, TraceEvent.DmaUnmap unmap) {
    Context context = context(line);
    Optional<Operation> open =
        context.unmap.filter(
            free -> free.device.isEmpty() && free.pfn == Granule.pfn(unmap.dmaAddress()));
    context.unmap = Optional.empty();
    if (open.isEmpty()) {
      unmatchedUnmaps++;
      return;
    }
    Operation free = open.get();
    free.device = unmap.device();
    free.closes = line.number();
    operations.add(free);
  }

  private void rangeFlush(TraceLine line, CacheTagFlushRange flush) {
    Optional<Operation> unmap = context(line).unmap;
    invalidations.rangeFlush(line, PieceJoin.context(line), flush, unmap);
    if (unmap.isPresent()) {
      unmap.get().kind = Kind.FREE;
      unmap.get().opens = line.number();
      unmap.get().domainId = flush.domainId();
    }
  }

  private void wholeFlush(TraceLine line, CacheTagFlushAll flush) {
    Context context = context(line);
    Operation start = new Operation(Kind.FLUSH_START, line, 0, 0, cpuLines.lastOutside(line));
    start.closes = line.number();
    start.domainId = flush.domainId();
    start.forced = context.unmap.isPresent() && context.unmap.get().closes == Operation.OPEN_END;
    operations.add(start);
    context.flush = Optional.of(start);
    invalidations.wholeFlush(PieceJoin.context(line), flush);
  }

  private void submitted(TraceLine line, QiSubmit submit) {
    Context context = context(line);
    invalidations.submitted(line, PieceJoin.context(line), submit);
    if (context.flush.isPresent()) {
      Operation end = new Operation(Kind.FLUSH_END, line, 0, 0, line.number());
      end.domainId = context.flush.get().domainId;
      end.forced = context.flush.get().forced;
      operations.add(end);
      cpuLines.closeAtNext(end);
      context.flush = Optional.empty();
    } else if (context.unmap.isPresent() && context.unmap.get().kind == Kind.FREE) {
      context.unmap.get().opens = line.number();
    }
  }

  private Context context(TraceLine line) {
    return contexts.computeIfAbsent(PieceJoin.context(line), key -> new Context());
  }
}
