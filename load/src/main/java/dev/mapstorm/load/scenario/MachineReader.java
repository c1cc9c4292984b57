package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.FlushSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IommuMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads what a kind of machine consists of. Its hosts share all of it but for their numbers, their
 * seeds and, where they repeat requests, their clients.
 */
final class MachineReader {
  private static final int BITS_OF_A_LEVEL = 9;
  static final int MAX_HOSTS = 100_000;
  private static final int MAX_CPUS = 16_384;
  private static final long SECOND_NS = 1_000_000_000L;

  private final Settings settings;
  private final Clients clients;
  private final long durationNs;
  private final Costs costs;
  private final List<IommuSpec> units;
  private final int cpus;
  private final List<DomainSpec> domains;
  private final List<DeviceSpec> devices;
  private final JournalSpec journal;

  /** Reads a kind; {@code journal} is how all hosts of the run are journaled. */
  MachineReader(MachineKind kind, Settings journal, long durationNs) {
    settings = kind.element().settings();
    clients = kind.clients();
    this.durationNs = durationNs;
    costs = kind.platform().costs();
    units = List.of(kind.platform().unit());
    cpus = cpus();
    domains = List.copyOf(domains(clients.devices().size()));
    devices = List.copyOf(devices(domains.size()));
    this.journal = journal(journal);
  }

  /** A host of this kind, in a run with {@code seed}. */
  HostSpec host(int host, long seed) {
    return new HostSpec(
        host,
        SplitMix.derive(seed, host),
        cpus,
        durationNs,
        costs,
        units,
        domains,
        devices,
        clients.specs(host),
        journal);
  }

  private int cpus() {
    if (settings.is("cpus", "auto")) {
      return clients.cpus();
    }
    int cpus = settings.count("cpus", 1, MAX_CPUS);
    if (cpus < clients.cpus()) {
      throw settings.wrong(
          "cpus", "%d CPUs are too few, the clients need %d".formatted(cpus, clients.cpus()));
    }
    return cpus;
  }

  private List<DomainSpec> domains(int devices) {
    DomainSpec domain = domain(settings.section("iommu"));
    return Collections.nCopies(domains(settings, devices), domain);
  }

  /** How many domains a machine with so many devices has; device d is in domain d mod that. */
  static int domains(Settings settings, int devices) {
    boolean shared =
        settings.section("iommu").choice("domains", Map.of("shared", true, "per-device", false));
    return shared ? 1 : devices;
  }

  /** What every domain of a machine is. */
  static DomainSpec domain(Settings iommu) {
    int bits = iommu.count("address-bits", 20, 57);
    int levels = iommu.count("levels", 4, 5);
    if (bits > Granule.SHIFT + BITS_OF_A_LEVEL * levels) {
      throw iommu.wrong(
          "address-bits",
          "%d bits do not fit a page table of %d levels, which translates %d"
              .formatted(bits, levels, Granule.SHIFT + BITS_OF_A_LEVEL * levels));
    }
    return new DomainSpec(
        0,
        iommu.choice("mode", Settings.labelled(Stream.of(IommuMode.values()), IommuMode::label)),
        iova(iommu.section("iova")),
        (1L << (bits - Granule.SHIFT)) - 1,
        iommu.flag("pci"),
        reserved(iommu),
        pageSizes(iommu),
        levels,
        flush(iommu.section("flush-queue")),
        powerOfTwo(iommu, "segment-boundary", Granule.BYTES, 1L << 57) - 1,
        iommu.quantity("max-segment", Quantity.SIZE, Granule.BYTES, (1L << 32) - 1));
  }

  /** Sizes of the IOVA caches. */
  static IovaParameters iova(Settings iova) {
    int limit =
        iova.is("depot-limit", "unbounded")
            ? IovaParameters.UNBOUNDED
            : iova.count("depot-limit", 0, Integer.MAX_VALUE - 1);
    int keep =
        iova.is("depot-keep", "cpus")
            ? IovaParameters.ONLINE_CPUS
            : iova.count("depot-keep", 0, Integer.MAX_VALUE);
    return new IovaParameters(
        iova.count("magazine-size", 1, 65_536),
        iova.count("max-cached-order", -1, 20),
        limit,
        keep);
  }

  private static FlushSpec flush(Settings flush) {
    return new FlushSpec(
        flush.flag("single"),
        (int) powerOfTwo(flush, "entries", 2, 1 << 20),
        flush.quantity("timeout", Quantity.TIME, 1, 3600 * SECOND_NS));
  }

  private static List<long[]> reserved(Settings iommu) {
    List<long[]> ranges = new ArrayList<>();
    for (ConfigValue pair : iommu.list("reserved")) {
      Settings ends =
          pair instanceof ConfigList list && list.size() == 2 ? ends(iommu, list) : null;
      if (ends == null) {
        throw iommu.wrong("reserved", "must hold pairs such as [0xfee00000, 0xfeefffff]");
      }
      long first = ends.whole("first", 0, (1L << 57) - 1);
      long last = ends.whole("last", first, (1L << 57) - 1);
      ranges.add(new long[] {Granule.pfn(first), Granule.pfn(last)});
    }
    return ranges;
  }

  private static Settings ends(Settings iommu, ConfigList pair) {
    ConfigObject ends =
        ConfigValueFactory.fromMap(Map.of())
            .withValue("first", pair.get(0))
            .withValue("last", pair.get(1));
    return iommu.inside(ends, "reserved");
  }

  private static long pageSizes(Settings iommu) {
    long bitmap = 0;
    for (ConfigValue size : iommu.list("page-sizes")) {
      Settings one = iommu.with("page-sizes", size);
      bitmap |= powerOfTwo(one, "page-sizes", Granule.BYTES, 1L << 39);
    }
    if ((bitmap & Granule.BYTES) == 0) {
      throw iommu.wrong("page-sizes", "must hold 4KiB, the granule");
    }
    return bitmap;
  }

  private static long powerOfTwo(Settings settings, String key, long min, long max) {
    long value = settings.quantity(key, Quantity.SIZE, min, max);
    if (Long.bitCount(value) != 1) {
      throw settings.wrong(key, value + " is not a power of two");
    }
    return value;
  }

  private List<DeviceSpec> devices(int domains) {
    Settings device = settings.section("device");
    List<DeviceSpec> devices = new ArrayList<>();
    for (String name : clients.devices()) {
      devices.add(
          new DeviceSpec(
              name,
              devices.size() % domains,
              device.quantity("latency", Quantity.TIME, 0, SECOND_NS),
              device.quantity("jitter", Quantity.TIME, 0, SECOND_NS),
              device.count("parallel", 1, 65_536),
              device.quantity("bandwidth", Quantity.BANDWIDTH, 1_000, 1_000_000_000_000_000L),
              device.quantity("per-page", Quantity.TIME, 0, SECOND_NS),
              device.quantity("completion", Quantity.TIME, 0, SECOND_NS)));
    }
    return devices;
  }

  private static JournalSpec journal(Settings journal) {
    return new JournalSpec(
        true,
        journal.count("batch-events", 1, 1 << 20),
        journal.quantity("batch-interval", Quantity.TIME, 1, 3600 * SECOND_NS),
        journal.count("credits", 1, 1024),
        journal.is("checkpoint-events", "never")
            ? 0
            : journal.count("checkpoint-events", 1, Integer.MAX_VALUE));
  }
}
