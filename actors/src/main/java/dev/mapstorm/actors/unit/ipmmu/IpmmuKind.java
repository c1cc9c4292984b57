package dev.mapstorm.actors.unit.ipmmu;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.DmaFault;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.PolledUnit;
import dev.mapstorm.actors.unit.PollingOps;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.actors.unit.UnitKind;
import java.util.List;

/**
 * The IPMMU of Renesas R-Car (drivers/iommu/ipmmu-vmsa.c). It cannot forget a range: every {@code
 * iotlb_sync} flushes the whole context by a register and polls until that is done ({@code
 * ipmmu_tlb_invalidate}), without a lock of the driver.
 */
public final class IpmmuKind implements UnitKind<IpmmuSpec> {
  private static final long IOTLB_ENTRY = 37;

  @Override
  public String label() {
    return "ipmmu";
  }

  @Override
  public Class<IpmmuSpec> spec() {
    return IpmmuSpec.class;
  }

  @Override
  public String kernelName(int iommu) {
    return "ipmmu" + iommu;
  }

  /** {@code ipmmu_domain_irq} (drivers/iommu/ipmmu-vmsa.c): IMSTR has TF in bit 0, PF in bit 1. */
  @Override
  public List<String> faultLog(DmaFault fault) {
    return List.of(
        "ipmmu-vmsa %s: Unhandled fault: status 0x%08x iova 0x%x"
            .formatted(kernelName(fault.iommu()), fault.present() ? 2 : 1, fault.iova()));
  }

  @Override
  public DomainOps.Maker ops(
      int domain, int[] units, List<? extends IommuSpec> specs, HostContext host) {
    return (waiter, format) -> new PollingOps(domain, units, waiter, format, host);
  }

  @Override
  public Unit unit(int iommu, IpmmuSpec spec, Translation[] domains, HostContext host) {
    return new PolledUnit(
        iommu,
        new Iotlb(spec.iotlbEntries(), spec.iotlbWays()),
        domains,
        host,
        false,
        spec.costs().contextFlush(),
        0,
        1);
  }

  @Override
  public long bytes(IpmmuSpec spec) {
    return spec.iotlbEntries() * IOTLB_ENTRY;
  }

  @Override
  public List<Class<?>> state() {
    return List.of(PollingOps.class, PolledUnit.class);
  }
}
