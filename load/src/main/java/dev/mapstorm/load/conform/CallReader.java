package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.DmaCall.Kind;
import dev.mapstorm.load.trace.LiveMaps;
import dev.mapstorm.load.trace.PieceJoin;
import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.load.trace.TraceLine;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Turns the calls of the DMA API into what they take from an {@link AreaSpace} and give back: a
 * range for each page, each coherent buffer and each vector of a list.
 *
 * <p>A range was taken between the line before of its context and its first page-table write, else
 * the line of the call. It was given back between its {@code iommu:unmap}, else the line before,
 * and the line of the call; of lists and coherent memory, whose line is logged before the act, up
 * to the next line of a call in the same context, or 50 us after.
 *
 * <p>Nothing more is read once an address shows that the allocator is another. Not thread safe.
 */
final class CallReader {
  /** Both allocators begin at the bottom; that of {@code dma-iommu} at the top of 32 bits. */
  private static final long LOW_BYTES = 1L << 31;

  /** Page-table lines of a context since its last call, by address: {@code line, line before}. */
  private static final class Context {
    final Map<Long, long[]> mapped = new HashMap<>();
    final Map<Long, Long> unmapped = new HashMap<>();
    final List<Operation> waiting = new ArrayList<>(2);

    /** The device of a list that was mapped before the trace begins, and is being unmapped. */
    String earlierList = "";

    /** What was unmapped since its line. */
    final List<TraceLine> earlierUnmaps = new ArrayList<>(0);
  }

  private final List<DmaCall> calls = new ArrayList<>();
  private final LiveMaps live = new LiveMaps();
  private final Map<Long, Context> contexts = new HashMap<>();
  private final FreeWindows windows = new FreeWindows();
  private boolean other;

  /** The calls by line; none if the allocator is another. */
  List<DmaCall> calls(long lastLine) {
    if (other) {
      return List.of();
    }
    FreeWindows.closeRest(calls, lastLine);
    return calls;
  }

  /** Takes a line; {@code cpu} tells the lines before it. */
  void add(TraceLine line, CpuLines cpu) {
    if (other) {
      return;
    }
    TraceEvent event = line.event();
    Context context = contexts.computeIfAbsent(PieceJoin.context(line), key -> new Context());
    windows.pass(line);
    if (event instanceof TraceEvent.IommuMap map) {
      context.mapped.putIfAbsent(
          Granule.pfn(map.iova()), new long[] {line.number(), cpu.before(line)});
    } else if (event instanceof TraceEvent.IommuUnmap unmap) {
      unmapped(line, context, unmap);
    } else if (isCall(event)) {
      unmapEarlierList(context, line);
      FreeWindows.close(context.waiting, line.number());
      take(line, cpu, context);
      context.mapped.clear();
      context.unmapped.clear();
    }
  }

  private static boolean isCall(TraceEvent event) {
    return event instanceof TraceEvent.DmaMap
        || event instanceof TraceEvent.DmaUnmap
        || event instanceof TraceEvent.DmaAlloc
        || event instanceof TraceEvent.DmaFree
        || event instanceof TraceEvent.DmaMapSg
        || event instanceof TraceEvent.DmaUnmapSg;
  }

  private void take(TraceLine line, CpuLines cpu, Context context) {
    TraceEvent event = line.event();
    if (event instanceof TraceEvent.DmaMap map) {
      Operation alloc = alloc(line, cpu, context, map.device(), map.dmaAddress());
      addLive(alloc, Kind.PAGE, map.dmaAddress(), map.size(), map.paddr());
    } else if (event instanceof TraceEvent.DmaAlloc alloc) {
      long address = alloc.failed() ? TraceEvent.MAPPING_ERROR : alloc.dmaAddress();
      Operation operation = alloc(line, cpu, context, alloc.device(), address);
      addLive(operation, Kind.COHERENT, address, alloc.size(), DmaCall.UNKNOWN);
    } else if (event instanceof TraceEvent.DmaMapSg list) {
      list(line, cpu, context, list);
    } else if (event instanceof TraceEvent.DmaUnmap unmap) {
      DmaCall whole =
          remove(unmap.device(), unmap.dmaAddress())
              .orElse(unknown(Kind.PAGE, unmap.dmaAddress(), unmap.size()));
      Operation free = free(line, context, unmap.device(), whole, cpu.before(line));
      free.closes = line.number();
    } else if (event instanceof TraceEvent.DmaFree free) {
      DmaCall whole =
          remove(free.device(), free.dmaAddress())
              .orElse(unknown(Kind.COHERENT, free.dmaAddress(), free.size()));
      await(context, free(line, context, free.device(), whole, line.number()));
    } else if (event instanceof TraceEvent.DmaUnmapSg list) {
      OptionalLong last = live.remove(list.device(), list.paddrs());
      DmaCall vector = last.isEmpty() ? null : calls.get((int) last.getAsLong());
      context.earlierList = last.isEmpty() ? list.device() : "";
      for (; vector != null; vector = vector.before()) {
        await(context, free(line, context, list.device(), vector, line.number()));
      }
    }
  }

  private static DmaCall unknown(Kind kind, long address, long bytes) {
    return new DmaCall(null, kind, address, bytes, DmaCall.UNKNOWN, 1, null);
  }

  private Optional<DmaCall> remove(String device, long address) {
    OptionalLong found = live.remove(device, address);
    return found.isEmpty() ? Optional.empty() : Optional.of(calls.get((int) found.getAsLong()));
  }

  private Operation alloc(
      TraceLine line, CpuLines cpu, Context context, String device, long address) {
    other |= address != TraceEvent.MAPPING_ERROR && (address < 0 || address >= LOW_BYTES);
    long[] mapped = context.mapped.get(Granule.pfn(address));
    Operation alloc = new Operation(Operation.Kind.ALLOC, line, 0, 0, cpu.before(line));
    alloc.closes = line.number();
    alloc.device = device;
    if (mapped != null) {
      alloc.opens = mapped[1];
      alloc.closes = mapped[0];
    }
    return alloc;
  }

  private void addLive(Operation alloc, Kind kind, long address, long bytes, long phys) {
    DmaCall call = add(alloc, kind, address, bytes, phys, 1, null);
    if (!call.failed()) {
      live.add(alloc.device, address, calls.size() - 1L, 0);
    }
  }

  private DmaCall add(
      Operation operation,
      Kind kind,
      long address,
      long bytes,
      long phys,
      int segments,
      DmaCall before) {
    long most = Math.max(bytes, 1);
    operation.pfn = Granule.pfn(address);
    operation.pages = address == TraceEvent.MAPPING_ERROR ? 0 : Granule.spanned(address, most);
    DmaCall call = new DmaCall(operation, kind, address, most, phys, segments, before);
    calls.add(call);
    return call;
  }

  private void list(TraceLine line, CpuLines cpu, Context context, TraceEvent.DmaMapSg list) {
    int vectors = list.dmaAddresses().length;
    boolean single = list.inputs() == list.outputs();
    DmaCall before = null;
    for (int i = 0; i < vectors; i++) {
      Operation alloc = alloc(line, cpu, context, list.device(), list.dmaAddresses()[i]);
      boolean known = (single || i == 0) && i < list.paddrs().length;
      before =
          add(
              alloc,
              Kind.VECTOR,
              list.dmaAddresses()[i],
              list.sizes()[i],
              known ? list.paddrs()[i] : DmaCall.UNKNOWN,
              single ? 1 : list.inputs() - list.outputs() + 1,
              before);
    }
    if (before != null) {
      live.add(list.device(), list.paddrs(), calls.size() - 1L, 0);
    }
  }

  private Operation free(
      TraceLine line, Context context, String device, DmaCall whole, long opens) {
    long from = context.unmapped.getOrDefault(Granule.pfn(whole.address()), opens);
    Operation free = new Operation(Operation.Kind.FREE, line, 0, 0, from);
    free.device = device;
    add(free, whole.kind(), whole.address(), whole.bytes(), DmaCall.UNKNOWN, 1, null);
    return free;
  }

  /** What is over at the next call of its context, or so much later. */
  private void await(Context context, Operation free) {
    context.waiting.add(free);
    windows.open(free);
  }

  private void unmapped(TraceLine line, Context context, TraceEvent.IommuUnmap unmap) {
    long pfn = Granule.pfn(unmap.iova());
    context.unmapped.put(pfn, line.number());
    if (!context.earlierList.isEmpty()) {
      context.earlierUnmaps.add(line);
    }
    for (Operation free : context.waiting) {
      if (free.pfn == pfn) {
        free.opens = line.number();
        free.closes = Operation.NO_LINE;
      }
    }
  }

  /**
   * Of a list that was mapped before the trace begins, the unmaps tell the vectors: all up to the
   * next call, but for the one that a page is unmapped with, as its line comes before that of the
   * call.
   */
  private void unmapEarlierList(Context context, TraceLine next) {
    for (TraceLine line : context.earlierUnmaps) {
      TraceEvent.IommuUnmap unmap = (TraceEvent.IommuUnmap) line.event();
      boolean ofNext =
          next.event() instanceof TraceEvent.DmaUnmap call
              && Granule.pfn(call.dmaAddress()) == Granule.pfn(unmap.iova());
      if (!ofNext) {
        DmaCall vector = unknown(Kind.VECTOR, unmap.iova(), unmap.unmappedSize());
        await(context, free(line, context, context.earlierList, vector, line.number()));
      }
    }
    context.earlierUnmaps.clear();
    context.earlierList = "";
  }
}
