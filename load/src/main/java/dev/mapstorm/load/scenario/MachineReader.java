package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.host.Kinds;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.actors.spec.Nodes;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.Limits;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Reads what a kind of machine consists of. Its hosts share all of it but for their numbers, their
 * seeds and, where they repeat requests, their clients.
 */
final class MachineReader {
  static final int MAX_HOSTS = 100_000;
  private static final int MAX_NODES = 64;
  private static final long SECOND_NS = 1_000_000_000L;

  private final Settings settings;
  private final Clients clients;
  private final long durationNs;
  private final PlatformProfile platform;
  private final List<IommuSpec> units;
  private final int cpus;
  private final Nodes nodes;
  private final List<DomainSpec> domains;
  private final List<DeviceSpec> devices;
  private final JournalSpec journal;

  /** Reads a kind; {@code journal} is how all hosts of the run are journaled. */
  MachineReader(MachineKind kind, Settings journal, long durationNs) {
    settings = kind.element().settings();
    clients = kind.clients();
    this.durationNs = durationNs;
    platform = kind.platform();
    units = List.of(platform.unit());
    cpus = cpus();
    nodes = nodes();
    DomainReader iommu = new DomainReader(settings.section("iommu"));
    int count = domains(settings, clients.devices().size());
    domains = List.copyOf(domains(iommu, count));
    devices =
        List.copyOf(
            new DeviceReader(iommu.sacFirst(), Kinds.ALL.of(units.get(0)))
                .read(settings, clients.devices(), domains.size()));
    this.journal = journal(journal);
  }

  private List<DomainSpec> domains(DomainReader iommu, int count) {
    BitSet unmanaged = clients.unmanagedDevices();
    if (!unmanaged.isEmpty() && count < clients.devices().size()) {
      throw settings
          .section("iommu")
          .wrong(
              "domains",
              "cannot be shared: device %s is used by the IOMMU API, in a domain of its own"
                  .formatted(clients.devices().get(unmanaged.nextSetBit(0))));
    }
    List<DomainSpec> all = new ArrayList<>(Collections.nCopies(count, iommu.spec(platform, cpus)));
    unmanaged.stream().forEach(device -> all.set(device, iommu.unmanaged()));
    return all;
  }

  /** A host of this kind, in a run with {@code seed}. */
  HostSpec host(int host, long seed) {
    return new HostSpec(
        host,
        SplitMix.derive(seed, host),
        cpus,
        nodes,
        durationNs,
        platform.costs(),
        units,
        domains,
        devices,
        clients.specs(host),
        journal);
  }

  private Nodes nodes() {
    int count = settings.count("nodes", 1, MAX_NODES);
    if (count > cpus) {
      throw settings.wrong("nodes", "must be up to the %d CPUs, is %d".formatted(cpus, count));
    }
    return Nodes.of(count, cpus, settings.section("iommu").count("node", 0, count - 1));
  }

  private int cpus() {
    if (settings.is("cpus", "auto")) {
      return clients.cpus();
    }
    int cpus = settings.count("cpus", 1, Limits.CPUS);
    if (cpus < clients.cpus()) {
      throw settings.wrong(
          "cpus", "%d CPUs are too few, the clients need %d".formatted(cpus, clients.cpus()));
    }
    return cpus;
  }

  /**
   * How many domains a machine with so many devices has; device d is in domain d mod that. The
   * default pool of bounce buffers is the machine's, so its devices are one domain.
   */
  static int domains(Settings settings, int devices) {
    boolean shared =
        SwiotlbReader.isMachines(settings.section("iommu").section("swiotlb"))
            | settings
                .section("iommu")
                .choice("domains", Map.of("shared", true, "per-device", false));
    return shared ? 1 : devices;
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
