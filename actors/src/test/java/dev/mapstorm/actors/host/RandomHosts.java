package dev.mapstorm.actors.host;

import dev.mapstorm.actors.backend.direct.DirectSpec;
import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbSpec;
import dev.mapstorm.actors.backend.unmanaged.UnmanagedSpec;
import dev.mapstorm.actors.model.blk.BlkRule;
import dev.mapstorm.actors.model.blk.QueueLimits;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.iova.IovaSearch;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.model.pagetable.PageSizes;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.actors.spec.AtsSpec;
import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.BlockSpec;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.KeptSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.MisuseSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.actors.spec.RegionSpec;
import dev.mapstorm.actors.spec.SacFirst;
import dev.mapstorm.actors.spec.UplinkSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.actors.unit.amd.AmdSpec;
import dev.mapstorm.actors.unit.ipmmu.IpmmuCosts;
import dev.mapstorm.actors.unit.ipmmu.IpmmuSpec;
import dev.mapstorm.actors.unit.pseries.PseriesCosts;
import dev.mapstorm.actors.unit.pseries.PseriesSpec;
import dev.mapstorm.actors.unit.smmu.SmmuSpec;
import dev.mapstorm.actors.unit.vtd.VtdSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Any machine, from one number: several units, domains of any mode, devices and clients of any
 * kind, with caches, rings and address spaces so small that what is rare on a real machine happens:
 * depots that overflow, caches flushed into the tree, 32-bit space given up, allocations that fail,
 * flushes of full rings, invalidations too large for one page-selective descriptor. A host ends
 * with work in flight, after some thousand clock steps at most.
 */
public final class RandomHosts {
  private static final long TOP_PFN = (1L << 36) - 1;
  private static final long LAST_32_BIT_PFN = (1L << 20) - 1;

  /** Draws the kinds of units, so that they change nothing of what else is drawn. */
  private static final long KINDS = 0x6b696e64L;

  private static final int BOUNCING = 12;
  private static final int COSTS = 13;
  private static final int MISUSES = 14;
  private static final int ATS = 15;

  private static final long POLICIES = 0x706f6c69L;

  private final SplitMix random;
  private final SplitMix kinds;

  /** Draws bounce buffers, so that they change nothing of what else is drawn. */
  private final SplitMix bouncing;

  /** Draws policies that Linux does not have, so that they change nothing of what else is drawn. */
  private final SplitMix policies;

  /** Draws costs and nodes, so that they change nothing of what else is drawn. */
  private final SplitMix costs;

  /** Draws what devices do wrong, so that it changes nothing of what else is drawn. */
  private final SplitMix misuses;

  /** Draws TLBs of devices, so that they change nothing of what else is drawn. */
  private final SplitMix ats;

  private final boolean slow;
  private final long endNs;
  private final List<Boolean> pci = new ArrayList<>();

  /** Whether a domain is one of the IOMMU API. */
  private final List<Boolean> unmanaged = new ArrayList<>();

  private int synthetic;
  private int completers;
  private int cpus;

  private RandomHosts(long seed) {
    random = new SplitMix(seed);
    kinds = new SplitMix(SplitMix.derive(seed, KINDS));
    bouncing = new SplitMix(SplitMix.derive(seed, BOUNCING));
    policies = new SplitMix(SplitMix.derive(seed, POLICIES));
    costs = new SplitMix(SplitMix.derive(seed, COSTS));
    misuses = new SplitMix(SplitMix.derive(seed, MISUSES));
    ats = new SplitMix(SplitMix.derive(seed, ATS));
    // A depot's worker comes 100 ms after a magazine: some hosts have to live that long.
    slow = chance(15);
    endNs = slow ? 220_000_000 : between(30_000, 150_000);
  }

  /** The machine that {@code seed} makes, alone in its run. */
  public static HostSpec host(long seed) {
    return host(0, seed);
  }

  /** The same as number {@code host} of a run. */
  public static HostSpec host(int host, long seed) {
    return new RandomHosts(seed).host().host(host).seed(seed).build();
  }

  private static Costs withWalkCache(Costs c, long entries, long kept) {
    return new Costs(
        c.mapCall(),
        c.unmapCall(),
        c.ptePrepare(),
        c.unmapPrepare(),
        c.pteWrite(),
        c.pteClear(),
        c.tableAlloc(),
        c.iotlbHit(),
        c.walkRead(),
        c.walkReads(),
        c.walkers(),
        c.lockHandover(),
        c.lockHandoverFar(),
        c.lockContender(),
        c.remoteUnit(),
        c.submit(),
        c.doorbell(),
        c.interrupt(),
        c.complete(),
        entries,
        kept,
        entries % 3 == 0 ? 16 : 0,
        5);
  }

  private TestHosts host() {
    TestHosts host = TestHosts.nvme().end(endNs);
    synthetic = between(0, 5);
    int apart = between(0, synthetic);
    cpus = Math.max(1, synthetic + apart + between(0, 2));
    int recorded = synthetic == 0 ? between(1, 2) : between(0, 2);
    host.cpus(cpus);
    host.nodes(1 + (int) costs.below(3));
    Costs figures = costs.below(2) == 0 ? TestHosts.COSTS : TestHosts.FINE_COSTS;
    host.costs(
        misuses.below(2) == 0
            ? figures
            : withWalkCache(figures, 1 + misuses.below(8), misuses.below(2) == 0 ? 1 : 0));
    int iommus = between(1, 2);
    List<IommuSpec> units = new ArrayList<>();
    for (int i = 0; i < iommus; i++) {
      units.add(unit(pick(8, 256), pick(2, 18)));
      host.iommu(units.get(i));
    }
    int domains = between(1, 3);
    for (int i = 0; i < domains; i++) {
      host.domain(domain(rules(units.get(i % iommus))));
    }
    int devices = domains + between(0, 3);
    for (int i = 0; i < devices; i++) {
      host.device(device(i, i % domains, i % domains % iommus, units));
    }
    for (int i = 0; i < synthetic; i++) {
      int completing = i < apart ? synthetic + completers++ : i;
      host.client(synthetic(i, completing, between(0, devices - 1)));
    }
    for (int i = 0; i < recorded; i++) {
      MapApi api = chance(50) ? null : api();
      int device = between(0, devices - 1);
      RecordedRequests requests = recording(i, isUnmanaged(device));
      host.client(
          new ClientSpec.Recorded(
              "recorded-" + i, device, requests, api, BatchSize.ofBytes(batchCapacity())));
    }
    return host;
  }

  /** Half are VT-d, the others of any other kind. */
  private IommuSpec unit(int queueEntries, int maxAddressMask) {
    int kind = (int) kinds.below(8);
    boolean one = kinds.below(2) == 1;
    boolean other = kinds.below(2) == 1;
    return switch (kind) {
      case 0 ->
          new AmdSpec(
              64, 8, queueEntries == 8 ? 6 : 512, one ? 1 : 0, policy(2), TestHosts.AMD_COSTS);
      case 1 ->
          new SmmuSpec(
              64,
              8,
              queueEntries == 8 ? 6 : 8,
              one ? 1 : 0,
              other ? 1 : 0,
              policy(4),
              policy(2),
              TestHosts.SMMU_COSTS);
      case 2 -> TestHosts.virtio(queueEntries);
      case 3 -> new PseriesSpec(32, 8, new PseriesCosts(200, 3));
      case 4 -> new IpmmuSpec(16, 16, new IpmmuCosts(350));
      default ->
          new VtdSpec(
              64, 8, queueEntries, maxAddressMask, policy(2), policy(2), TestHosts.VTD_COSTS);
    };
  }

  private int policy(int bound) {
    return (int) policies.below(bound);
  }

  private DriverRules rules(IommuSpec unit) {
    return unit instanceof VtdSpec && kinds.below(3) == 0
        ? DriverRules.GENERIC_PT
        : Kinds.ALL.of(unit).tableRules();
  }

  private DomainSpec domain(DriverRules rules) {
    IommuMode mode = pick(IommuMode.STRICT, IommuMode.LAZY, IommuMode.LAZY, IommuMode.PASSTHROUGH);
    long limit = chance(30) ? between(16, 800) : TOP_PFN;
    List<long[]> reserved = new ArrayList<>();
    boolean little32 = limit == TOP_PFN && chance(60);
    reserved.add(
        little32 ? new long[] {between(16, 300), LAST_32_BIT_PFN} : new long[] {0xfee00, 0xfeeff});
    // All is drawn for every mode, so that the mode changes nothing of what follows.
    IovaParameters iova =
        new IovaParameters(
            pick(1, 2, 3, 127),
            pick(-1, 1, 5, 5),
            pick(0, 1, IovaParameters.UNBOUNDED, IovaParameters.UNBOUNDED),
            pick(0, IovaParameters.ONLINE_CPUS),
            IovaSearch.values()[policy(3)]);
    pci.add(chance(80));
    boolean byIommuApi = chance(15);
    unmanaged.add(byIommuApi);
    DmaIommuSpec translated =
        new DmaIommuSpec(
            mode == IommuMode.PASSTHROUGH ? IommuMode.STRICT : mode,
            iova,
            limit,
            reserved,
            PageTableFormat.vtd(pick(4, 5), PageSizes.VTD_4K_2M_1G).with(rules),
            new FlushSpec(
                chance(40),
                pick(2, 4, 8, 64),
                pick(3_000, 20_000, 60_000),
                policy(3) == 0,
                ats.below(3) > 0),
            pick(0xffffffffL, 0xffffL),
            pick(65536, 1 << 20),
            TestHosts.IOMMU_COSTS);
    if (byIommuApi) {
      return new UnmanagedSpec(translated.format());
    }
    DomainSpec usual = mode == IommuMode.PASSTHROUGH ? direct() : translated;
    return windowOr(usual, rules);
  }

  /** Two of five domains have a window of 32-bit Arm or of powerpc. */
  private DomainSpec windowOr(DomainSpec usual, DriverRules rules) {
    int backend = (int) kinds.below(5);
    long base = kinds.below(2) << 30;
    int size = (int) kinds.below(4);
    boolean odd = kinds.below(2) == 1;
    if (backend == 0) {
      long bytes = List.of(1L << 17, 1L << 22, 1L << 28, 1L << 32).get(size);
      return TestHosts.arm32(base, bytes, odd ? 4 : 8, rules);
    }
    if (backend == 1) {
      long bytes = List.of(1L << 19, 1L << 22, 1L << 30, 1L << 31).get(size);
      long mask = odd ? (1L << 30) + (3L << 17) - 1 : (1L << 32) - 1;
      return TestHosts.tce(base, bytes, mask, odd ? 1L << 20 : 1L << 32, rules);
    }
    return usual;
  }

  /** A direct map: without bounce buffers, or with so few that they run out. */
  private DomainSpec direct() {
    if (bouncing.below(100) < 40) {
      return new DirectSpec(TestHosts.DIRECT_COSTS);
    }
    SwiotlbSpec.Use use = SwiotlbSpec.Use.values()[(int) bouncing.below(3)];
    boolean restricted = use == SwiotlbSpec.Use.RESTRICTED;
    int areas = restricted ? 1 : 1 << bouncing.below(3);
    int slots = 128 * areas << bouncing.below(4);
    int growPools = restricted ? 0 : (int) bouncing.below(3);
    long[] minAlign = {0, 511, 4095};
    long[] dmaMask = {(1L << 33) - 1, (1L << 32) - 1, (1L << 30) - 1, -1};
    return new SwiotlbSpec(
        use,
        1L << 30,
        restricted ? PoolSize.restricted(2048L * slots) : new PoolSize(slots, areas),
        growPools,
        new SwiotlbDevice(
            minAlign[(int) bouncing.below(3)], 0xffffffffL, dmaMask[(int) bouncing.below(4)]),
        65536,
        TestHosts.DIRECT_COSTS,
        TestHosts.SWIOTLB_COSTS);
  }

  private boolean isUnmanaged(int device) {
    return unmanaged.get(device % unmanaged.size());
  }

  private DeviceSpec device(int number, int domain, int iommu, List<IommuSpec> units) {
    SacFirst first = pick(SacFirst.UNTIL_NONE_LEFT, SacFirst.UNTIL_NONE_LEFT, SacFirst.ALWAYS);
    boolean narrow = chance(10);
    UplinkSpec uplink = new UplinkSpec(between(0, 1), 3_000_000_000L);
    return new DeviceSpec(
        "device-" + number,
        domain,
        iommu,
        pci.get(domain) ? first : SacFirst.NEVER,
        narrow ? between(100, 800) : DeviceSpec.NO_MASK,
        narrow ? between(50, 400) : DeviceSpec.NO_MASK,
        pick(500, 5_000, 20_000),
        pick(0, 3_000),
        pick(2, 64),
        pick(2_000_000_000L, 20_000_000_000L),
        65,
        300,
        chance(30) ? uplink : null,
        1 + (int) costs.below(3),
        misuse(),
        (int) ats.below(3),
        ats(units.get(iommu)));
  }

  private MisuseSpec misuse() {
    boolean strays = misuses.below(100) < 30;
    boolean hangs = ats.below(100) < 20;
    long answers = ats.below(40);
    boolean present = ats.below(2) == 0;
    return new MisuseSpec(
        strays ? 1 + (int) misuses.below(9) : 0,
        strays ? misuses.below(200_000) : 0,
        0,
        MisuseSpec.ALL_BITS,
        hangs ? answers : MisuseSpec.ALWAYS,
        present);
  }

  /** A third of the devices whose units serve them have a TLB of their own. */
  private AtsSpec ats(IommuSpec unit) {
    boolean has = ats.below(3) == 0;
    int ways = 1 << ats.below(3);
    AtsSpec drawn =
        new AtsSpec(
            ways << ats.below(5),
            ways,
            ats.below(500),
            ats.below(800),
            ats.below(2) == 0 ? 1 + ats.below(20_000) : 1_000_000_000);
    return has && Kinds.ALL.of(unit).ats() ? drawn : null;
  }

  private ClientSpec synthetic(int cpu, int completionCpu, int device) {
    boolean large = chance(5);
    int pages = large ? pick(512, 600) : pick(1, 1, 2, 3, 5, 8, 16, slow ? 1 : 33);
    int bytes = chance(20) ? pages * 4096 - 512 : pages * 4096;
    int segment = Math.min(bytes, large ? 2 << 20 : pick(4096, 8192, 65536));
    boolean keeps = chance(25) && !slow;
    KeptSpec kept =
        keeps
            ? new KeptSpec(bytes * pick(1, 1, 3), chance(70) && !isUnmanaged(device), policy(4))
            : null;
    int buffers = keeps ? pick(1, 3, 8) : pick(0, 4, 8);
    WorkloadSpec workload =
        new WorkloadSpec(
            bytes,
            segment,
            pick(0, 70, 70, 100),
            buffers,
            isUnmanaged(device) ? 0 : pick(0, 0, 0, 512, 4095),
            kept,
            (long) cpu << 30);
    int requests = pick(0, 0, 5, 50);
    LoadSpec load;
    if (slow) {
      load = new LoadSpec.OpenLoop(between(50, 300), true, between(1, 6), requests);
    } else if (chance(30)) {
      load = new LoadSpec.OpenLoop(between(20_000, 300_000), chance(50), between(1, 6), requests);
    } else {
      load = new LoadSpec.ClosedLoop(between(1, 6), requests);
    }
    if (keeps && chance(20)) {
      load = new LoadSpec.Idle();
    }
    MapApi api = isUnmanaged(device) ? MapApi.IOMMU : api();
    boolean blocks = chance(60) && api == MapApi.IOVA && kept == null;
    return new ClientSpec.Synthetic(
        "queue-" + cpu,
        device,
        cpu,
        completionCpu,
        api,
        BatchSize.ofBytes(batchCapacity()),
        load,
        workload,
        blocks ? block() : null,
        policy(4) == 0 && !slow && api != MapApi.IOMMU ? region(kept != null) : null);
  }

  /** Fast registration, or on demand of buffers that are kept. */
  private RegionSpec region(boolean kept) {
    return new RegionSpec(
        1 + policy(20), 4096L << policy(2), 1, 50, 300, 400, policy(2) == 1, kept, 3_000);
  }

  /**
   * Also queues whose requests Linux would split, so that links fail; not since 7.1: what is given
   * back then was never a request's, and a live host cannot be asked whose it is.
   */
  private BlockSpec block() {
    BlkRule rule = pick(BlkRule.V6_17, BlkRule.V6_19, BlkRule.V7_1);
    long cut = pick(4096L, 5120L, 41472L, 65536L);
    boolean cuts = chance(60) && rule != BlkRule.V7_1;
    return new BlockSpec(
        rule,
        new QueueLimits(
            pick(0L, 511L, 4095L, 65535L),
            cuts ? cut : 0xffffffffL,
            pick(4095L, 65535L, 0xffffffffL)));
  }

  private MapApi api() {
    return pick(MapApi.PAGE, MapApi.SG, MapApi.BATCH, MapApi.IOVA);
  }

  private int batchCapacity() {
    return pick(4096, 16384, 128 * 1024);
  }

  /** One entry of a recording. */
  private record Entry(
      long t,
      long op,
      boolean release,
      int cpu,
      int direction,
      MapApi api,
      long[] phys,
      int[] len,
      long iova) {
    static Entry release(long t, long op, int cpu) {
      return new Entry(t, op, true, cpu, 0, MapApi.PAGE, null, null, 0);
    }
  }

  /** Maps on any CPU; most are released later, on any CPU, some before their device is done. */
  private RecordedRequests recording(int client, boolean placed) {
    List<Entry> entries = new ArrayList<>();
    int maps = between(5, 60);
    for (int op = 0; op < maps; op++) {
      long t = random.below(endNs);
      int ranges = between(1, 5);
      long[] phys = new long[ranges];
      int[] length = new int[ranges];
      for (int i = 0; i < ranges; i++) {
        phys[i] = (long) (client + 1) << 40 | random.below(1 << 20) << 12 | pick(0, 0, 0, 512);
        length[i] = pick(4096, 4096, 8192, 512, 20_000);
      }
      MapApi api = pick(MapApi.PAGE, MapApi.SG, MapApi.SG, MapApi.COHERENT);
      if (placed && chance(50)) {
        api = MapApi.IOMMU;
      }
      long iova = placed ? (client + 1L << 40) + random.below(200) * 4096 : -1;
      int cpu = between(0, cpus - 1);
      entries.add(new Entry(t, op, false, cpu, between(0, 2), api, phys, length, iova));
      if (chance(85)) {
        long later = t + random.below(Math.max(1, endNs - t));
        entries.add(Entry.release(chance(50) ? later : t + 1, op, between(0, cpus - 1)));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::t));
    return columns(entries);
  }

  private static RecordedRequests columns(List<Entry> entries) {
    RecordedRequestsBuilder columns = new RecordedRequestsBuilder();
    for (Entry entry : entries) {
      int op = (int) entry.op;
      if (entry.release) {
        columns.released(entry.t, op, entry.cpu);
      } else {
        columns.arrived(entry.t, op, entry.cpu);
        columns.told(
            op, entry.direction, entry.api.ordinal(), entry.phys.length, entry.phys, entry.len);
        if (entry.iova >= 0) {
          columns.placed(op, entry.iova);
        }
      }
    }
    return columns.build();
  }

  private boolean chance(int percent) {
    return random.below(100) < percent;
  }

  private int between(int low, int high) {
    return low + (int) random.below(high - low + 1L);
  }

  @SafeVarargs
  private <T> T pick(T... values) {
    return values[(int) random.below(values.length)];
  }
}
