package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.swiotlb.BounceBuffer;
import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.actors.model.swiotlb.Swiotlb;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.protocol.BounceResult;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** The slots of a bounce pool, as a trace shows them. */
final class BounceSpace implements AreaSpace {
  private final Swiotlb swiotlb;
  private final PoolSize size;
  private final SwiotlbDevice device;
  private final Map<Long, BounceBuffer> held = new HashMap<>();
  private final BitSet knownAreas = new BitSet();
  private long answer;

  /**
   * A free pool.
   *
   * @param start physical address, which is what devices use
   * @param minAlignMask bits of a buffer's address that its slot keeps
   */
  BounceSpace(long start, PoolSize size, long minAlignMask) {
    this.size = size;
    swiotlb = new Swiotlb(start, size, true, false);
    device = new SwiotlbDevice(minAlignMask, SwiotlbDevice.NO_BOUNDARY, -1);
  }

  private int area(DmaCall call) {
    return call.operation().cpu & size.areas() - 1;
  }

  private BounceResult map(DmaCall call, BounceBuffer into) {
    return swiotlb.map(call.operation().cpu, device, call.phys(), call.bytes(), 0, 0, into);
  }

  @Override
  public boolean take(DmaCall alloc) {
    if (alloc.kind() == DmaCall.Kind.FAILED_LIST) {
      failList(alloc);
      return true;
    }
    answer = NO_ROOM;
    int[] starts = swiotlb.searchStarts();
    BounceBuffer bounce = new BounceBuffer();
    if (!map(alloc, bounce).tookSlots()) {
      return alloc.failed();
    }
    answer = bounce.address();
    if (answer == alloc.address()) {
      hold(bounce);
      return true;
    }
    swiotlb.release(bounce);
    swiotlb.searchFrom(starts);
    return false;
  }

  private void hold(BounceBuffer bounce) {
    held.put(bounce.address(), bounce);
    knownAreas.set(bounce.area());
  }

  /** {@code dma_direct_map_sg}: takes slots up to the segment that finds none, and gives back. */
  private void failList(DmaCall last) {
    Deque<DmaCall> segments = new ArrayDeque<>();
    for (DmaCall call = last; call != null; call = call.before()) {
      segments.addFirst(call);
    }
    Deque<BounceBuffer> taken = new ArrayDeque<>();
    for (DmaCall segment : segments) {
      BounceBuffer bounce = new BounceBuffer();
      if (!map(segment, bounce).tookSlots()) {
        break;
      }
      taken.addLast(bounce);
    }
    taken.forEach(swiotlb::release);
  }

  @Override
  public long answer() {
    return answer;
  }

  @Override
  public void adopt(DmaCall alloc) {
    BounceBuffer bounce = new BounceBuffer();
    if (!alloc.failed()
        && swiotlb.adopt(device, alloc.phys(), alloc.bytes(), alloc.address(), bounce)) {
      hold(bounce);
    }
  }

  @Override
  public boolean passOver() {
    return false;
  }

  @Override
  public boolean occupy(DmaCall range) {
    int[] starts = swiotlb.searchStarts();
    BounceBuffer bounce = new BounceBuffer();
    boolean ours = swiotlb.adopt(device, range.address(), range.bytes(), range.address(), bounce);
    if (ours) {
      held.put(bounce.address(), bounce);
      swiotlb.searchFrom(starts);
    }
    return ours;
  }

  @Override
  public void free(DmaCall free) {
    BounceBuffer bounce = held.remove(free.address());
    if (bounce != null) {
      swiotlb.release(bounce);
    }
  }

  @Override
  public boolean knowsStart(DmaCall alloc) {
    return knownAreas.get(area(alloc));
  }

  @Override
  public boolean takeAfterUnseenFailure(DmaCall alloc) {
    return false;
  }

  @Override
  public boolean takeAmongLists(DmaCall alloc) {
    return false;
  }
}
