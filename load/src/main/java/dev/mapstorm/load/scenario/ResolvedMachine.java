package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.IommuMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the resolved text of a scenario says about one kind of machine. */
public final class ResolvedMachine {
  private final String name;
  private final Settings settings;
  private final PlatformProfile platform;

  ResolvedMachine(MixElement element) {
    name = element.name();
    settings = element.settings();
    platform = PlatformProfile.of(settings.object("platform"));
  }

  /** What the mix calls it; empty if all machines of the scenario are alike. */
  public String name() {
    return name;
  }

  /** The costs. */
  public PlatformProfile platform() {
    return platform;
  }

  /** Sizes of the IOVA caches of every domain. */
  public IovaParameters iova() {
    return DomainReader.iova(settings.section("iommu").section("iova"));
  }

  /** Names of its devices, by number. */
  public List<String> devices() {
    return hasRecordedClients()
        ? TracedClients.devices(settings)
        : SyntheticClients.devices(settings);
  }

  /** Whether its clients are those of a kernel trace, repeated from it or from a journal. */
  boolean hasRecordedClients() {
    return !TracedClients.devices(settings).isEmpty();
  }

  /** How many clients it has. */
  int clients() {
    return hasRecordedClients() ? devices().size() : SyntheticClients.count(settings);
  }

  /**
   * What runs on it, in words: 4 clients: 128 KiB reads, depth 32, api batch; strict. Made of its
   * settings, which may differ from what its scenario's description says.
   */
  String outline() {
    return clientsOutline() + "; " + mode().label();
  }

  private String clientsOutline() {
    if (hasRecordedClients()) {
      return "%s of a trace, api %s"
          .formatted(
              Units.things(devices().size(), "device"), settings.section("client").text("api"));
    }
    boolean rerun = !settings.is("requests", "none");
    Map<String, Integer> groups = new LinkedHashMap<>();
    for (String client :
        SyntheticClients.read(
            settings,
            new ClientReader<>(
                devices().size(),
                (client, name, device, cpus, api, batch) ->
                    "%s, api %s"
                        .formatted(
                            rerun ? "requests of a run" : ClientReader.outline(client),
                            api.label())))) {
      groups.merge(client, 1, Integer::sum);
    }
    return groups.entrySet().stream()
        .map(group -> "%s: %s".formatted(Units.things(group.getValue(), "client"), group.getKey()))
        .collect(Collectors.joining("; "));
  }

  private DomainReader domain() {
    return new DomainReader(settings.section("iommu"));
  }

  /** What its domains do with what is unmapped. */
  public IommuMode mode() {
    return domain().mode();
  }

  /** {@code dma_get_seg_boundary} of its devices. */
  public long segmentBoundaryMask() {
    return domain().segmentBoundaryMask();
  }

  /** {@code dma_get_max_seg_size} of its devices. */
  public long maxSegmentBytes() {
    return domain().maxSegmentBytes();
  }

  /** The domain of device {@code device}. */
  public int domainOf(int device) {
    return device % MachineReader.domains(settings, devices().size());
  }

  /** Its clients, by number. */
  public List<ClientOutline> outlines() {
    List<String> devices = devices();
    if (hasRecordedClients()) {
      return IntStream.range(0, devices.size())
          .mapToObj(i -> new ClientOutline(devices.get(i), i, 0))
          .toList();
    }
    // Of a rerun the scenario does not say what clients ask for, so that must not be read.
    return SyntheticClients.read(
        settings,
        new ClientReader<>(
            devices.size(),
            (client, name, device, cpus, api, batch) ->
                new ClientOutline(name, device, cpus.submits())));
  }
}
