package dev.mapstorm.actors.model.smmuv3;

/** Is told the commands of an SMMUv3 driver, in order, and where a call into the queue ends. */
public interface SmmuCommands {
  /**
   * A TLB invalidation by address.
   *
   * @param id ASID or VMID
   * @param address first address
   * @param num with ranges, how many times {@code 2^scale} granules, 1 to 31; else 0: one page
   * @param scale see {@code num}
   * @param ttl level of the leaves, 1 to 3; 0 is not known, or not told
   * @param tg with ranges, granule of 4, 16, 64 KiB: 1, 2, 3; else 0
   * @param leaf whether only leaves are forgotten
   */
  void tlbi(TlbiOp op, int id, long address, int num, int scale, int ttl, int tg, boolean leaf);

  /** A TLB invalidation of a whole ASID or VMID. */
  void tlbiAll(TlbiOp op, int id);

  /**
   * An invalidation of a device's TLB.
   *
   * @param order base-two logarithm of the pages of 4 KiB; 52 is all
   */
  void atcInv(int stream, int substream, long address, int order);

  /**
   * {@code arm_smmu_cmdq_issue_cmdlist} with all commands since the last.
   *
   * @param sync whether a CMD_SYNC follows them and is waited for
   */
  void issue(boolean sync);
}
