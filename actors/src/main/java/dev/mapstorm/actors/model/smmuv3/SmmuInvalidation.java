package dev.mapstorm.actors.model.smmuv3;

import java.util.Arrays;

/**
 * What the SMMUv3 driver of Linux sends for a domain: {@code arm_smmu_tlb_inv_range_domain}, {@code
 * arm_smmu_atc_inv_domain}, {@code arm_smmu_tlb_inv_context} and {@code arm_smmu_cmdq_batch_add} of
 * {@code drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c}. No lock is held. TLB invalidations come
 * first and are waited for, then those of devices with ATS.
 *
 * <p>A batch has 64 commands: it is sent without a CMD_SYNC when a 65th comes. Addresses and sizes
 * in bytes, unsigned. Not thread safe.
 */
public final class SmmuInvalidation {
  /** {@code CMDQ_BATCH_ENTRIES}. */
  public static final int BATCH = 64;

  /** Order of an ATC_INV that invalidates everything ({@code ATC_INV_SIZE_ALL}). */
  public static final int ATC_ALL = 52;

  private static final int RANGE_NUM_MAX = 31;
  private static final int ATC_SHIFT = 12;

  private final SmmuRelease release;
  private final int granuleShift;
  private final boolean ranges;
  private final boolean forceSync;
  private final int id;
  private final TlbiOp byAddress;
  private final TlbiOp whole;
  private final int[] streams;
  private final int[] substreams;
  private int batched;

  /**
   * Of a domain.
   *
   * @param granuleShift base-two logarithm of the smallest page: 12, 14 or 16
   * @param stage2 whether it is one of stage 2, whose id is a VMID
   * @param e2h whether stage 1 is tagged as the host's at EL2
   * @param ranges whether the unit takes ranges ({@code ARM_SMMU_FEAT_RANGE_INV})
   * @param forceSync whether a batch ends with a CMD_SYNC after 63 ({@code
   *     ARM_SMMU_OPT_CMDQ_FORCE_SYNC}, MMU-600)
   * @param id ASID or VMID
   * @param streams of devices with ATS, in order of attachment; empty if the unit has none
   * @param substreams of each, 0 for none
   */
  public SmmuInvalidation(
      SmmuRelease release,
      int granuleShift,
      boolean stage2,
      boolean e2h,
      boolean ranges,
      boolean forceSync,
      int id,
      int[] streams,
      int[] substreams) {
    this.release = release;
    this.granuleShift = granuleShift;
    this.ranges = ranges;
    this.forceSync = forceSync;
    this.id = id;
    if (stage2) {
      byAddress = TlbiOp.TLBI_S2_IPA;
      whole = TlbiOp.TLBI_S12_VMALL;
    } else {
      byAddress = e2h ? TlbiOp.TLBI_EL2_VA : TlbiOp.TLBI_NH_VA;
      whole = e2h ? TlbiOp.TLBI_EL2_ASID : TlbiOp.TLBI_NH_ASID;
    }
    long[] order = new long[streams.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (long) streams[i] << 32 | substreams[i];
    }
    if (release == SmmuRelease.LINUX_7_2) {
      Arrays.sort(order);
    }
    this.streams = new int[order.length];
    this.substreams = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      this.streams[i] = (int) (order[i] >>> 32);
      this.substreams[i] = (int) order[i];
    }
  }

  /**
   * Invalidates a range.
   *
   * @param pageSize of its leaves, or the granule for a walk flush
   * @param leaf whether only leaves are forgotten: no table was freed
   */
  public void range(long iova, long size, long pageSize, boolean leaf, SmmuCommands sink) {
    if (release == SmmuRelease.LINUX_7_2 && tooBig(size, pageSize)) {
      wholeTlb(sink);
    } else if (size != 0) {
      if (ranges) {
        byRanges(iova, size, pageSize, leaf, sink);
      } else {
        byPages(iova, size, pageSize, leaf, sink);
      }
      submit(sink);
    }
    devices(iova, size, sink);
  }

  /** Invalidates all of the domain. */
  public void all(SmmuCommands sink) {
    wholeTlb(sink);
    devices(0, 0, sink);
  }

  private void wholeTlb(SmmuCommands sink) {
    sink.tlbiAll(whole, id);
    sink.issue(true);
  }

  /** {@code arm_smmu_inv_size_too_big}: no more commands than a table has entries. */
  private boolean tooBig(long size, long pageSize) {
    if (size == 0 || size == -1L) {
      return true;
    }
    int shift = 63 - Long.numberOfLeadingZeros(pageSize);
    return !ranges && Long.compareUnsigned(size, pageSize << shift - 3) >= 0;
  }

  private void byRanges(long iova, long size, long pageSize, boolean leaf, SmmuCommands sink) {
    int tg = (granuleShift - 10) / 2;
    long pages = size >>> granuleShift;
    int ttl = 0;
    if (leaf) {
      int pageShift = 63 - Long.numberOfLeadingZeros(pageSize);
      ttl = 4 - (pageShift - 3) / (granuleShift - 3);
    } else if ((pages & RANGE_NUM_MAX) == 1) {
      pages++;
    }
    long end = iova + size;
    for (long at = iova; Long.compareUnsigned(at, end) < 0; ) {
      int scale = Long.numberOfTrailingZeros(pages);
      long num = pages >>> scale & RANGE_NUM_MAX;
      next(sink);
      sink.tlbi(byAddress, id, at, (int) num, scale, ttl, tg, leaf);
      at += num << scale + granuleShift;
      pages -= num << scale;
    }
  }

  private void byPages(long iova, long size, long pageSize, boolean leaf, SmmuCommands sink) {
    long end = iova + size;
    for (long at = iova; Long.compareUnsigned(at, end) < 0; at += pageSize) {
      next(sink);
      sink.tlbi(byAddress, id, at, 0, 0, 0, 0, leaf);
    }
  }

  /**
   * {@code arm_smmu_atc_inv_domain}: what devices with ATS are told of a range.
   *
   * @param size 0 for all
   */
  public void devices(long iova, long size, SmmuCommands sink) {
    if (streams.length == 0) {
      return;
    }
    long first = iova >>> ATC_SHIFT;
    int order = ATC_ALL;
    long address = 0;
    if (size != 0) {
      long last = iova + size - 1 >>> ATC_SHIFT;
      order = Long.SIZE - Long.numberOfLeadingZeros(first ^ last);
      address = (first & -1L << order) << ATC_SHIFT;
    }
    for (int i = 0; i < streams.length; i++) {
      next(sink);
      sink.atcInv(streams[i], substreams[i], address, order);
    }
    submit(sink);
  }

  /** {@code arm_smmu_cmdq_batch_add}: sends a batch that is full before the next command. */
  private void next(SmmuCommands sink) {
    boolean sync = forceSync && batched == BATCH - 1;
    if (sync || batched == BATCH) {
      sink.issue(sync);
      batched = 0;
    }
    batched++;
  }

  private void submit(SmmuCommands sink) {
    sink.issue(true);
    batched = 0;
  }
}
