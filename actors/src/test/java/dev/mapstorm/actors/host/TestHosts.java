package dev.mapstorm.actors.host;

import dev.mapstorm.actors.backend.arm32.ArmDmaCosts;
import dev.mapstorm.actors.backend.arm32.ArmDmaSpec;
import dev.mapstorm.actors.backend.direct.DirectCosts;
import dev.mapstorm.actors.backend.direct.DirectSpec;
import dev.mapstorm.actors.backend.iommu.DmaIommuCosts;
import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.backend.powerpc.TceDmaCosts;
import dev.mapstorm.actors.backend.powerpc.TceDmaSpec;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbCosts;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.tce.DeviceReach;
import dev.mapstorm.actors.model.tce.TceWindow;
import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.actors.spec.KeptSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.Nodes;
import dev.mapstorm.actors.spec.PerByte;
import dev.mapstorm.actors.spec.PerItem;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.actors.unit.amd.AmdCosts;
import dev.mapstorm.actors.unit.amd.AmdSpec;
import dev.mapstorm.actors.unit.smmu.SmmuCosts;
import dev.mapstorm.actors.unit.smmu.SmmuSpec;
import dev.mapstorm.actors.unit.virtio.VirtioCosts;
import dev.mapstorm.actors.unit.virtio.VirtioSpec;
import dev.mapstorm.actors.unit.vtd.VtdCosts;
import dev.mapstorm.actors.unit.vtd.VtdSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.List;

/**
 * Machines for tests: an NVMe-like device for each of one or more domains behind one unit, some
 * clients on CPUs of their own, dealt out to the devices in turn.
 */
public final class TestHosts {
  /** Round figures in the order of magnitude of a 3 GHz machine. */
  public static final Costs COSTS =
      new Costs(
          14,
          8,
          40,
          40,
          PerItem.ofNs(10),
          PerItem.ofNs(8),
          250,
          2,
          197,
          1,
          1,
          0,
          0,
          PerItem.ofNs(0),
          0,
          150,
          60,
          800,
          120,
          0,
          0,
          0,
          0);

  /**
   * The same with fractions of a nanosecond, cache lines that have to come, and several walkers.
   */
  public static final Costs FINE_COSTS =
      new Costs(
          14,
          8,
          40,
          35,
          new PerItem(2_700),
          new PerItem(1_399),
          250,
          2,
          197,
          1,
          3,
          48,
          135,
          new PerItem(6_500),
          310,
          150,
          60,
          800,
          120,
          0,
          0,
          0,
          0);

  /** The same of dma-iommu. */
  public static final DmaIommuCosts IOMMU_COSTS =
      new DmaIommuCosts(30, 20, 60, 120, 4, 90, PerItem.ofNs(12), PerItem.ofNs(10), 5, 15);

  /** The same of a direct map. */
  public static final DirectCosts DIRECT_COSTS = new DirectCosts(12);

  /** The same of an AMD-Vi unit. */
  public static final AmdCosts AMD_COSTS = new AmdCosts(60, 300, 350, 120, 80);

  /** The same of an SMMUv3. */
  public static final SmmuCosts SMMU_COSTS =
      new SmmuCosts(60, 5, 0, PerItem.ofNs(0), 50, 200, 4, 100, 150, 120, 90);

  /** The same of a virtio-iommu. */
  public static final VirtioCosts VIRTIO_COSTS =
      new VirtioCosts(40, 3_000, 300, 10, 400, 20, 2_000);

  /** The same of bounce buffers. */
  public static final SwiotlbCosts SWIOTLB_COSTS =
      new SwiotlbCosts(150, 2, 100, new PerByte(100), 2_000, 100_000);

  /** The same of 32-bit Arm. */
  public static final ArmDmaCosts ARM_COSTS = new ArmDmaCosts(25, 1, 15, 300);

  /** The same of powerpc. */
  public static final TceDmaCosts TCE_COSTS = new TceDmaCosts(20, 1, 12, 220, 2);

  /** The same of a VT-d unit. */
  public static final VtdCosts VTD_COSTS = new VtdCosts(60, 400, 500, 80, 200);

  private final List<ClientSpec> clients = new ArrayList<>();
  private final List<DomainSpec> domains = new ArrayList<>();
  private final List<DeviceSpec> devices = new ArrayList<>();
  private final List<IommuSpec> iommus = new ArrayList<>();
  private int host;
  private long seed = 1;
  private long endNs = 2_000_000;
  private IommuMode mode = IommuMode.STRICT;
  private MapApi api = MapApi.PAGE;
  private WorkloadSpec workload = new WorkloadSpec(4096, 4096, 100, 8, 0);
  private LoadSpec load = new LoadSpec.ClosedLoop(8, 0);
  private long batchCapacity = 128 * 1024;
  private FlushSpec flush = new FlushSpec(false, 256, 10_000_000);
  private JournalSpec journal = new JournalSpec(true, 1000, 10_000_000, 4, 0);
  private int cpus = 4;
  private int count = 4;
  private int nodes = 1;
  private Costs costs = COSTS;
  private int domainCount = 1;
  private boolean completionCpus;
  private long[] reserved = {0xfee00, 0xfeeff};
  private long limitPfn = (1L << 36) - 1;
  private IovaParameters iova = IovaParameters.LINUX;

  private TestHosts() {}

  /** Strict, page by page, four clients of depth 8, 2 ms. */
  public static TestHosts nvme() {
    return new TestHosts();
  }

  public TestHosts host(int number) {
    host = number;
    return this;
  }

  public TestHosts seed(long value) {
    seed = value;
    return this;
  }

  public TestHosts end(long ns) {
    endNs = ns;
    return this;
  }

  public TestHosts mode(IommuMode value) {
    mode = value;
    return this;
  }

  public TestHosts api(MapApi value) {
    api = value;
    return this;
  }

  public TestHosts workload(int bytes, int segment, int offset) {
    workload = new WorkloadSpec(bytes, segment, 70, 8, offset);
    return this;
  }

  public TestHosts load(LoadSpec value) {
    load = value;
    return this;
  }

  public TestHosts batchCapacity(long bytes) {
    batchCapacity = bytes;
    return this;
  }

  public TestHosts flush(FlushSpec value) {
    flush = value;
    return this;
  }

  public TestHosts journal(JournalSpec value) {
    journal = value;
    return this;
  }

  public TestHosts clients(int value) {
    count = value;
    cpus = Math.max(cpus, value);
    return this;
  }

  public TestHosts cpus(int value) {
    cpus = value;
    return this;
  }

  /** So many nodes; the units are on the last one. */
  public TestHosts nodes(int value) {
    nodes = value;
    return this;
  }

  public TestHosts costs(Costs value) {
    costs = value;
    return this;
  }

  public TestHosts limitPfn(long value) {
    limitPfn = value;
    return this;
  }

  public TestHosts iova(IovaParameters value) {
    iova = value;
    return this;
  }

  /** That many domains of the same kind, each with a device. */
  public TestHosts domains(int value) {
    domainCount = value;
    return this;
  }

  /** Buffers of that many bytes, which clients keep mapped. */
  public TestHosts kept(int buffers, int bufferBytes, boolean synced) {
    return kept(buffers, bufferBytes, 4096, synced);
  }

  /** The same, of pieces of {@code segment} bytes. */
  public TestHosts kept(int buffers, int bufferBytes, int segment, boolean synced) {
    KeptSpec kept = new KeptSpec(bufferBytes, synced);
    workload = new WorkloadSpec(4096, segment, 70, buffers, 0, kept, 0);
    return this;
  }

  /** Buffers each part of which is used {@code rounds} times before another takes their place. */
  public TestHosts worn(int buffers, int bufferBytes, int rounds) {
    KeptSpec kept = new KeptSpec(bufferBytes, false, rounds);
    workload = new WorkloadSpec(4096, 4096, 70, buffers, 0, kept, 0);
    return this;
  }

  /** Granules that the allocator never gives out, instead of the usual ones. */
  public TestHosts reserved(long firstPfn, long lastPfn) {
    reserved = new long[] {firstPfn, lastPfn};
    return this;
  }

  /** A CPU of its own for the completions of each client. */
  public TestHosts completionCpus() {
    completionCpus = true;
    return this;
  }

  /** That many of the usual domains, before those of their own kinds. */
  public TestHosts usualDomains(int value) {
    for (int i = 0; i < value; i++) {
      domains.add(null);
    }
    return this;
  }

  /** A domain of its own kind, instead of the usual ones. */
  public TestHosts domain(DomainSpec domain) {
    domains.add(domain);
    return this;
  }

  /** A device of its own kind, instead of the usual ones. */
  public TestHosts device(DeviceSpec device) {
    devices.add(device);
    return this;
  }

  /** A unit of its own kind, instead of the usual one. */
  public TestHosts iommu(IommuSpec iommu) {
    iommus.add(iommu);
    return this;
  }

  /** A client of its own kind, instead of the usual ones. */
  public TestHosts client(ClientSpec client) {
    clients.add(client);
    count = 0;
    return this;
  }

  public HostSpec build() {
    if (iommus.isEmpty()) {
      iommus.add(vtd(256, 18));
    }
    if (domains.isEmpty()) {
      for (int i = 0; i < domainCount; i++) {
        domains.add(usualDomain());
      }
    }
    domains.replaceAll(each -> each == null ? usualDomain() : each);
    if (devices.isEmpty()) {
      for (int i = 0; i < domains.size(); i++) {
        devices.add(
            new DeviceSpec("nvme" + i, i, 0, true, 20_000, 5_000, 64, 7_000_000_000L, 65, 300));
      }
    }
    List<ClientSpec> all = new ArrayList<>(clients);
    for (int i = 0; i < count; i++) {
      int device = i % devices.size();
      all.add(
          new ClientSpec.Synthetic(
              "queue-" + i,
              device,
              i,
              completionCpus ? count + i : i,
              api,
              BatchSize.ofBytes(batchCapacity),
              load,
              workload));
    }
    return new HostSpec(
        host,
        seed,
        cpus,
        Nodes.of(nodes, cpus, nodes - 1),
        endNs,
        costs,
        iommus,
        domains,
        devices,
        all,
        journal);
  }

  /** An AMD-Vi unit with 64 entries of 8 ways. */
  public static AmdSpec amd(int bufferEntries, boolean npCache) {
    return new AmdSpec(64, 8, bufferEntries, npCache ? 1 : 0, AMD_COSTS);
  }

  /** An SMMUv3 with 64 entries of 8 ways. */
  public static SmmuSpec smmu(int queueShift, boolean msi, boolean ranges) {
    return new SmmuSpec(64, 8, queueShift, msi ? 1 : 0, ranges ? 1 : 0, SMMU_COSTS);
  }

  /** A virtio-iommu with 64 entries of 8 ways. */
  public static VirtioSpec virtio(int queueEntries) {
    return new VirtioSpec(64, 8, queueEntries, VIRTIO_COSTS);
  }

  /** A VT-d unit with 64 entries of 8 ways. */
  public static VtdSpec vtd(int queueEntries, int maxAddressMask) {
    return new VtdSpec(64, 8, queueEntries, maxAddressMask, VTD_COSTS);
  }

  /** A window of powerpc at {@code base}, with a boundary and a mask that bind. */
  public static TceDmaSpec tce(long base, long size, long mask, long segmentBoundary) {
    return tce(base, size, mask, segmentBoundary, DriverRules.VTD);
  }

  /** The same in front of units whose driver writes page tables by {@code rules}. */
  public static TceDmaSpec tce(
      long base, long size, long mask, long segmentBoundary, DriverRules rules) {
    return new TceDmaSpec(
        new TceWindow(12, 12, base >>> 12, size >>> 12, 0, 0, 16, false),
        PageTableFormat.vtd(4, 4096).with(rules),
        new DeviceReach(mask, segmentBoundary - 1, 65536),
        TCE_COSTS);
  }

  /** A window of 32-bit Arm. */
  public static ArmDmaSpec arm32(long base, long size, int alignOrder) {
    return arm32(base, size, alignOrder, DriverRules.VTD);
  }

  /** The same in front of units whose driver writes page tables by {@code rules}. */
  public static ArmDmaSpec arm32(long base, long size, int alignOrder, DriverRules rules) {
    return new ArmDmaSpec(base, size, alignOrder, format(rules), 65536, ARM_COSTS);
  }

  private DomainSpec usualDomain() {
    if (mode == IommuMode.PASSTHROUGH) {
      return new DirectSpec(DIRECT_COSTS);
    }
    return new DmaIommuSpec(
        mode,
        iova,
        limitPfn,
        List.of(reserved),
        format(Kinds.ALL.of(iommus.get(0)).tableRules()),
        flush,
        0xffffffffL,
        65536,
        IOMMU_COSTS);
  }

  private static PageTableFormat format(DriverRules rules) {
    PageTableFormat vtd = PageTableFormat.VTD_4_LEVELS;
    return rules == vtd.rules() ? vtd : vtd.with(rules);
  }
}
