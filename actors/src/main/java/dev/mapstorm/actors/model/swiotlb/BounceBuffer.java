package dev.mapstorm.actors.model.swiotlb;

/**
 * What a bounce, or coherent memory, has of a pool: what Linux keeps in {@code struct io_tlb_slot}
 * of its slots. Not thread-safe.
 */
public final class BounceBuffer {
  private IoTlbPool pool;
  private int slot;
  private int slots;
  private int padSlots;
  private long phys;
  private long address;
  private long room;

  /**
   * Slots were taken for it.
   *
   * @param offset bytes from the first slot, pad slots included, to the DMA address
   * @param bytes of the allocation, from its first slot on
   */
  void begin(IoTlbPool of, int first, long buffer, long offset, long bytes) {
    pool = of;
    slot = first;
    slots = (int) IoTlbPool.slotsOf(bytes);
    padSlots = (int) (offset >>> IoTlbPool.SLOT_SHIFT);
    phys = buffer;
    address = of.address(first) + offset;
    room = bytes - offset;
  }

  /** The pool that it is in. */
  public IoTlbPool pool() {
    return pool;
  }

  /** Its first slot in the pool, pad slots included. */
  public int slot() {
    return slot;
  }

  /** Its slots, pad slots included. */
  public int slots() {
    return slots;
  }

  /** Slots at its front that hold nothing, so that the DMA address has the bits that it must. */
  public int padSlots() {
    return padSlots;
  }

  /** The area whose lock guards its slots. */
  public int area() {
    return pool.areaOf(slot);
  }

  /** Physical address of the buffer that is bounced; 0 for coherent memory. */
  public long phys() {
    return phys;
  }

  /** Address of its first byte, which is what the device uses. */
  public long address() {
    return address;
  }

  /**
   * {@code swiotlb_bounce}: how much of {@code bytes} is copied, {@code distance} bytes from its
   * first. More than the allocation holds is cut ("Buffer overflow detected").
   */
  public long copied(long distance, long bytes) {
    return Math.max(0, Math.min(bytes, room - distance));
  }
}
