package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.DmaCall.Kind;
import dev.mapstorm.load.trace.LiveMaps;
import dev.mapstorm.load.trace.PieceJoin;
import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.load.trace.TraceLine;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Turns bounces into what they take from a pool and give back: the slots of a page, or of each
 * segment of a list.
 *
 * <p>{@code swiotlb_bounced} is logged before the slots are searched, and names the buffer; the
 * line of the call, or the next bounce of its list, comes after, and the call's line names the
 * slots. What no line of a call follows is a list that found no room: up to where it failed its
 * segments took slots, and gave them back.
 *
 * <p>Slots were given back between the line before of the context and {@code dma_unmap_page}; those
 * of a list between its line and the next of the context, or 50 us later. Not thread safe.
 */
final class BounceReader {
  private static final long NOT_BOUNCED = -1;
  private static final int MOST_PENDING = 1024;

  /** What a task or interrupt is about. */
  private static final class Context {
    /** Bounces that no line of a call has claimed yet. */
    final ArrayList<TraceLine> pending = new ArrayList<>();

    final List<Operation> waiting = new ArrayList<>(2);
  }

  private final List<DmaCall> calls = new ArrayList<>();
  private final LiveMaps live = new LiveMaps();
  private final Map<Long, Context> contexts = new HashMap<>();
  private final FreeWindows windows = new FreeWindows();
  private boolean any;

  /** The calls by line; none if nothing was bounced. */
  List<DmaCall> calls(long lastLine) {
    if (!any) {
      return List.of();
    }
    contexts.values().forEach(context -> failLists(context, lastLine + 1));
    FreeWindows.closeRest(calls, lastLine);
    calls.sort(Comparator.comparingLong(call -> call.operation().line));
    return calls;
  }

  /** Takes a line; {@code cpu} tells the lines before it. */
  void add(TraceLine line, CpuLines cpu) {
    TraceEvent event = line.event();
    Context context = contexts.computeIfAbsent(PieceJoin.context(line), key -> new Context());
    windows.pass(line);
    FreeWindows.close(context.waiting, line.number());
    if (event instanceof TraceEvent.SwiotlbBounced) {
      any = true;
      if (context.pending.size() == MOST_PENDING) {
        failLists(context, line.number());
      }
      context.pending.add(line);
    } else if (event instanceof TraceEvent.DmaMap map) {
      page(line, context, map);
    } else if (event instanceof TraceEvent.DmaMapSg list) {
      list(line, context, list);
    } else if (event instanceof TraceEvent.DmaUnmap unmap) {
      unmap(line, cpu, unmap);
    } else if (event instanceof TraceEvent.DmaUnmapSg list) {
      OptionalLong last = live.remove(list.device(), list.paddrs());
      DmaCall vector = last.isEmpty() || last.getAsLong() < 0 ? null : call(last.getAsLong());
      for (; vector != null; vector = vector.before()) {
        Operation free = free(line, list.device(), vector, line.number());
        context.waiting.add(free);
        windows.open(free);
      }
    }
  }

  private DmaCall call(long id) {
    return calls.get((int) id);
  }

  private void page(TraceLine line, Context context, TraceEvent.DmaMap map) {
    TraceLine bounce = last(context, map.paddr(), map.size());
    if (bounce == null) {
      failLists(context, line.number());
      if (!map.failed()) {
        live.add(map.device(), map.dmaAddress(), NOT_BOUNCED, 0);
      }
      return;
    }
    context.pending.remove(context.pending.size() - 1);
    failLists(context, bounce.number());
    alloc(line, bounce, line.number(), Kind.PAGE, map.dmaAddress(), map.size(), map.paddr(), null);
    if (!map.failed()) {
      live.add(map.device(), map.dmaAddress(), calls.size() - 1L, 0);
    }
  }

  /** The last bounce of a context, if it is of this buffer. */
  private static TraceLine last(Context context, long phys, long bytes) {
    if (context.pending.isEmpty()) {
      return null;
    }
    TraceLine last = context.pending.get(context.pending.size() - 1);
    TraceEvent.SwiotlbBounced bounced = (TraceEvent.SwiotlbBounced) last.event();
    return bounced.paddr() == phys && bounced.size() == bytes ? last : null;
  }

  private void list(TraceLine line, Context context, TraceEvent.DmaMapSg list) {
    int count = Math.min(list.dmaAddresses().length, list.paddrs().length);
    TraceLine[] bounces = new TraceLine[count];
    for (int i = count - 1; i >= 0; i--) {
      bounces[i] = last(context, list.paddrs()[i], list.sizes()[i]);
      if (bounces[i] != null) {
        context.pending.remove(context.pending.size() - 1);
      }
    }
    failLists(context, line.number());
    DmaCall before = null;
    for (int i = 0; i < count; i++) {
      if (bounces[i] != null) {
        long closes = line.number();
        for (int next = count - 1; next > i; next--) {
          closes = bounces[next] == null ? closes : bounces[next].number();
        }
        before =
            alloc(
                line,
                bounces[i],
                closes,
                Kind.VECTOR,
                list.dmaAddresses()[i],
                list.sizes()[i],
                list.paddrs()[i],
                before);
      }
    }
    live.add(list.device(), list.paddrs(), before == null ? NOT_BOUNCED : calls.size() - 1L, 0);
  }

  private DmaCall alloc(
      TraceLine line,
      TraceLine bounce,
      long closes,
      Kind kind,
      long address,
      long bytes,
      long phys,
      DmaCall before) {
    Operation operation = new Operation(Operation.Kind.ALLOC, line, 0, 0, bounce.number());
    operation.closes = closes;
    operation.device = ((TraceEvent.SwiotlbBounced) bounce.event()).device();
    return add(operation, kind, address, bytes, phys, before);
  }

  private DmaCall add(
      Operation operation, Kind kind, long address, long bytes, long phys, DmaCall before) {
    operation.pfn = Granule.pfn(address);
    operation.pages =
        address == TraceEvent.MAPPING_ERROR ? 0 : Granule.spanned(address, Math.max(bytes, 1));
    DmaCall call = new DmaCall(operation, kind, address, Math.max(bytes, 1), phys, 1, before);
    calls.add(call);
    return call;
  }

  /** What is pending found no room: lists, each with no buffer twice. */
  private void failLists(Context context, long closes) {
    Set<Long> buffers = new HashSet<>();
    DmaCall before = null;
    for (TraceLine line : context.pending) {
      TraceEvent.SwiotlbBounced bounced = (TraceEvent.SwiotlbBounced) line.event();
      if (!buffers.add(bounced.paddr())) {
        addFailed(before, line.number());
        before = null;
        buffers.clear();
        buffers.add(bounced.paddr());
      }
      Operation operation = new Operation(Operation.Kind.ALLOC, line, 0, 0, line.number());
      operation.device = bounced.device();
      before =
          new DmaCall(
              operation,
              Kind.FAILED_LIST,
              TraceEvent.MAPPING_ERROR,
              Math.max(bounced.size(), 1),
              bounced.paddr(),
              1,
              before);
    }
    if (before != null) {
      addFailed(before, closes);
    }
    context.pending.clear();
  }

  private void addFailed(DmaCall last, long closes) {
    last.operation().closes = closes;
    calls.add(last);
  }

  private void unmap(TraceLine line, CpuLines cpu, TraceEvent.DmaUnmap unmap) {
    OptionalLong id = live.remove(unmap.device(), unmap.dmaAddress());
    if (id.isPresent() && id.getAsLong() < 0) {
      return;
    }
    DmaCall whole =
        id.isPresent()
            ? call(id.getAsLong())
            : new DmaCall(
                null, Kind.PAGE, unmap.dmaAddress(), unmap.size(), DmaCall.UNKNOWN, 1, null);
    free(line, unmap.device(), whole, cpu.before(line)).closes = line.number();
  }

  private Operation free(TraceLine line, String device, DmaCall whole, long opens) {
    Operation free = new Operation(Operation.Kind.FREE, line, 0, 0, opens);
    free.device = device;
    add(free, whole.kind(), whole.address(), whole.bytes(), DmaCall.UNKNOWN, null);
    return free;
  }
}
