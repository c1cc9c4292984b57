package dev.mapstorm.actors.unit.smmu;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.actors.unit.UnitKind;
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
  public String kernelName(int iommu) {
    return "arm-smmu-v3.%d.auto".formatted(iommu);
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
