package dev.mapstorm.actors.model.smmuv3;

/**
 * The two doublewords of an SMMUv3 command as {@code arm_smmu_cmdq_build_cmd} makes them. Set, then
 * read; reusable, not thread safe.
 */
public final class SmmuCommand {
  private static final int ATC_INV = 0x40;
  private static final int NUM_SHIFT = 12;
  private static final int SCALE_SHIFT = 20;
  private static final int VMID_SHIFT = 32;
  private static final int ASID_SHIFT = 48;
  private static final int TTL_SHIFT = 8;
  private static final int TG_SHIFT = 10;
  private static final int SUBSTREAM_SHIFT = 12;
  private static final int STREAM_SHIFT = 32;
  private static final int SUBSTREAM_VALID = 1 << 11;
  private static final long ADDRESS = -1L << 12;
  private static final long STAGE2_ADDRESS = (1L << 52) - 1 & ADDRESS;

  private long first;
  private long second;

  /** Becomes a TLB invalidation by address; arguments as in {@link SmmuCommands#tlbi}. */
  public void tlbi(
      TlbiOp op, int id, long address, int num, int scale, int ttl, int tg, boolean leaf) {
    tlbiAll(op, id);
    first |= (long) Math.max(0, num - 1) << NUM_SHIFT | (long) scale << SCALE_SHIFT;
    second =
        address & (op.stage2() ? STAGE2_ADDRESS : ADDRESS)
            | (long) tg << TG_SHIFT
            | (long) ttl << TTL_SHIFT
            | (leaf ? 1 : 0);
  }

  /** Becomes a TLB invalidation of a whole ASID or VMID. */
  public void tlbiAll(TlbiOp op, int id) {
    first = op.opcode() | (long) id << (op.stage2() ? VMID_SHIFT : ASID_SHIFT);
    second = 0;
  }

  /** Becomes an ATC_INV; arguments as in {@link SmmuCommands#atcInv}. */
  public void atcInv(int stream, int substream, long address, int order) {
    first =
        ATC_INV
            | (substream != 0 ? SUBSTREAM_VALID : 0)
            | (long) substream << SUBSTREAM_SHIFT
            | (long) stream << STREAM_SHIFT;
    second = address & ADDRESS | order;
  }

  /** First doubleword. */
  public long first() {
    return first;
  }

  /** Second doubleword. */
  public long second() {
    return second;
  }
}
