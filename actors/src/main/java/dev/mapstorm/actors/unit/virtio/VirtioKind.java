package dev.mapstorm.actors.unit.virtio;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.DmaFault;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.actors.unit.UnitKind;
import java.util.List;

/** virtio-iommu. */
public final class VirtioKind implements UnitKind<VirtioSpec> {
  private static final long IOTLB_ENTRY = 37;

  @Override
  public String label() {
    return "virtio-iommu";
  }

  @Override
  public Class<VirtioSpec> spec() {
    return VirtioSpec.class;
  }

  @Override
  public String kernelName(int iommu) {
    return "virtio" + iommu;
  }

  /**
   * @throws IllegalArgumentException if the domain is behind several units, which the driver
   *     refuses ({@code viommu_attach_dev})
   */
  /** {@code viommu_fault_handler} (drivers/iommu/virtio-iommu.c). */
  @Override
  public List<String> faultLog(DmaFault fault) {
    return List.of(
        "virtio_iommu %s: page fault from EP %d at 0x%x [%s]"
            .formatted(
                kernelName(fault.iommu()),
                fault.requester(),
                fault.iova(),
                fault.write() ? "W" : "R"));
  }

  @Override
  public DomainOps.Maker ops(
      int domain, int[] units, List<? extends IommuSpec> specs, HostContext host) {
    if (units.length > 1) {
      throw new IllegalArgumentException(
          "domain %d is behind %d virtio-iommus, and the driver serves one"
              .formatted(domain, units.length));
    }
    long queueRequest = ((VirtioSpec) specs.get(0)).costs().queueRequest();
    return (waiter, format) -> new VirtioOps(domain, units[0], queueRequest, waiter, format, host);
  }

  @Override
  public Unit unit(int iommu, VirtioSpec spec, Translation[] domains, HostContext host) {
    return new VirtioUnit(iommu, spec, domains, host);
  }

  @Override
  public long bytes(VirtioSpec spec) {
    return spec.iotlbEntries() * IOTLB_ENTRY;
  }

  @Override
  public List<Class<?>> state() {
    return List.of(VirtioOps.class, VirtioUnit.class);
  }
}
