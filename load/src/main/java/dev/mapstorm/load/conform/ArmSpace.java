package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.arm32.IovaBitmaps;

/** The addresses of a device of 32-bit Arm, as a trace shows them. */
final class ArmSpace implements AreaSpace {
  private static final long IN_PAGE = IovaBitmaps.PAGE - 1;

  private final IovaBitmaps bitmaps;
  private long answer;

  /** A window of 4 GiB from 0 on, of which nothing is taken. */
  ArmSpace(int alignOrder) {
    bitmaps = new IovaBitmaps(0, IovaBitmaps.MAX_WINDOW, alignOrder);
  }

  private static long first(DmaCall call) {
    return call.address() & ~IN_PAGE;
  }

  private static long bytes(DmaCall call) {
    long inPage = (call.failed() ? Math.max(call.phys(), 0) : call.address()) & IN_PAGE;
    return inPage + call.bytes() + IN_PAGE & ~IN_PAGE;
  }

  @Override
  public boolean take(DmaCall alloc) {
    long found = bitmaps.allocate(bytes(alloc));
    answer = found == IovaBitmaps.FAILED ? NO_ROOM : found;
    boolean right = alloc.failed() ? answer == NO_ROOM : answer == first(alloc);
    if (!right && answer != NO_ROOM) {
      bitmaps.free(found, bytes(alloc));
    }
    return right;
  }

  @Override
  public long answer() {
    return answer;
  }

  @Override
  public void adopt(DmaCall alloc) {
    if (!alloc.failed()) {
      bitmaps.adopt(first(alloc), bytes(alloc));
    }
  }

  @Override
  public boolean occupy(DmaCall range) {
    bitmaps.adopt(first(range), bytes(range));
    return true;
  }

  @Override
  public boolean passOver() {
    return bitmaps.adopt(answer, IovaBitmaps.PAGE);
  }

  /**
   * {@code arm_iommu_unmap_page} takes address 0 for none, and leaves the page mapped, one that was
   * mapped before the trace begins as well.
   */
  @Override
  public void free(DmaCall free) {
    if (free.kind() == DmaCall.Kind.PAGE && first(free) == 0) {
      bitmaps.adopt(0, bytes(free));
    } else if (bitmaps.holds(first(free), bytes(free))) {
      bitmaps.free(first(free), bytes(free));
    }
  }

  @Override
  public boolean knowsStart(DmaCall alloc) {
    return true;
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
