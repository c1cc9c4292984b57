package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.protocol.Limits;
import dev.mapstorm.protocol.MapApi;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;

/** Clients that make their requests up, as {@code clients} and {@code client} say. */
final class SyntheticClients implements Clients {
  private final List<ClientSpec> specs;
  private final List<String> devices;
  private final int cpus;

  /** Reads them. */
  SyntheticClients(Settings settings) {
    devices = devices(settings);
    ClientReader<ClientSpec> reader = new ClientReader<>(devices.size(), ClientReader::synthetic);
    specs = List.copyOf(read(settings, reader));
    cpus = reader.cpus();
    BitSet unmanaged = unmanagedDevices();
    for (ClientSpec client : specs) {
      boolean byIommuApi = ((ClientSpec.Synthetic) client).api() == MapApi.IOMMU;
      if (unmanaged.get(client.device()) && !byIommuApi) {
        throw settings.wrong(
            "clients",
            "client %s uses the DMA API of a device that others map for with api = iommu"
                .formatted(client.name()));
      }
    }
  }

  /** Names of the devices: as the scenario says, numbered when there are several. */
  static List<String> devices(Settings settings) {
    return DeviceReader.names(settings);
  }

  /** How many clients the groups have together. */
  static int count(Settings settings) {
    if (!settings.isList("clients")) {
      return settings.count("clients", 1, Limits.CPUS);
    }
    int count = 0;
    for (ConfigValue group : settings.list("clients")) {
      count += count(settings.inside((ConfigObject) group, "clients"), (ConfigObject) group);
    }
    return count;
  }

  private static int count(Settings group, ConfigObject content) {
    return content.containsKey("count") ? group.count("count", 1, Limits.CPUS) : 1;
  }

  /**
   * All clients, group by group, as {@code reader} makes them.
   *
   * @param <C> what it makes
   */
  static <C> List<C> read(Settings settings, ClientReader<C> reader) {
    ConfigObject template = settings.object("client");
    if (!settings.isList("clients")) {
      reader.group(settings.section("client"), settings.count("clients", 1, Limits.CPUS));
      checkCpus(settings, reader);
      return reader.clients();
    }
    ConfigList groups = settings.list("clients");
    for (int i = 0; i < groups.size(); i++) {
      ConfigObject group = (ConfigObject) groups.get(i);
      Settings each = settings.inside(group.withFallback(template), "clients[" + i + "]");
      reader.group(each, count(each, group));
    }
    if (reader.clients().isEmpty() || reader.clients().size() > Limits.CPUS) {
      throw settings.wrong("clients", "must give 1 to " + Limits.CPUS + " clients");
    }
    checkCpus(settings, reader);
    return reader.clients();
  }

  private static void checkCpus(Settings settings, ClientReader<?> reader) {
    if (reader.cpus() > Limits.CPUS) {
      throw settings.wrong(
          "clients", "run on %d CPUs; a machine has %d".formatted(reader.cpus(), Limits.CPUS));
    }
  }

  @Override
  public List<ClientSpec> specs(int host) {
    return specs;
  }

  @Override
  public List<String> devices() {
    return devices;
  }

  @Override
  public BitSet unmanagedDevices() {
    BitSet unmanaged = new BitSet();
    for (ClientSpec client : specs) {
      if (((ClientSpec.Synthetic) client).api() == MapApi.IOMMU) {
        unmanaged.set(client.device());
      }
    }
    return unmanaged;
  }

  @Override
  public int cpus() {
    return cpus;
  }

  @Override
  public OptionalLong spanNs() {
    return OptionalLong.empty();
  }
}
