package dev.mapstorm.actors.model.swiotlb;

import java.util.Arrays;

/**
 * A contiguous pool of bounce slots ({@code struct io_tlb_pool}), cut into areas that each have a
 * lock. A bounce takes slots that follow each other within one group of 128 slots, so a pool can be
 * full for it with much of it free.
 *
 * <p>Not thread-safe. No allocation in an operation.
 */
public final class IoTlbPool {
  /** {@code IO_TLB_SHIFT}. */
  public static final int SLOT_SHIFT = 11;

  /** {@code IO_TLB_SIZE}: bytes of a slot. */
  public static final int SLOT_BYTES = 1 << SLOT_SHIFT;

  /** {@code IO_TLB_SEGSIZE}: slots of a group, which no bounce leaves. */
  public static final int GROUP_SLOTS = 128;

  /** Bytes of a group: the most that one bounce holds. */
  public static final long GROUP_BYTES = (long) GROUP_SLOTS << SLOT_SHIFT;

  /** {@code PAGE_SIZE}. */
  private static final int PAGE_BYTES = 4096;

  private static final int NONE = -1;

  private final int number;
  private final long start;
  private final boolean passing;
  private final int areaSlots;

  /**
   * {@code io_tlb_slot.list} of each slot: free slots from it to the end of its group, 0 if it is
   * taken. Up to 128, so unsigned.
   */
  private final byte[] list;

  /** {@code io_tlb_area.index}: where the next search of an area starts, from the area's start. */
  private final int[] index;

  /** {@code io_tlb_area.used}. */
  private final int[] used;

  private int checked;

  /**
   * A free pool.
   *
   * @param number of the pool: 0 is the first, others count up as they come
   * @param start physical address of its first slot, a multiple of 4 KiB
   * @param size of it
   * @param passing whether it is transient: made for one bounce and deleted with it
   */
  IoTlbPool(int number, long start, PoolSize size, boolean passing) {
    this(number, start, size.slots(), size.areas(), passing);
  }

  IoTlbPool(int number, long start, int slots, int areas, boolean passing) {
    if (start <= 0 || start % PAGE_BYTES != 0) {
      throw new IllegalArgumentException(
          "a pool must start at a multiple of 4096 above 0, starts at "
              + Long.toUnsignedString(start));
    }
    this.number = number;
    this.start = start;
    this.passing = passing;
    areaSlots = slots / areas;
    list = new byte[slots];
    for (int slot = 0; slot < slots; slot++) {
      list[slot] = (byte) runIfFree(slot);
    }
    index = new int[areas];
    used = new int[areas];
  }

  /** Its number: 0 is the first pool, others count up as they come. */
  public int number() {
    return number;
  }

  /** Physical address of its first slot. */
  public long start() {
    return start;
  }

  /** Its slots. */
  public int slots() {
    return list.length;
  }

  /** Its areas. */
  public int areas() {
    return used.length;
  }

  /** Whether it was made for one bounce alone. */
  public boolean isTransient() {
    return passing;
  }

  /** The area of a slot. */
  public int areaOf(int slot) {
    return slot / areaSlots;
  }

  /** The first address of a slot. */
  public long address(int slot) {
    return start + ((long) slot << SLOT_SHIFT);
  }

  /** Slots that {@code bytes} take ({@code nr_slots}). */
  static long slotsOf(long bytes) {
    return (bytes >>> SLOT_SHIFT) + ((bytes & SLOT_BYTES - 1) == 0 ? 0 : 1);
  }

  /** Slots that the last search looked at. */
  int checked() {
    return checked;
  }

  /** Whether an area has as many free slots, wherever they lie. */
  boolean hasFree(int area, long slots) {
    return slots <= areaSlots - used[area];
  }

  /**
   * {@code swiotlb_search_pool_area}: searches an area and takes what is found.
   *
   * @param device that the bounce is for
   * @param area searched
   * @param phys the buffer whose low bits are kept; 0 if there is none
   * @param bytes to take, from 1 up
   * @param allocAlignMask alignment asked for the first slot, less one; 0 if none is
   * @return the first slot, or -1
   */
  int take(SwiotlbDevice device, int area, long phys, long bytes, long allocAlignMask) {
    checked = 0;
    long slots = slotsOf(bytes);
    if (!hasFree(area, slots)) {
      return NONE;
    }
    int slot = search(device, area, phys, bytes, allocAlignMask, false);
    if (slot != NONE) {
      take(area, slot, (int) slots);
    }
    return slot;
  }

  /**
   * Whether {@link #take} would find nothing in an area even if all its slots were free and it
   * searched from the start. Changes nothing.
   */
  boolean isHopeless(SwiotlbDevice device, int area, long phys, long bytes, long allocAlignMask) {
    int before = checked;
    boolean hopeless =
        slotsOf(bytes) > areaSlots
            || search(device, area, phys, bytes, allocAlignMask, true) == NONE;
    checked = before;
    return hopeless;
  }

  /** Takes slots that lie within one area, if all are free. */
  boolean adopt(int slot, int slots) {
    boolean within =
        slot >= 0
            && slots > 0
            && slot + slots <= list.length
            && areaOf(slot) == areaOf(slot + slots - 1);
    for (int i = slot; within && i < slot + slots; i++) {
      within = list[i] != 0;
    }
    if (within) {
      take(areaOf(slot), slot, slots);
    }
    return within;
  }

  /** Where the next search of each area starts, in slots from the area's first. */
  int[] searchStarts() {
    return index.clone();
  }

  /** Sets what {@link #searchStarts} answered. */
  void searchFrom(int[] starts) {
    System.arraycopy(starts, 0, index, 0, index.length);
  }

  private int search(
      SwiotlbDevice device, int area, long phys, long bytes, long asked, boolean allFree) {
    long boundary = device.segBoundaryMask();
    long base = start & boundary;
    long boundarySlots = (boundary >>> SLOT_SHIFT) + 1;
    long baseSlots = slotsOf(base);
    long slots = slotsOf(bytes);
    long align = asked;
    if (align == 0 && device.minAlignMask() == 0 && bytes >= PAGE_BYTES) {
      align = PAGE_BYTES - 1;
    }
    align |= SLOT_BYTES - 1;
    long keep = device.minAlignMask() & ~align;
    int stride = (int) Math.min((Math.max(align, keep) >>> SLOT_SHIFT) + 1, areaSlots);
    int first = area * areaSlots;
    int at = allFree ? 0 : index[area];
    for (int steps = 0; steps < areaSlots; ) {
      checked++;
      int slot = first + at;
      long address = base + ((long) slot << SLOT_SHIFT);
      int step = 1;
      if ((address & align) == 0 && (phys == 0 || (address & keep) == (phys & keep))) {
        boolean spans = (baseSlots + slot & boundarySlots - 1) + slots > boundarySlots;
        if (!spans && (allFree ? runIfFree(slot) : run(slot)) >= slots) {
          return slot;
        }
        step = stride;
      }
      at = wrapped(at + step);
      steps += step;
    }
    return NONE;
  }

  private int run(int slot) {
    return list[slot] & 0xff;
  }

  private int runIfFree(int slot) {
    return Math.min(GROUP_SLOTS - slot % GROUP_SLOTS, list.length - slot);
  }

  /** {@code wrap_area_index}: behind the end is slot 0, whatever was stepped over. */
  private int wrapped(int at) {
    return at >= areaSlots ? 0 : at;
  }

  private void take(int area, int slot, int slots) {
    Arrays.fill(list, slot, slot + slots, (byte) 0);
    countRunsBefore(slot, 0);
    index[area] = wrapped(slot + slots - area * areaSlots);
    used[area] += slots;
  }

  /** {@code swiotlb_release_slots}. */
  void release(int slot, int slots) {
    int end = slot + slots;
    int groupEnd = (slot / GROUP_SLOTS + 1) * GROUP_SLOTS;
    // Linux reads one counter past the array if the pool ends inside a group; here that is 0.
    int count = end < groupEnd && end < list.length ? run(end) : 0;
    for (int i = end - 1; i >= slot; i--) {
      list[i] = (byte) ++count;
    }
    countRunsBefore(slot, count);
    used[areaOf(slot)] -= slots;
  }

  /**
   * Counts the free slots in front of {@code slot} in its group anew, {@code count} behind them.
   */
  private void countRunsBefore(int slot, int count) {
    int behind = count;
    for (int i = slot - 1; i >= 0 && i % GROUP_SLOTS != GROUP_SLOTS - 1 && list[i] != 0; i--) {
      list[i] = (byte) ++behind;
    }
  }
}
