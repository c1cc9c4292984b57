package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.DmaFault;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.actors.unit.UnitKind;
import dev.mapstorm.protocol.InvalidationTimeout;
import java.util.Arrays;
import java.util.List;

/** Intel VT-d. */
public final class VtdKind implements UnitKind<VtdSpec> {
  private static final long IOTLB_ENTRY = 37;

  /** Two descriptors wait for one submission. */
  private static final long QUEUE_ENTRY = 12 / 2;

  @Override
  public String label() {
    return "vtd";
  }

  @Override
  public Class<VtdSpec> spec() {
    return VtdSpec.class;
  }

  @Override
  public boolean ats() {
    return true;
  }

  @Override
  public String kernelName(int iommu) {
    return "dmar" + iommu;
  }

  /**
   * {@code dmar_fault} and {@code dmar_fault_do_one} (drivers/iommu/intel/dmar.c). The second stage
   * has the same two reasons for an entry that is not there and one without the right.
   */
  @Override
  public List<String> faultLog(DmaFault fault) {
    return List.of(
        "DMAR: DRHD: handling fault status reg 2",
        "DMAR: [DMA %s NO_PASID] Request device [%s] fault addr 0x%x [fault reason 0x%02x] PTE %s access is not set"
            .formatted(
                fault.write() ? "Write" : "Read",
                fault.bdf(),
                fault.iova(),
                fault.write() ? 0x05 : 0x06,
                fault.write() ? "Write" : "Read"));
  }

  /** {@code qi_dump_fault}, {@code qi_check_fault}; the requester id as a number. */
  @Override
  public List<String> timeoutLog(int iommu, String bdf, InvalidationTimeout timeout) {
    int bus = Integer.parseInt(bdf.substring(0, 2), 16);
    return List.of(
        "DMAR: VT-d detected Invalidation Time-out Error: SID %x".formatted(bus << 8),
        "DMAR: Invalidation Time-out Error (ITE) cleared");
  }

  @Override
  public DomainOps.Maker ops(
      int domain, int[] units, List<? extends IommuSpec> specs, HostContext host) {
    List<VtdSpec> own = specs.stream().map(VtdSpec.class::cast).toList();
    boolean cachingMode = own.stream().anyMatch(unit -> unit.cachingMode() == 1);
    boolean locks = own.stream().anyMatch(unit -> unit.cacheLock() == 1);
    int queue = own.stream().mapToInt(VtdSpec::queueEntries).min().orElseThrow();
    int devices = Arrays.stream(units).map(unit -> host.ats().of(unit, domain).length).sum();
    int batch = Math.max(1, Math.min(VtdUnit.BATCH, queue - 2) / (1 + devices));
    return (waiter, format) ->
        new VtdOps(domain, units, cachingMode, locks, batch, waiter, format, host);
  }

  @Override
  public Unit unit(int iommu, VtdSpec spec, Translation[] domains, HostContext host) {
    return new VtdUnit(iommu, spec, domains, host);
  }

  @Override
  public long bytes(VtdSpec spec) {
    return spec.iotlbEntries() * IOTLB_ENTRY + spec.queueEntries() * QUEUE_ENTRY;
  }

  @Override
  public List<Class<?>> state() {
    return List.of(VtdOps.class, VtdUnit.class);
  }
}
