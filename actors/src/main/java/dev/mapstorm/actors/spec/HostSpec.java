package dev.mapstorm.actors.spec;

import java.util.List;

/**
 * One simulated machine, complete: what {@code (spec)} says determines every event of the host.
 *
 * @param host its number in the run
 * @param seed from which every random source of the host is derived
 * @param cpus possible and online CPUs
 * @param nodes of the CPUs and the units
 * @param endNs instant at which its clock stops; work in flight is left where it is
 * @param costs of its platform
 * @param iommus its units
 * @param domains its domains
 * @param devices its devices
 * @param clients its DMA clients; a client's number is its index
 * @param journal how its events are batched
 */
public record HostSpec(
    int host,
    long seed,
    int cpus,
    Nodes nodes,
    long endNs,
    Costs costs,
    List<IommuSpec> iommus,
    List<DomainSpec> domains,
    List<DeviceSpec> devices,
    List<ClientSpec> clients,
    JournalSpec journal) {

  /** Keeps unmodifiable copies. */
  public HostSpec {
    iommus = List.copyOf(iommus);
    domains = List.copyOf(domains);
    devices = List.copyOf(devices);
    clients = List.copyOf(clients);
  }

  /** The same machine with its events batched in another way. */
  public HostSpec with(JournalSpec other) {
    return new HostSpec(
        host, seed, cpus, nodes, endNs, costs, iommus, domains, devices, clients, other);
  }
}
