package dev.mapstorm.actors.unit.smmu;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.DmaFault;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.actors.unit.UnitKind;
import dev.mapstorm.protocol.InvalidationTimeout;
import java.util.ArrayList;
import java.util.List;

/** Arm SMMUv3. */
public final class SmmuKind implements UnitKind<SmmuSpec> {
  private static final long IOTLB_ENTRY = 37;

  /** Who issued a command and which it is, and two bits. */
  private static final long QUEUE_ENTRY = 9;

  @Override
  public String label() {
    return "smmuv3";
  }

  @Override
  public Class<SmmuSpec> spec() {
    return SmmuSpec.class;
  }

  @Override
  public DriverRules tableRules() {
    return DriverRules.LPAE;
  }

  @Override
  public boolean ats() {
    return true;
  }

  @Override
  public String kernelName(int iommu) {
    return "arm-smmu-v3.%d.auto".formatted(iommu);
  }

  /**
   * {@code arm_smmu_dump_event} (drivers/iommu/arm/arm-smmu-v3): the record as four words, as
   * before Linux 6.15. {@code F_TRANSLATION} is 0x10, {@code F_PERMISSION} 0x13; of the second word
   * bit 35 is RnW, bits 40 and 41 are the class, 2 for the input address.
   */
  @Override
  public List<String> faultLog(DmaFault fault) {
    String unit = "arm-smmu-v3 " + kernelName(fault.iommu()) + ": ";
    int event = fault.present() ? 0x13 : 0x10;
    long[] words = {
      (long) fault.requester() << 32 | event,
      2L << 40 | (fault.write() ? 0 : 1L << 35),
      fault.iova(),
      0
    };
    List<String> lines = new ArrayList<>();
    lines.add(unit + "event 0x%02x received:".formatted(event));
    for (long word : words) {
      lines.add(unit + "\t0x%016x".formatted(word));
    }
    return lines;
  }

  /** {@code arm_smmu_cmdq_issue_cmdlist} and {@code __arm_smmu_cmdq_skip_err}. */
  @Override
  public List<String> timeoutLog(int iommu, String bdf, InvalidationTimeout timeout) {
    String unit = "arm-smmu-v3 " + kernelName(iommu) + ": ";
    return List.of(
        unit
            + (timeout == InvalidationTimeout.CPU
                ? "CMD_SYNC timeout at 0x%08x [hwprod 0x%08x, hwcons 0x%08x]".formatted(0, 0, 0)
                : "CMDQ error (cons 0x%08x): ATC invalidate timeout".formatted(0)));
  }

  @Override
  public DomainOps.Maker ops(
      int domain, int[] units, List<? extends IommuSpec> specs, HostContext host) {
    return (waiter, format) -> new SmmuOps(domain, units, waiter, format, host);
  }

  @Override
  public Unit unit(int iommu, SmmuSpec spec, Translation[] domains, HostContext host) {
    return new SmmuUnit(iommu, spec, domains, host);
  }

  @Override
  public long bytes(SmmuSpec spec) {
    return spec.iotlbEntries() * IOTLB_ENTRY + spec.queues() * (QUEUE_ENTRY << spec.queueShift());
  }

  @Override
  public List<Class<?>> state() {
    return List.of(SmmuOps.class, SmmuUnit.class);
  }
}
