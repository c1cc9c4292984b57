package dev.mapstorm.actors.unit.amd;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.DmaFault;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.actors.unit.UnitKind;
import dev.mapstorm.protocol.InvalidationTimeout;
import java.util.List;

/** AMD-Vi. */
public final class AmdKind implements UnitKind<AmdSpec> {
  private static final long IOTLB_ENTRY = 37;

  /** When the unit will have done a command. */
  private static final long BUFFER_ENTRY = 8;

  @Override
  public String label() {
    return "amd-vi";
  }

  @Override
  public Class<AmdSpec> spec() {
    return AmdSpec.class;
  }

  @Override
  public DriverRules tableRules() {
    return DriverRules.AMD;
  }

  @Override
  public boolean ats() {
    return true;
  }

  @Override
  public String kernelName(int iommu) {
    return "ivhd" + iommu;
  }

  /** {@code amd_iommu_report_page_fault} (drivers/iommu/amd/iommu.c): flags PR and RW. */
  @Override
  public List<String> faultLog(DmaFault fault) {
    int flags = (fault.present() ? 0x10 : 0) | (fault.write() ? 0x20 : 0);
    return List.of(
        "%s 0000:%s: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x%04x address=0x%x flags=0x%04x]"
            .formatted(fault.driver(), fault.bdf(), fault.domainId(), fault.iova(), flags));
  }

  /** {@code wait_on_sem} and {@code iommu_print_event}. */
  @Override
  public List<String> timeoutLog(int iommu, String bdf, InvalidationTimeout timeout) {
    return List.of(
        timeout == InvalidationTimeout.CPU
            ? "AMD-Vi: IOMMU 0000:00:%02x.2: Completion-Wait loop timed out".formatted(iommu)
            : "pci 0000:00:%02x.2: AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:%s address=0x0]"
                .formatted(iommu, bdf));
  }

  @Override
  public DomainOps.Maker ops(
      int domain, int[] units, List<? extends IommuSpec> specs, HostContext host) {
    boolean npCache = specs.stream().anyMatch(each -> ((AmdSpec) each).npCache() == 1);
    boolean locks = specs.stream().anyMatch(each -> ((AmdSpec) each).domainLock() == 1);
    return (waiter, format) -> new AmdOps(domain, units, npCache, locks, waiter, format, host);
  }

  @Override
  public Unit unit(int iommu, AmdSpec spec, Translation[] domains, HostContext host) {
    return new AmdUnit(iommu, spec, domains, host);
  }

  @Override
  public long bytes(AmdSpec spec) {
    return spec.iotlbEntries() * IOTLB_ENTRY + spec.bufferEntries() * BUFFER_ENTRY;
  }

  @Override
  public List<Class<?>> state() {
    return List.of(AmdOps.class, AmdUnit.class);
  }
}
