package dev.mapstorm.actors.unit.pseries;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.PolledUnit;
import dev.mapstorm.actors.unit.PollingOps;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.actors.unit.UnitKind;
import java.util.List;

/**
 * The host bridge of a POWER partition. TCEs are cleared by {@code tce_freemulti_pSeriesLP}: one
 * {@code H_STUFF_TCE} for up to 512 entries, and the hypervisor makes the bridge forget them before
 * it returns. What writing them costs is the backend's.
 */
public final class PseriesKind implements UnitKind<PseriesSpec> {
  private static final long IOTLB_ENTRY = 37;
  private static final int TCES_OF_A_CALL = 512;

  @Override
  public String label() {
    return "pseries";
  }

  @Override
  public Class<PseriesSpec> spec() {
    return PseriesSpec.class;
  }

  @Override
  public String kernelName(int iommu) {
    return "phb" + iommu;
  }

  @Override
  public DomainOps.Maker ops(
      int domain, int[] units, List<? extends IommuSpec> specs, HostContext host) {
    return (waiter, format) -> new PollingOps(domain, units, waiter, format, host);
  }

  @Override
  public Unit unit(int iommu, PseriesSpec spec, Translation[] domains, HostContext host) {
    return new PolledUnit(
        iommu,
        new Iotlb(spec.iotlbEntries(), spec.iotlbWays()),
        domains,
        host,
        true,
        spec.costs().hypercall(),
        spec.costs().hypercallTce(),
        TCES_OF_A_CALL);
  }

  @Override
  public long bytes(PseriesSpec spec) {
    return spec.iotlbEntries() * IOTLB_ENTRY;
  }

  @Override
  public List<Class<?>> state() {
    return List.of(PollingOps.class, PolledUnit.class);
  }
}
